#pragma once
#include "data/torch_tensors.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace poseaug {

/// Formats that named tensors are written in.
enum class WeightFormat : std::uint8_t { safetensors, npz, torch };

/// "safetensors", "NumPy archive", "PyTorch".
std::string_view describe(WeightFormat format);

/// What a weight file holds.
struct WeightFile {
    WeightFormat format;
    std::string described;             ///< the format in words, "PyTorch, legacy format"
    std::vector<TensorTable> tables;   ///< at least one; only PyTorch files hold several
    std::vector<std::string> left_out; ///< what is in the file, but is neither a named tensor nor metadata
    bool prefix_stripped = false;      ///< whether all names of a table began with `module.`
};

/// Reads named tensors from a `.safetensors` or `.npz` file or a PyTorch file of either format, told apart by what is in
/// it, not by its name. The prefix `module.` of networks that were trained on several GPUs is stripped. Throws Error
/// naming the file.
WeightFile read_weight_file(const std::filesystem::path& path);

/// Whether a file's name, or a format by itself ("npz"), says one of the formats: .safetensors, .npz, .pth, .pth.tar, .pt
/// or .bin. Throws Error for any other, naming these.
WeightFormat weight_format_for(const std::filesystem::path& path);

/// Writes named tensors, beside and renamed. Metadata are kept by `.safetensors` alone. Throws Error for what the format
/// cannot hold.
void write_weight_file(const std::filesystem::path& path, WeightFormat format, const NamedTensors& content);

} // namespace poseaug
