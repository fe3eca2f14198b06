#include "bench/results.hpp"

#include "data/atomic_file.hpp"
#include "data/regular_file.hpp"
#include "kernels/error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace poseaug::bench {

namespace {

using nlohmann::json;

constexpr std::uint64_t kLargestFile = std::uint64_t{64} << 20;

constexpr const char* kDevice = "poseaug device";
constexpr const char* kDeviceKind = "poseaug device kind";
constexpr const char* kVersion = "poseaug version";
constexpr const char* kBuild = "poseaug build";
constexpr const char* kThreads = "poseaug threads";
constexpr const char* kCopy = "poseaug copy bytes/s";
constexpr const char* kProduct = "poseaug product FLOP/s "; ///< and the precision

/// The value below which a share of the sorted values lies, interpolated between neighbours.
double quantile(std::vector<double> values, double share) {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    const double place = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    return std::lerp(values[below], values[above], place - static_cast<double>(below));
}

std::vector<std::string> parts_of(std::string_view name) {
    std::vector<std::string> parts;
    for (std::size_t start = 0; start <= name.size();) {
        const std::size_t end = std::min(name.find('/', start), name.size());
        parts.emplace_back(name.substr(start, end - start));
        start = end + 1;
    }
    return parts;
}

/// A whole text as a number; none if it is anything else.
template <class T> std::optional<T> number_of(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// Reads the parts of one file, whose name stands in every complaint.
class ResultsFile {
public:
    explicit ResultsFile(const std::filesystem::path& path) : path_(path) {
        const std::vector<std::byte> bytes = read_whole(path, kLargestFile);
        const auto* text = reinterpret_cast<const char*>(bytes.data());
        all_ = json::parse(text, text + bytes.size(), nullptr, false);
        if (all_.is_discarded()) refuse("is not valid JSON; a run that was cut short leaves such a file");
    }

    BenchResults read() const {
        const json* context = member(all_, "context");
        const json* runs = member(all_, "benchmarks");
        if (!context || !context->is_object()) refuse("is no file of benchmark results: it has no object \"context\"");
        if (!runs || !runs->is_array()) refuse("is no file of benchmark results: it has no list \"benchmarks\"");
        BenchResults results = read_context(*context);
        for (std::size_t i = 0; i < runs->size(); ++i) take((*runs)[i], i, results);
        if (results.rows.empty())
            refuse("holds no measurement: every entry of \"benchmarks\" is an aggregate or an error");
        return results;
    }

private:
    [[noreturn]] void refuse(const std::string& why) const { throw Error(path_.string() + " " + why); }

    static const json* member(const json& object, const std::string& key) {
        if (!object.is_object()) return nullptr;
        const auto found = object.find(key);
        return found == object.end() ? nullptr : &*found;
    }

    BenchResults read_context(const json& context) const {
        if (!member(context, kDevice))
            refuse(fmt::format("is not of poseaug's suite: its context has no \"{}\"; write one with `poseaug bench`",
                               kDevice));
        BenchResults results;
        results.date = text(context, "date");
        results.device = text(context, kDevice);
        results.device_kind = text(context, kDeviceKind);
        results.version = text(context, kVersion);
        results.build = text(context, kBuild);
        results.threads = entry<int>(context, kThreads);
        results.ceilings.copy_bytes_per_second = entry<double>(context, kCopy);
        for (const auto& [key, value] : context.items())
            if (key.starts_with(kProduct))
                results.ceilings.product_flops[key.substr(std::string_view(kProduct).size())] =
                    entry<double>(context, key);
        return results;
    }

    /// A text of the context; empty where there is none.
    std::string text(const json& context, const std::string& key) const {
        const json* value = member(context, key);
        if (!value) return {};
        if (!value->is_string()) refuse(fmt::format("is damaged: \"{}\" of its context is no text", key));
        return value->get<std::string>();
    }

    /// A number of the context, which Google Benchmark writes as text; 0 where there is none.
    template <class T> T entry(const json& context, const std::string& key) const {
        if (!member(context, key)) return 0;
        const std::optional<T> value = number_of<T>(text(context, key));
        if (!value || !(*value >= 0) || !std::isfinite(static_cast<double>(*value)))
            refuse(fmt::format("is damaged: \"{}\" of its context is no number of at least 0", key));
        return *value;
    }

    /// Adds one run to its row.
    void take(const json& run, std::size_t index, BenchResults& results) const {
        const std::string place = fmt::format("entry {} of \"benchmarks\"", index + 1);
        const json* type = member(run, "run_type");
        if (type && *type == "aggregate") return;
        const json* failed = member(run, "error_occurred");
        if (failed && *failed == true) return;
        const json* name = member(run, "run_name");
        if (!name) name = member(run, "name");
        if (!name || !name->is_string()) refuse(place + " has no \"name\"");
        BenchRow& row = row_of(results, row_name(name->get<std::string>()));
        row.seconds.push_back(seconds_of(run, place + ", " + row.name + ","));
        row.bytes = counter(run, "bytes", place);
        row.flops = counter(run, "flops", place);
        row.poses = counter(run, "poses", place);
        if (member(run, memory_counter(kMemoryParts[0]).c_str())) {
            row.memory.emplace();
            for (const MemoryPart& part : kMemoryParts)
                *row.memory.*part.bytes = counter(run, memory_counter(part).c_str(), place);
        }
    }

    static BenchRow& row_of(BenchResults& results, const std::string& name) {
        const auto found = std::ranges::find(results.rows, name, &BenchRow::name);
        if (found != results.rows.end()) return *found;
        BenchRow& row = results.rows.emplace_back();
        row.name = name;
        return row;
    }

    double seconds_of(const json& run, const std::string& place) const {
        static const std::map<std::string, double> units = {{"ns", 1e9}, {"us", 1e6}, {"ms", 1e3}, {"s", 1}};
        const json* unit = member(run, "time_unit");
        const auto per_second = unit && unit->is_string() ? units.find(unit->get<std::string>()) : units.end();
        if (per_second == units.end()) refuse(place + " has no \"time_unit\" of ns, us, ms or s");
        const json* time = member(run, "real_time");
        if (!time || !time->is_number() || !(time->get<double>() > 0)) refuse(place + " has no \"real_time\" above 0");
        return time->get<double>() / per_second->second;
    }

    double counter(const json& run, const char* key, const std::string& place) const {
        const json* value = member(run, key);
        if (!value) return 0;
        if (!value->is_number() || !(value->get<double>() >= 0))
            refuse(fmt::format("{} has a counter \"{}\" that is no number of at least 0", place, key));
        return value->get<double>();
    }

    std::filesystem::path path_;
    json all_;
};

} // namespace

double BenchRow::median() const { return quantile(seconds, 0.5); }

std::pair<double, double> BenchRow::quartiles() const { return {quantile(seconds, 0.25), quantile(seconds, 0.75)}; }

double BenchRow::spread() const {
    if (seconds.size() < 2) return 0;
    const auto [first, third] = quartiles();
    return (third - first) / 2 / median();
}

std::optional<BenchName> parse_name(std::string_view name) {
    const std::vector<std::string> parts = parts_of(name);
    if (parts.size() != 5) return std::nullopt;
    const bool of_op = parts[0] == "op";
    const std::optional<int> batch = number_of<int>(parts[of_op ? 3 : 2]);
    if (!batch || *batch < 1) return std::nullopt;
    if (of_op) {
        if (parts[2] != "forward" && parts[2] != "backward") return std::nullopt;
        return BenchName{parts[0], parts[1], parts[2], *batch, parts[4], "float32"};
    }
    static const std::vector<std::string> steps = {"gan_step", "fit_step", "iteration", "products",
                                                   "infer",    "epoch",    "memory",    "read"};
    if (std::ranges::find(steps, parts[0]) == steps.end()) return std::nullopt;
    return BenchName{parts[0], parts[1], "", *batch, parts[3], parts[4]};
}

std::string memory_counter(const MemoryPart& part) { return std::string("memory_") + part.name; }

std::string row_name(std::string_view run_name) {
    while (true) {
        const std::size_t slash = run_name.rfind('/');
        if (slash == std::string_view::npos) break;
        const std::string_view last = run_name.substr(slash + 1);
        if (!last.ends_with("_time") && last.find(':') == std::string_view::npos) break;
        run_name = run_name.substr(0, slash);
    }
    return std::string(run_name);
}

std::vector<std::pair<std::string, std::string>> context_entries(const BenchResults& results) {
    std::vector<std::pair<std::string, std::string>> entries = {
        {kDevice, results.device},
        {kDeviceKind, results.device_kind},
        {kVersion, results.version},
        {kBuild, results.build},
        {kThreads, fmt::format("{}", results.threads)},
        {kCopy, fmt::format("{}", results.ceilings.copy_bytes_per_second)}};
    for (const auto& [precision, flops] : results.ceilings.product_flops)
        entries.emplace_back(kProduct + precision, fmt::format("{}", flops));
    return entries;
}

BenchResults read_results(const std::filesystem::path& path) { return ResultsFile(path).read(); }

void write_results(const std::filesystem::path& path, const BenchResults& results) {
    nlohmann::ordered_json context = {{"date", results.date}};
    for (const auto& [key, value] : context_entries(results)) context[key] = value;
    auto runs = nlohmann::ordered_json::array();
    for (const BenchRow& row : results.rows)
        for (std::size_t i = 0; i < row.seconds.size(); ++i) {
            runs.push_back({{"name", row.name},
                            {"run_name", row.name},
                            {"run_type", "iteration"},
                            {"repetitions", row.seconds.size()},
                            {"repetition_index", i},
                            {"threads", 1},
                            {"iterations", 1},
                            {"real_time", row.seconds[i]},
                            {"cpu_time", row.seconds[i]}, // tools of Google Benchmark insist on it
                            {"time_unit", "s"},
                            {"bytes", row.bytes},
                            {"flops", row.flops},
                            {"poses", row.poses}});
            if (!row.memory) continue;
            for (const MemoryPart& part : kMemoryParts) runs.back()[memory_counter(part)] = *row.memory.*part.bytes;
        }
    const nlohmann::ordered_json all = {{"context", std::move(context)}, {"benchmarks", std::move(runs)}};
    AtomicFile file(path);
    file.write(all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
    file.commit();
}

} // namespace poseaug::bench
