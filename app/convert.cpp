#include "app/options.hpp"
#include "app/verbs.hpp"
#include "data/output_path.hpp"
#include "data/weight_file.hpp"
#include "training/onnx_export.hpp"
#include "training/weights.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace poseaug::app {

namespace {

constexpr const char* kOnnx = "onnx";

struct Settings {
    std::filesystem::path input, output;
    std::string format, part;
};

/// The table of a file that is asked for, or its only one.
TensorTable take_table(WeightFile& content, const Settings& s) {
    std::string names;
    for (TensorTable& table : content.tables) {
        if (table.name == s.part || (s.part.empty() && content.tables.size() == 1)) return std::move(table);
        names += (names.empty() ? "'" : ", '") + table.name + "'";
    }
    if (s.part.empty())
        throw Error(
            fmt::format("{} holds several sets of arrays: {}; choose one with --part NAME", s.input.string(), names));
    throw Error(fmt::format("{} has nothing under '{}'; it holds {}", s.input.string(), s.part,
                            names == "''" ? "its arrays by themselves" : names));
}

/// Says whose weights they are, where the file that is read does not.
void describe_in_metadata(NamedTensors& weights, const std::optional<NetworkIdentity>& network) {
    if (!network) return;
    weights.metadata["format"] = "poseaug-1";
    weights.metadata["network"] = network->name();
}

/// What of the metadata a format drops that says more than the arrays do.
std::vector<std::string> dropped_metadata(const NamedTensors& weights, WeightFormat format) {
    std::vector<std::string> dropped;
    if (format == WeightFormat::safetensors) return dropped;
    for (const auto& [key, value] : weights.metadata)
        if (key != "format" && key != "network") dropped.push_back(fmt::format("{} = {}", key, value.substr(0, 60)));
    return dropped;
}

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
    return all;
}

std::string summary(const Settings& s, const WeightFile& from, const TensorTable& table, WeightFormat format,
                    const std::optional<NetworkIdentity>& network) {
    const NamedTensors& weights = table.content;
    std::string text = fmt::format("{}: {}, from {} ({}{})\n", s.output.string(), describe(format), s.input.string(),
                                   from.described, table.name.empty() ? "" : ", under '" + table.name + "'");
    text += network ? fmt::format("  {}, width {}", network->describe(), network->width) : "  a network not known here";
    text += fmt::format("; {} arrays, {} learned parameters\n", weights.tensors.size(), learned_parameters(weights));
    if (from.prefix_stripped) text += "  stripped: the prefix 'module.' of the names\n";
    std::vector<std::string> left_out = from.left_out;
    for (const std::string& entry : dropped_metadata(weights, format)) left_out.push_back(entry);
    for (const TensorTable& other : from.tables)
        if (!other.content.tensors.empty())
            left_out.push_back(fmt::format("{} ({} tensors)", other.name, other.content.tensors.size()));
    if (!left_out.empty()) text += fmt::format("  left out: {}\n", joined(left_out));
    return text;
}

bool is_for_onnx(const Settings& s) {
    return s.format == kOnnx || (s.format.empty() && s.output.extension() == std::string(".") + kOnnx);
}

void run_onnx(const Settings& s) {
    require_writable_target(s.output);
    WeightFile from = read_weight_file(s.input);
    FoundWeights found;
    found.weights = take_table(from, s).content;
    const auto network = whole_network_in(found.weights);
    if (!network || !network->estimator)
        throw Error(fmt::format("{} holds {}; a model in ONNX is made of an estimator, which are {}", s.input.string(),
                                network ? network->describe() : "a network not known here", estimator_names()));
    found.network = *network;
    const auto device = open_device({.kind = "cpu"});
    Network<float> weights = make_network<float>(*device, found, s.input);
    export_onnx(s.output, *network->estimator, weights);
    fmt::print("{}: ONNX, opset 17, from {} ({})\n  {}, width {}; image (batch, 16, 2) to pose (batch, 16, 3)\n",
               s.output.string(), s.input.string(), from.described, network->describe(), network->width);
}

void require_another_file(const Settings& s) {
    std::error_code missing;
    if (std::filesystem::equivalent(s.input, s.output, missing))
        throw Error(s.output.string() + " is the file to read; a format may not keep all that another holds, so give "
                                        "another file to write");
}

void run(const Settings& s) {
    require_another_file(s);
    if (is_for_onnx(s)) return run_onnx(s);
    const WeightFormat format = weight_format_for(s.format.empty() ? s.output : std::filesystem::path(s.format));
    require_writable_target(s.output);
    WeightFile from = read_weight_file(s.input);
    TensorTable table = take_table(from, s);
    const auto network = whole_network_in(table.content);
    describe_in_metadata(table.content, network);
    write_weight_file(s.output, format, table.content);
    fmt::print("{}", summary(s, from, table, format, network));
}

} // namespace

void add_convert(CLI::App& app) {
    CLI::App* verb = app.add_subcommand("convert", "Writes weights in another format");
    const auto s = std::make_shared<Settings>();
    verb->add_option("input", s->input, std::string("Weights: ") + kWeightFiles)->required()->type_name("IN");
    verb->add_option("output", s->output, "File to write; its extension says the format")->required()->type_name("OUT");
    verb->add_option("--to", s->format,
                     "Format, where OUT has another extension: safetensors, npz, pth (PyTorch), or onnx")
        ->check(CLI::IsMember({"safetensors", "npz", "pth", kOnnx}))
        ->type_name("FORMAT");
    verb->add_option("--part", s->part, "What to take of a file of several networks, such as model_pos")
        ->type_name("NAME");
    verb->footer(
        "Formats are .safetensors, .npz, and .pth, .pth.tar, .pt or .bin for PyTorch, of which both file formats are "
        "read and the zip format\n"
        "is written. Names, shapes and values stay as they are but for the prefix 'module.' and half floats, which are "
        "widened. Only\n"
        ".safetensors keeps metadata. An estimator can also be written as a model for other programs to run (.onnx), "
        "which is not read.\n"
        "Example:\n"
        "  poseaug convert ckpt_best.pth.tar ckpt_best.safetensors\n"
        "  poseaug convert run2/best_3dhp.safetensors best.pth\n"
        "  poseaug convert run2/best_3dhp.safetensors best.onnx");
    verb->callback([s] { run(*s); });
}

} // namespace poseaug::app
