#pragma once
#include "data/array.hpp"

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace poseaug {

/// Contents of a `.safetensors` file: tensors in file order, and the free-form `__metadata__` texts.
struct NamedTensors {
    std::vector<std::pair<std::string, Array>> tensors;
    std::map<std::string, std::string> metadata;
    const Array* find(const std::string& name) const;
};

/// Half floats (F16, BF16) are widened to float32. Throws Error naming the file, for a header that is not JSON, claims
/// more than the file holds, or leaves gaps or overlaps.
NamedTensors read_safetensors(const std::filesystem::path& path);

/// A tensor whose elements lie in runs, here and there; who has them keeps them until it is written.
struct TensorInPlace {
    std::string name;
    ElementType type = ElementType::f32;
    std::vector<std::int64_t> shape;
    std::vector<std::span<const std::byte>> runs; ///< one behind the other they are the tensor in C order
};

/// Written beside and renamed, in the order given. Floats, integers and booleans; the data begin at a multiple of 8
/// bytes, without gaps between tensors (the format forbids them). Throws Error for text, and for names given twice.
void write_safetensors(const std::filesystem::path& path, const NamedTensors& content);
/// The same without a copy of what is written.
void write_safetensors(const std::filesystem::path& path, const std::vector<TensorInPlace>& tensors,
                       const std::map<std::string, std::string>& metadata);

} // namespace poseaug
