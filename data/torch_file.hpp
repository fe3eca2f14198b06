#pragma once
#include "data/torch_tensors.hpp"

#include <filesystem>
#include <string_view>

namespace poseaug {

/// How a PyTorch file holds its tensors.
enum class TorchFormat : std::uint8_t { none, legacy, zip };

/// What the file begins as, or has the members of; `none` if it is no PyTorch file. Throws Error if it cannot be read.
TorchFormat torch_format_of(const std::filesystem::path& path);

/// Reads a PyTorch file of either format, whatever its name: the tables of named tensors in it (see torch_content). Its
/// pickle is data to a parser that can call nothing. Memory stays within a small multiple of the file's size. Throws
/// Error naming the file, and the name if the pickle asks for one that is not a tensor's.
TorchContent read_torch_file(const std::filesystem::path& path);

/// Writes a PyTorch file in the zip format that `torch.load` reads, with `weights_only` too: an OrderedDict of tensors, in
/// the order given. Written beside and renamed; the same tensors make the same bytes. Metadata have no place in it.
/// Throws Error for text, for types that PyTorch lacks, and for names given twice.
void write_torch_file(const std::filesystem::path& path, const NamedTensors& content);

} // namespace poseaug
