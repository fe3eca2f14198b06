#include "data/weight_file.hpp"

#include "data/npz.hpp"
#include "data/regular_file.hpp"
#include "data/torch_file.hpp"
#include "kernels/error.hpp"

#include <algorithm>
#include <array>

namespace poseaug {

namespace {

constexpr std::string_view prefix = "module.";

/// The arrays of a NumPy archive, in its order.
NamedTensors read_npz_tensors(const std::filesystem::path& path) {
    std::map<std::string, NpyContent> members = read_npz(path);
    NamedTensors content;
    for (const std::string& name : npz_members(path)) {
        NpyContent& member = members.at(name);
        if (member.is_object || member.array.type == ElementType::text)
            throw Error(path.string() + ": member '" + name + "' holds " + (member.is_object ? "objects" : "text") +
                        ", where weights are arrays of numbers");
        content.tensors.emplace_back(name, std::move(member.array));
    }
    if (content.tensors.empty()) throw Error(path.string() + ": holds no arrays");
    return content;
}

WeightFile read_by_content(const std::filesystem::path& path) {
    if (const TorchFormat torch = torch_format_of(path); torch != TorchFormat::none) {
        TorchContent content = read_torch_file(path);
        return {WeightFormat::torch, torch == TorchFormat::zip ? "PyTorch, zip format" : "PyTorch, legacy format",
                std::move(content.tables), std::move(content.left_out)};
    }
    const std::string start = start_of(path, 9);
    if (start.starts_with("PK")) return {WeightFormat::npz, "NumPy archive", {{"", read_npz_tensors(path)}}, {}};
    if (start.starts_with("\x93NUMPY"))
        throw Error(path.string() + ": holds a single array without a name, where weights are named arrays");
    if (path.extension() == ".safetensors" || start.ends_with("{"))
        return {WeightFormat::safetensors, "safetensors", {{"", read_safetensors(path)}}, {}};
    throw Error(path.string() +
                ": is no weight file, or is damaged; .safetensors, .npz and PyTorch files (.pth, .pt) are read");
}

bool strip_prefix(NamedTensors& content) {
    const auto has_prefix = [](const auto& tensor) { return tensor.first.starts_with(prefix); };
    if (content.tensors.empty() || !std::ranges::all_of(content.tensors, has_prefix)) return false;
    for (auto& [name, array] : content.tensors) name.erase(0, prefix.size());
    return true;
}

} // namespace

std::string_view describe(WeightFormat format) {
    constexpr std::string_view names[] = {"safetensors", "NumPy archive", "PyTorch"};
    return names[static_cast<std::size_t>(format)];
}

WeightFile read_weight_file(const std::filesystem::path& path) {
    WeightFile file = read_by_content(path);
    for (TensorTable& table : file.tables) file.prefix_stripped |= strip_prefix(table.content);
    return file;
}

WeightFormat weight_format_for(const std::filesystem::path& path) {
    const std::string name = "." + path.filename().string();
    const auto is = [&](std::string_view extension) { return name.ends_with(extension); };
    if (is(".safetensors")) return WeightFormat::safetensors;
    if (is(".npz")) return WeightFormat::npz;
    if (is(".pth") || is(".pth.tar") || is(".pt") || is(".bin")) return WeightFormat::torch;
    throw Error(path.string() +
                ": does not say a format that weights are written in; these are .safetensors, .npz, and "
                ".pth, .pth.tar, .pt or .bin for PyTorch");
}

void write_weight_file(const std::filesystem::path& path, WeightFormat format, const NamedTensors& content) {
    switch (format) {
    case WeightFormat::safetensors: write_safetensors(path, content); break;
    case WeightFormat::torch: write_torch_file(path, content); break;
    case WeightFormat::npz: {
        NpzWriter writer(path, false);
        for (const auto& [name, array] : content.tensors) writer.add(name, array);
        writer.commit();
    }
    }
}

} // namespace poseaug
