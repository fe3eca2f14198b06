#pragma once
#include "bench/results.hpp"

namespace poseaug::bench {

enum class Verdict { slower, faster, same, only_old, only_new };

struct ComparedRow {
    std::string name;
    Verdict verdict = Verdict::same;
    double before = 0, after = 0; ///< medians in seconds, or peaks in bytes; 0 where there is none
    double noise = 0;             ///< relative difference from which on it counts: 0.03 is 3 %
    bool noise_measured = true;   ///< both runs repeated it
    bool of_memory = false;       ///< peaks of memory are compared, "slower" is larger

    /// New over old, above 1 when slower.
    double ratio() const { return after / before; }
};

struct Comparison {
    std::vector<std::string> warnings; ///< why the two runs may differ for other reasons than the code
    std::vector<ComparedRow> rows;     ///< slower, faster, only in one, same; the largest difference first

    bool any_slower() const;
    /// Whether there was anything to compare.
    bool any_in_both() const;
};

/// Matches rows by name. A row is slower if both hold:
/// - new median > old median (1 + noise), noise = max(3 sqrt(spread_old^2 + spread_new^2), 3 %), since alignment and
///   clocks move a program by a few percent from start to start, however steady it is within one;
/// - the two ranges from first to third quartile do not overlap.
/// Faster is the same with old and new exchanged. Where either run has a single repetition, its noise is not known: there
/// noise is at least 10 %, and quartiles decide nothing. So it is with the peak of a training's memory, which is compared
/// instead of its time.
Comparison compare(const BenchResults& old_results, const BenchResults& new_results);

/// A line of verdict, the warnings, then a line a row in the order of `rows`.
std::string comparison_table(const Comparison& comparison);

} // namespace poseaug::bench
