#include "docs/generator/figures.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>

namespace poseaug::pages {

namespace {

using Json = nlohmann::json;

std::vector<std::string> split(const std::string& name) {
    std::vector<std::string> parts(1);
    for (const char c : name)
        if (c == '/') parts.emplace_back();
        else parts.back() += c;
    return parts;
}

double seconds_of(const Json& row) {
    const std::map<std::string, double> units = {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}};
    return row.at("real_time").get<double>() * units.at(row.at("time_unit").get<std::string>());
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

Figures read(const Json& json) {
    Figures figures;
    figures.date = json.at("context").at("date").get<std::string>().substr(0, 10);
    figures.device = json.at("context").value("poseaug device", "");
    std::map<std::string, std::vector<double>> times;
    for (const Json& row : json.at("benchmarks"))
        if (row.value("run_type", "iteration") == "iteration" && !row.value("error_occurred", false))
            times[row.value("run_name", row.at("name").get<std::string>())].push_back(seconds_of(row));
    for (const auto& [name, seconds] : times) {
        const auto part = split(name);
        if (part.size() < 5 || part[0] != "op") continue;
        Figure figure{part[1], part[2] == "backward" ? Direction::vjp : Direction::value, 0, part[4], median(seconds)};
        std::from_chars(part[3].data(), part[3].data() + part[3].size(), figure.batch);
        figures.ops.push_back(figure);
    }
    return figures;
}

} // namespace

Figures read_figures(const std::filesystem::path& path) {
    std::ifstream file(path);
    if (!file) return {};
    try {
        return read(Json::parse(file));
    } catch (const std::exception& failure) {
        throw Error(path.string() + " is no results file of poseaug_bench: " + failure.what());
    }
}

} // namespace poseaug::pages
