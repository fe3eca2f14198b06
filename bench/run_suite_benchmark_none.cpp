#include "bench/run_suite.hpp"
#include "kernels/error.hpp"

namespace poseaug::bench {
namespace {
[[noreturn]] void refuse() {
    throw Error("this build cannot measure, since it is without Google Benchmark (on Debian or Ubuntu: apt install "
                "libbenchmark-dev, and build again); `poseaug bench --dry-run` works");
}
} // namespace

std::vector<std::string> list_suite(const SuiteOptions&) { refuse(); }

BenchResults run_suite(const SuiteOptions&, const std::function<void(const std::string&)>&) { refuse(); }

} // namespace poseaug::bench
