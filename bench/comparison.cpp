#include "bench/comparison.hpp"

#include "bench/text_columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace poseaug::bench {

namespace {

constexpr double kSpreads = 3;            ///< how many spreads of both runs together a difference must exceed
constexpr double kLeastNoise = 0.03;      ///< of rows that both runs repeated
constexpr double kUnmeasuredNoise = 0.10; ///< of rows that either run measured once

/// Rank in the table and word of a verdict.
struct Word {
    Verdict verdict;
    const char* text;
};
constexpr std::array kWords = {Word{Verdict::slower, "slower"}, Word{Verdict::faster, "faster"},
                               Word{Verdict::only_old, "only in old"}, Word{Verdict::only_new, "only in new"},
                               Word{Verdict::same, "same"}};

auto word_of(Verdict verdict) { return std::ranges::find(kWords, verdict, &Word::verdict); }

const BenchRow* find_row(const BenchResults& results, const std::string& name) {
    const auto found = std::ranges::find(results.rows, name, &BenchRow::name);
    return found == results.rows.end() ? nullptr : &*found;
}

Verdict verdict_of(const BenchRow& before, const BenchRow& after, double noise, bool noise_measured) {
    const auto beyond_noise = [&](const BenchRow& slow, const BenchRow& fast) {
        return slow.median() > fast.median() * (1 + noise) &&
               (!noise_measured || slow.quartiles().first > fast.quartiles().second);
    };
    if (beyond_noise(after, before)) return Verdict::slower;
    return beyond_noise(before, after) ? Verdict::faster : Verdict::same;
}

/// A row with what is compared of it in place of the times: of a training's memory the peak.
BenchRow compared_figures(const BenchRow& row) {
    if (!row.memory) return row;
    return {.name = row.name, .seconds = {row.memory->peak}};
}

ComparedRow only_in(const BenchRow& one, Verdict verdict) {
    ComparedRow row;
    row.name = one.name;
    row.verdict = verdict;
    row.of_memory = one.memory.has_value();
    (verdict == Verdict::only_old ? row.before : row.after) = compared_figures(one).median();
    return row;
}

ComparedRow compared(const BenchRow& old_row, const BenchRow& new_row) {
    const BenchRow before = compared_figures(old_row), after = compared_figures(new_row);
    ComparedRow row;
    row.name = before.name;
    row.before = before.median();
    row.after = after.median();
    row.noise_measured = before.seconds.size() > 1 && after.seconds.size() > 1;
    row.of_memory = old_row.memory && new_row.memory;
    row.noise = std::max(kSpreads * std::hypot(before.spread(), after.spread()),
                         row.noise_measured ? kLeastNoise : kUnmeasuredNoise);
    row.verdict = verdict_of(before, after, row.noise, row.noise_measured);
    return row;
}

double size_of_difference(const ComparedRow& row) {
    return row.before > 0 && row.after > 0 ? std::abs(std::log(row.ratio())) : 0;
}

void warn(Comparison& comparison, const char* what, const std::string& before, const std::string& after) {
    if (before != after)
        comparison.warnings.push_back(fmt::format("{} differs: old '{}', new '{}'", what, before, after));
}

std::string count_text(std::size_t count, const char* what) { return fmt::format("{} {}", count, what); }

/// "1 of 12 slower, 0 faster, 11 same": the line a reader looks for.
std::string verdict_line(const Comparison& comparison) {
    std::string text;
    for (const Word& word : kWords) {
        const auto count =
            static_cast<std::size_t>(std::ranges::count(comparison.rows, word.verdict, &ComparedRow::verdict));
        const bool always = word.verdict == Verdict::slower || word.verdict == Verdict::faster;
        if (count > 0 || always) text += (text.empty() ? "" : ", ") + count_text(count, word.text);
    }
    return (comparison.any_slower() ? "SLOWER: " : "no row is slower beyond the noise: ") + text + "\n";
}

std::vector<std::string> line_of(const ComparedRow& row) {
    const auto text = [&](double figure) {
        if (figure <= 0) return std::string("-");
        return row.of_memory ? fmt::format("{:.0f} MB", figure / 1e6) : time_text(figure);
    };
    const bool in_both = row.before > 0 && row.after > 0;
    return {row.name,
            text(row.before),
            text(row.after),
            in_both ? fmt::format("{:.3f}", row.ratio()) : "-",
            in_both ? fmt::format("{:.1f}%{}", 100 * row.noise, row.noise_measured || row.of_memory ? "" : "?") : "-",
            word_of(row.verdict)->text};
}

} // namespace

bool Comparison::any_in_both() const {
    return std::ranges::any_of(rows, [](const ComparedRow& row) {
        return row.verdict != Verdict::only_old && row.verdict != Verdict::only_new;
    });
}

bool Comparison::any_slower() const {
    return std::ranges::find(rows, Verdict::slower, &ComparedRow::verdict) != rows.end();
}

Comparison compare(const BenchResults& old_results, const BenchResults& new_results) {
    Comparison comparison;
    warn(comparison, "the device", old_results.device, new_results.device);
    warn(comparison, "the number of threads", std::to_string(old_results.threads), std::to_string(new_results.threads));
    warn(comparison, "the kind of build", old_results.build, new_results.build);
    for (const BenchRow& row : old_results.rows) {
        if (const BenchRow* after = find_row(new_results, row.name)) comparison.rows.push_back(compared(row, *after));
        else comparison.rows.push_back(only_in(row, Verdict::only_old));
    }
    for (const BenchRow& row : new_results.rows)
        if (!find_row(old_results, row.name)) comparison.rows.push_back(only_in(row, Verdict::only_new));
    std::ranges::stable_sort(comparison.rows, [](const ComparedRow& a, const ComparedRow& b) {
        const auto rank_a = word_of(a.verdict), rank_b = word_of(b.verdict);
        return rank_a != rank_b ? rank_a < rank_b : size_of_difference(a) > size_of_difference(b);
    });
    return comparison;
}

std::string comparison_table(const Comparison& comparison) {
    std::string text = verdict_line(comparison);
    for (const std::string& warning : comparison.warnings) text += "warning: " + warning + "\n";
    if (std::ranges::any_of(comparison.rows, [](const ComparedRow& r) { return !r.noise_measured && !r.of_memory; }))
        text += fmt::format("\"?\": measured once in one of the runs, so its noise is not known and {:.0f} % is taken; "
                            "repeat both runs\n",
                            100 * kUnmeasuredNoise);
    std::vector<std::vector<std::string>> lines = {{"benchmark", "old", "new", "new/old", "noise", "verdict"}};
    for (const ComparedRow& row : comparison.rows) lines.push_back(line_of(row));
    return text + "\n" + text_columns(lines);
}

} // namespace poseaug::bench
