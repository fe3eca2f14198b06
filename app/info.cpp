#include "app/description.hpp"
#include "app/options.hpp"
#include "app/verbs.hpp"
#include "data/npz.hpp"
#include "data/torch_file.hpp"
#include "training/weights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

namespace poseaug::app {

namespace {

namespace fs = std::filesystem;

constexpr const char* kUnderstood =
    "understood are .npz, .npy, .safetensors, PyTorch files, folders of training runs, and folders in the public "
    "Human3.6M layout";

struct Settings {
    std::string file;
    JsonChoice json;
};

/// Whether a file starts as zip archives and .npy files do.
bool starts_as_arrays(const fs::path& file) {
    std::array<char, 6> start{};
    std::ifstream stream(file, std::ios::binary);
    stream.read(start.data(), start.size());
    const std::string_view head(start.data(), static_cast<std::size_t>(stream.gcount()));
    return head.starts_with("PK") || head.starts_with("\x93NUMPY");
}

/// Whether a NumPy archive's members are named as a network's arrays are.
bool holds_network(const fs::path& archive) {
    NamedTensors names;
    for (const std::string& member : npz_members(archive)) names.tensors.emplace_back(member, Array{.shape = {1}});
    return !networks_in(names).empty();
}

Description describe_data_folder(const fs::path& folder) {
    Description all{"", {{"kind", "data folder"}}};
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (name == "test_3dhp.npz" ||
            (name.ends_with(".npz") && (name.starts_with("data_3d_") || name.starts_with("data_2d_"))))
            files.push_back(entry.path());
    }
    if (files.empty())
        throw Error(fmt::format("{} is a folder without settings.json and without pose files; {}", folder.string(),
                                kUnderstood));
    std::ranges::sort(files);
    for (const fs::path& file : files) {
        const Description one = describe_arrays(file);
        all.text += one.text;
        all.json["files"][file.filename().string()] = one.json;
    }
    return all;
}

Description describe(const fs::path& path) {
    const fs::file_status status = fs::status(path);
    if (!fs::exists(status)) throw Error(path.string() + ": there is no such file or folder");
    if (fs::is_directory(status))
        return fs::exists(path / "settings.json") ? describe_run(path) : describe_data_folder(path);
    if (!fs::is_regular_file(status)) throw Error(path.string() + ": is not a regular file");
    const std::string extension = path.extension().string();
    if (extension == ".safetensors" || torch_format_of(path) != TorchFormat::none) return describe_tensors(path);
    if (extension == ".npz" || extension == ".npy" || starts_as_arrays(path))
        return holds_network(path) ? describe_tensors(path) : describe_arrays(path);
    throw Error(fmt::format("{}: is a file of an unknown kind; {}", path.string(), kUnderstood));
}

void run(const Settings& s) {
    s.json.require_writable();
    const Description d = describe(s.file);
    s.json.report(d.text, d.json);
}

} // namespace

void add_info(CLI::App& app) {
    CLI::App* verb = app.add_subcommand("info", "Tells what a data file, a weight file or a run's folder holds");
    const auto s = std::make_shared<Settings>();
    verb->add_option("file", s->file,
                     ".npz, .npy, .safetensors, a PyTorch file, or a folder of a training run or of data")
        ->required()
        ->type_name("FILE");
    s->json.add_to(*verb);
    verb->footer("Example:\n"
                 "  poseaug info data/data_3d_h36m.npz\n"
                 "  poseaug info run2/best_3dhp.safetensors");
    verb->callback([s] { run(*s); });
}

} // namespace poseaug::app
