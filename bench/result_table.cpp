#include "bench/result_table.hpp"

#include "bench/roofline.hpp"
#include "bench/text_columns.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace poseaug::bench {

namespace {

using Cells = std::vector<std::string>;

const Cells kHeading = {"time", "+-%", "GB/s", "GFLOP/s", "roof", "bound"};

std::string rate_text(double count, double seconds) { return count > 0 ? number_text(count / seconds / 1e9) : "-"; }

/// The columns of kHeading.
Cells figures(const BenchResults& results, const BenchRow* row) {
    if (!row) return Cells(kHeading.size(), "");
    const double seconds = row->median();
    const auto roof = roofline_share(results, *row);
    return {time_text(seconds),
            row->seconds.size() > 1 ? fmt::format("{:.1f}", 100 * row->spread()) : "-",
            rate_text(row->bytes, seconds),
            rate_text(row->flops, seconds),
            roof ? fmt::format("{:.0f}%", 100 * roof->share) : "-",
            roof ? (roof->memory_binds ? "mem" : "arith") : "-"};
}

void append(Cells& cells, const Cells& more) { cells.insert(cells.end(), more.begin(), more.end()); }

struct NamedRow {
    BenchName name;
    const BenchRow* row;
};

constexpr const char *kOps = "ops", *kSteps = "steps", *kMemory = "memory in MB";

/// Rows of one batch, device and precision, in their order.
struct Group {
    std::string title;
    std::vector<NamedRow> rows;
};

/// What the rows of a group have in common; rows of the same kind are in groups of one table.
std::string title_of(const char* kind, const BenchName& name) {
    if (name.kind == "read") return fmt::format("reading a data folder of {} poses", name.batch);
    return fmt::format("{}, batch {}, {}, {}", kind, name.batch, name.device, name.precision);
}

std::vector<Group> grouped(const BenchResults& results, const char* kind) {
    const auto kind_of = [](const BenchRow& row, const BenchName& name) {
        return name.is_op() ? kOps : row.memory ? kMemory : kSteps;
    };
    std::vector<Group> groups;
    for (const BenchRow& row : results.rows) {
        const auto name = parse_name(row.name);
        if (!name || kind_of(row, *name) != kind) continue;
        const std::string title = title_of(kind, *name);
        auto group = std::ranges::find(groups, title, &Group::title);
        if (group == groups.end()) group = groups.insert(group, {title, {}});
        group->rows.push_back({*name, &row});
    }
    return groups;
}

std::string table_of_ops(const BenchResults& results, const Group& group) {
    const auto row_of = [&](const std::string& op, const char* direction) -> const BenchRow* {
        for (const NamedRow& r : group.rows)
            if (r.name.subject == op && r.name.direction == direction) return r.row;
        return nullptr;
    };
    Cells above = {"", "forward", "", "", "", "", "", "|", "backward"}, heading = {"op"};
    append(heading, kHeading);
    heading.emplace_back("|");
    append(heading, kHeading);
    std::vector<Cells> lines = {above, heading};
    for (const NamedRow& r : group.rows) {
        const std::string& op = r.name.subject;
        if (std::ranges::any_of(lines, [&](const Cells& line) { return line.front() == op; })) continue;
        lines.push_back({op});
        append(lines.back(), figures(results, row_of(op, "forward")));
        lines.back().emplace_back("|");
        append(lines.back(), figures(results, row_of(op, "backward")));
    }
    return text_columns(lines, 1, 1);
}

std::string table_of_steps(const BenchResults& results, const Group& group) {
    std::vector<Cells> lines = {{"step", "model"}};
    append(lines.back(), kHeading);
    lines.back().emplace_back("poses/s");
    for (const NamedRow& r : group.rows) {
        lines.push_back({r.name.kind, r.name.subject});
        append(lines.back(), figures(results, r.row));
        lines.back().push_back(r.row->poses > 0 ? number_text(r.row->poses / r.row->median()) : "-");
    }
    return text_columns(lines, 2);
}

/// Of those steps that were measured on one thread of the CPU and on more.
std::string table_of_scaling(const BenchResults& results) {
    constexpr std::string_view one = "/cpu_1_thread/";
    std::vector<Cells> lines = {{"from 1 thread", "model", "batch", "1 thread", "all", "gain"}};
    for (const BenchRow& row : results.rows) {
        const auto at = row.name.find(one);
        const auto name = parse_name(row.name);
        if (at == std::string::npos || !name) continue;
        const std::string all = std::string(row.name).replace(at, one.size(), "/cpu/");
        const auto found = std::ranges::find(results.rows, all, &BenchRow::name);
        if (found == results.rows.end()) continue;
        lines.push_back({name->kind, name->subject, std::to_string(name->batch), time_text(row.median()),
                         time_text(found->median()), fmt::format("{:.2f}", row.median() / found->median())});
    }
    if (lines.size() == 1) return "";
    return fmt::format("\nto {} threads\n", results.threads) + text_columns(lines, 2);
}

/// How much of an iteration its products take at the rates that their own shapes reach alone.
std::string table_of_products(const BenchResults& results) {
    std::vector<Cells> lines = {{"products of an iteration", "batch", "alone", "iteration", "share"}};
    for (const BenchRow& row : results.rows) {
        const auto name = parse_name(row.name);
        if (!name || name->kind != "products") continue;
        const std::string iteration = "iteration" + row.name.substr(name->kind.size());
        const auto found = std::ranges::find(results.rows, iteration, &BenchRow::name);
        if (found == results.rows.end()) continue;
        lines.push_back({name->subject, std::to_string(name->batch), time_text(row.median()),
                         time_text(found->median()), fmt::format("{:.0f}%", 100 * row.median() / found->median())});
    }
    return lines.size() > 1 ? "\n" + text_columns(lines) : "";
}

constexpr std::string_view kOneCore = "one_core/", kScalar = "/scalar", kPacks = "/packs";

/// Pose ops on one core: packs beside a plain loop over the poses, by the fastest repetition of each.
std::string table_of_packs(const BenchResults& results) {
    const auto least = [](const BenchRow& row) { return *std::ranges::min_element(row.seconds); };
    std::vector<Cells> lines = {{"one core, batch in the cache", "scalar", "packs", "gain"}};
    for (const BenchRow& row : results.rows) {
        if (!row.name.starts_with(kOneCore) || !row.name.ends_with(kScalar)) continue;
        const std::string name = row.name.substr(0, row.name.size() - kScalar.size());
        const auto packs = std::ranges::find(results.rows, name + std::string(kPacks), &BenchRow::name);
        if (packs == results.rows.end()) continue;
        lines.push_back({name.substr(kOneCore.size()), time_text(least(row)), time_text(least(*packs)),
                         fmt::format("{:.1f}", least(row) / least(*packs))});
    }
    return lines.size() > 1 ? "\n" + text_columns(lines) : "";
}

/// A training's memory: what it cannot do without, its sum, the peak that the process came to, and the same with the
/// poses that an epoch makes.
std::string table_of_memory(const Group& group) {
    const auto megabytes = [](double bytes) { return number_text(bytes / 1e6); };
    std::vector<Cells> lines = {{"model", "parameters", "moments", "data", "activations", "sum", "peak", "peak / sum",
                                 "made", "peak / (sum + made)"}};
    const auto ratio = [](double peak, double of) { return of > 0 ? fmt::format("{:.2f}", peak / of) : "-"; };
    for (const NamedRow& r : group.rows) {
        const TrainingMemory& m = *r.row->memory;
        lines.push_back({r.name.subject, megabytes(m.parameters), megabytes(m.moments), megabytes(m.data),
                         megabytes(m.activations), megabytes(m.base()), megabytes(m.peak), ratio(m.peak, m.base()),
                         megabytes(m.made), ratio(m.peak, m.base() + m.made)});
    }
    return text_columns(lines);
}

std::string table_of_others(const BenchResults& results) {
    std::vector<Cells> lines = {{"other"}};
    append(lines.back(), kHeading);
    for (const BenchRow& row : results.rows) {
        if (parse_name(row.name) || row.name.starts_with(kOneCore)) continue;
        lines.push_back({row.name});
        append(lines.back(), figures(results, &row));
    }
    return lines.size() > 1 ? "\n" + text_columns(lines) : "";
}

std::string legend(const BenchResults& results) {
    return fmt::format("{}; {}; poseaug {}\nceilings: {}\n"
                       "time: median of one call; +-%: half the distance of the quartiles of its repetitions;\n"
                       "roof: the time that the ceilings allow over the median; bound: by memory or "
                       "arithmetic\n",
                       results.device, results.date, results.version, ceilings_text(results.ceilings));
}

} // namespace

std::string ceilings_text(const Ceilings& ceilings) {
    std::string text;
    if (ceilings.copy_bytes_per_second > 0)
        text = fmt::format("copy {} GB/s", number_text(ceilings.copy_bytes_per_second / 1e9));
    for (const auto& [precision, flops] : ceilings.product_flops)
        text += fmt::format("{}product {} GFLOP/s ({})", text.empty() ? "" : ", ", number_text(flops / 1e9), precision);
    return text.empty() ? "not measured" : text;
}

std::string result_table(const BenchResults& results) {
    std::string text = legend(results);
    for (const Group& group : grouped(results, kOps)) text += "\n" + group.title + "\n" + table_of_ops(results, group);
    for (const Group& group : grouped(results, kSteps))
        text += "\n" + group.title + "\n" + table_of_steps(results, group);
    text += table_of_scaling(results) + table_of_products(results) + table_of_packs(results);
    for (const Group& group : grouped(results, kMemory)) text += "\n" + group.title + "\n" + table_of_memory(group);
    return text + table_of_others(results);
}

} // namespace poseaug::bench
