#pragma once
#include "data/array.hpp"

#include <filesystem>
#include <map>
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

/// Written beside and renamed, in the order given. Floats, integers and booleans; the data begin at a multiple of 8
/// bytes, without gaps between tensors (the format forbids them). Throws Error for text, and for names given twice.
void write_safetensors(const std::filesystem::path& path, const NamedTensors& content);

} // namespace poseaug
