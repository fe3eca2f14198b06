#include "bench/training_rig.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

using namespace poseaug;

namespace {

/// Nanoseconds that each thread of this process has computed; empty where the system does not tell.
std::map<std::string, double> computed() {
    std::map<std::string, double> threads;
    std::error_code none;
    for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task", none)) {
        std::ifstream file(thread.path() / "schedstat");
        if (double nanoseconds = 0; file >> nanoseconds) threads[thread.path().filename().string()] = nanoseconds;
    }
    return threads;
}

} // namespace

TEST_CASE("no more threads compute an iteration than were asked for: those of BLAS rest") {
    for (const int threads : {1, 2, 3}) {
        CAPTURE(threads);
        const auto device = open_device({.kind = "cpu", .threads = threads});
        bench::TrainingRig rig(*device, find_estimator("mlp"), 256, 2);
        const auto before = computed();
        if (before.empty()) {
            MESSAGE("skipped: the system does not tell what threads compute (/proc/self/task)");
            return;
        }
        rig.augmentor_steps({});
        rig.estimator_steps({});
        double all = 0;
        std::vector<double> each;
        for (const auto& [thread, nanoseconds] : computed()) {
            const auto found = before.find(thread);
            each.push_back(nanoseconds - (found == before.end() ? 0 : found->second));
            all += each.back();
        }
        constexpr double share_of_rest = 0.02; // waking up costs a little
        const auto at_work = std::ranges::count_if(each, [&](double spent) { return spent > share_of_rest * all; });
        CHECK(at_work >= 1);
        CHECK(at_work <= threads); // a busy machine may not let one of them work
    }
}
