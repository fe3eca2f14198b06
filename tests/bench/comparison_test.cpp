#include "bench/comparison.hpp"

#include "tests/bench/samples.hpp"
#include "tests/data/files.hpp"

#include <doctest/doctest.h>

using namespace poseaug;
using namespace poseaug::bench;
using testing::contains;

namespace {

using Seconds = std::vector<double>;

BenchResults run_of(Seconds seconds) {
    BenchResults results;
    results.rows = {{.name = "infer/mlp/1024/cpu/float32", .seconds = std::move(seconds)}};
    return results;
}

ComparedRow compared(Seconds before, Seconds after) {
    return compare(run_of(std::move(before)), run_of(std::move(after))).rows.at(0);
}

Verdict verdict(Seconds before, Seconds after) { return compared(std::move(before), std::move(after)).verdict; }

Seconds times(double factor, Seconds seconds) {
    for (double& s : seconds) s *= factor;
    return seconds;
}

const Seconds kSteady = {1.000, 1.001, 1.002, 0.999, 0.998};
const Seconds kNoisy = {1.00, 1.15, 0.85, 1.30, 0.80};

} // namespace

TEST_CASE("a clear change of steady times is flagged, either way") {
    CHECK(verdict(kSteady, times(1.05, kSteady)) == Verdict::slower);
    CHECK(verdict(times(1.05, kSteady), kSteady) == Verdict::faster);
    CHECK(verdict(kSteady, kSteady) == Verdict::same);
}

TEST_CASE("a change within the noise that was measured is none") {
    CHECK(verdict(kNoisy, times(1.2, kNoisy)) == Verdict::same);
    CHECK(verdict(times(1.2, kNoisy), kNoisy) == Verdict::same);
    CHECK(verdict(kNoisy, times(1.2, kSteady)) == Verdict::same);
    CHECK(verdict(kNoisy, times(2.5, kNoisy)) == Verdict::slower);
}

TEST_CASE("the noise of a row is three spreads of both runs") {
    CHECK(compared(kNoisy, kNoisy).noise == doctest::Approx(3 * std::sqrt(2.0) * 0.15));
    CHECK(compared(kNoisy, kSteady).noise == doctest::Approx(3 * std::hypot(0.15, 0.001)));
}

TEST_CASE("a change of less than three percent is not flagged, however certain") {
    CHECK(compared(kSteady, kSteady).noise == doctest::Approx(0.03));
    CHECK(verdict(kSteady, times(1.025, kSteady)) == Verdict::same);
    CHECK(verdict(kSteady, times(1.035, kSteady)) == Verdict::slower);
}

TEST_CASE("quartiles that overlap keep a change from being flagged") {
    const Seconds below = {1, 1, 1, 1.5, 1.5};
    const Seconds above = {1.45, 1.45, 2, 2, 2};
    CHECK(compared(below, above).ratio() > 1 + compared(below, above).noise);
    CHECK(verdict(below, above) == Verdict::same);
}

TEST_CASE("with a single repetition ten percent is taken for noise") {
    CHECK_FALSE(compared({1}, {1}).noise_measured);
    CHECK(compared({1}, {1}).noise == doctest::Approx(0.10));
    CHECK(verdict({1}, {1.09}) == Verdict::same);
    CHECK(verdict({1}, {1.11}) == Verdict::slower);
    CHECK(verdict({1.11}, {1}) == Verdict::faster);
    CHECK(verdict(kSteady, {1.08}) == Verdict::same);
    CHECK(verdict(kNoisy, {1.4}) == Verdict::same);
    CHECK(contains(comparison_table(compare(run_of({1}), run_of({1.2}))), "measured once"));
    CHECK_FALSE(contains(comparison_table(compare(run_of(kSteady), run_of(kSteady))), "measured once"));
}

TEST_CASE("rows of one run only are named and make nothing slower") {
    const BenchResults all = test::sample_results();
    BenchResults fewer = all;
    fewer.rows.erase(fewer.rows.begin());
    const Comparison gone = compare(all, fewer), added = compare(fewer, all);
    CHECK(gone.rows.size() == all.rows.size());
    CHECK(gone.rows[0].verdict == Verdict::only_old);
    CHECK(added.rows[0].verdict == Verdict::only_new);
    CHECK(added.rows[0].name == all.rows[0].name);
    CHECK_FALSE(gone.any_slower());
    CHECK_FALSE(added.any_slower());
    CHECK(contains(comparison_table(gone), "only in old"));
    CHECK(contains(comparison_table(added), "only in new"));
}

TEST_CASE("the table of a comparison begins with its verdict and shows the worst row first") {
    const BenchResults before = test::sample_results();
    BenchResults after = before;
    after.rows[1].seconds = times(0.5, after.rows[1].seconds);
    after.rows[3].seconds = times(1.2, after.rows[3].seconds);
    after.rows[6].seconds = times(1.5, after.rows[6].seconds);
    const Comparison comparison = compare(before, after);
    CHECK(comparison.any_slower());
    CHECK(comparison.rows[0].name == before.rows[6].name);
    CHECK(comparison.rows[1].name == before.rows[3].name);
    CHECK(comparison.rows[2].name == before.rows[1].name);
    const std::string table = comparison_table(comparison);
    CHECK(table.starts_with("SLOWER: 2 slower, 1 faster, 6 same\n"));
    CHECK(contains(table, "1.500"));
    CHECK_FALSE(contains(table, "warning"));
    CHECK(comparison_table(compare(before, before)).starts_with("no row is slower"));
}

TEST_CASE("another device, number of threads or kind of build is warned of") {
    const BenchResults before = test::sample_results();
    BenchResults after = before;
    CHECK(compare(before, after).warnings.empty());
    after.device = "another";
    after.threads = 1;
    after.build = "Debug";
    after.version = "a newer one"; // which is what runs are compared for
    const Comparison comparison = compare(before, after);
    CHECK(comparison.warnings.size() == 3);
    const std::string table = comparison_table(comparison);
    CHECK(contains(table, "warning: the device differs"));
    CHECK(contains(table, "warning: the number of threads differs: old '2', new '1'"));
    CHECK(contains(table, "warning: the kind of build differs"));
}

TEST_CASE("of a training's memory the peak is compared, not the time that measuring it took") {
    const auto run = [](double peak, double seconds) {
        BenchResults results = run_of({seconds, seconds});
        results.rows[0].memory = TrainingMemory{.peak = peak};
        return results;
    };
    CHECK(compare(run(1e9, 1), run(1e9, 2)).rows.at(0).verdict == Verdict::same);
    CHECK(compare(run(1e9, 1), run(1.05e9, 1)).rows.at(0).verdict == Verdict::same);
    const Comparison larger = compare(run(1e9, 1), run(2e9, 1));
    CHECK(larger.rows.at(0).verdict == Verdict::slower);
    CHECK(contains(comparison_table(larger), "1000 MB"));
    CHECK(contains(comparison_table(larger), "2000 MB"));
    CHECK_FALSE(contains(comparison_table(larger), "measured once")); // repeating would not help
}
