#include "app/description.hpp"
#include "kernels/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <vector>

namespace poseaug::app {

namespace {

namespace fs = std::filesystem;

nlohmann::json parsed(const std::string& text, const std::string& where) {
    nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
    if (json.is_discarded()) throw Error(where + " is not JSON");
    return json;
}

std::string read_text(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw Error(file.string() + ": cannot be opened for reading");
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// The log's lines, without empty ones.
std::vector<std::string> lines_of(const fs::path& file) {
    std::vector<std::string> lines;
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);)
        if (!line.empty()) lines.push_back(line);
    return lines;
}

std::string value_text(const nlohmann::json& value) {
    if (value.is_string()) return value.get<std::string>();
    return value.is_number_float() ? fmt::format("{:.6g}", value.get<double>()) : value.dump();
}

/// "  name = value" for each member; those of objects within as "name.member", `depth` levels down and no further.
std::string member_lines(const nlohmann::json& json, int depth, const std::string& prefix = "  ") {
    std::string text;
    for (const auto& [name, value] : json.items())
        if (!value.is_object()) text += fmt::format("{}{} = {}\n", prefix, name, value_text(value));
        else if (depth > 0) text += member_lines(value, depth - 1, prefix + name + ".");
    return text;
}

} // namespace

Description describe_run(const fs::path& folder) {
    const fs::path settings = folder / "settings.json", log = folder / "log.jsonl";
    Description d{folder.string() + ": a training run\n", {{"kind", "run"}}};
    d.json["settings"] = parsed(read_text(settings), settings.string());
    if (!d.json["settings"].is_object()) throw Error(settings.string() + " is not a JSON object");
    d.text += member_lines(d.json["settings"], 2);
    const std::vector<std::string> lines = lines_of(log);
    d.json["log_lines"] = lines.size();
    if (lines.empty()) {
        d.text += "no epoch is logged yet\n";
    } else {
        d.json["last"] = parsed(lines.back(), fmt::format("{}, line {}", log.string(), lines.size()));
        if (!d.json["last"].is_object()) throw Error(log.string() + ": its last line is not a JSON object");
        d.text += fmt::format("last of {} logged epochs:\n{}", lines.size(), member_lines(d.json["last"], 2));
    }
    std::vector<std::string> weights;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.path().extension() == ".safetensors") weights.push_back(entry.path().filename().string());
    std::ranges::sort(weights);
    d.json["weights"] = weights;
    for (const std::string& file : weights) d.text += "file " + file + "\n";
    return d;
}

} // namespace poseaug::app
