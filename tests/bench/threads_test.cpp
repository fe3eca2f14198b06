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

/// How many threads computed a noteworthy share of an iteration.
std::ptrdiff_t at_work(bench::TrainingRig& rig) {
    const auto before = computed();
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
    return std::ranges::count_if(each, [&](double spent) { return spent > share_of_rest * all; });
}

} // namespace

TEST_CASE("as many threads compute an iteration as were asked for: those of BLAS rest") {
    if (computed().empty()) {
        MESSAGE("skipped: the system does not tell what threads compute (/proc/self/task)");
        return;
    }
    for (const int threads : {1, 2, 3}) {
        CAPTURE(threads);
        const auto device = open_device({.kind = "cpu", .threads = threads});
        bench::TrainingRig rig(*device, find_estimator("mlp"), 256, 2);
        std::ptrdiff_t most = 0;
        // a busy machine may not let all of them work the first time
        for (int attempt = 0; attempt < 20 && most < threads; ++attempt) most = std::max(most, at_work(rig));
        CHECK(most == threads);
    }
}
