#include "tests/parity/case.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <regex>

using namespace poseaug;
using namespace poseaug::parity;

namespace {

std::vector<std::filesystem::path> case_files(const char* folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().extension() == ".npz") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

/// "objective_mlp_epoch20" is of the kind "objective mlp".
std::string kind_of(const std::string& name) {
    const std::string kind = std::regex_replace(name, std::regex("_(epoch[0-9]+|eval|train|dropout)$"), "");
    return std::regex_replace(kind, std::regex("^(objective|estimator|geometry)_"), "$1 ");
}

template <class T> bool run(Device& device, const Case& c) {
    return run_geometry<T>(device, c) || run_networks<T>(device, c) || run_training<T>(device, c);
}

template <class T> void run_all(const char* precision) {
    const char* folder = std::getenv("POSEAUG_CASES");
    if (!folder || !*folder) {
        MESSAGE("skipped: set POSEAUG_CASES to a folder of cases written by the reference");
        return;
    }
    const auto files = case_files(folder);
    REQUIRE_MESSAGE(!files.empty(), "no .npz case in ", folder);
    for (const auto& device : test::devices()) {
        std::map<std::string, int> counts;
        for (const auto& file : files) {
            const Case c(file);
            INFO(c.name(), ", ", precision, ", ", device->name());
            bool ran = false;
            REQUIRE_NOTHROW(ran = run<T>(*device, c));
            REQUIRE_MESSAGE(ran, "no such kind of case is known here");
            ++counts[kind_of(c.name())];
        }
        std::cout << "parity, " << precision << ", " << device->name() << ":\n";
        for (const auto& [kind, count] : counts) std::cout << "  " << kind << ": " << count << " ran\n";
    }
}

} // namespace

TEST_CASE("parity with the reference in float64") { run_all<double>("float64"); }
TEST_CASE("parity with the reference in float32") { run_all<float>("float32"); }
