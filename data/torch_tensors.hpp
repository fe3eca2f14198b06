#pragma once
#include "data/array.hpp"
#include "data/safetensors.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace poseaug {

/// The names that PyTorch's pickles of tensors mention, for `PickleNames`.
std::span<const std::string_view> torch_pickle_names();

/// Element type of a PyTorch storage; half floats are widened to float32.
struct TorchType {
    std::string_view storage; ///< "FloatStorage"
    std::size_t width;        ///< bytes of an element in the file
    ElementType type;         ///< of the array it becomes
    float (*widen)(std::uint16_t) = nullptr;
};
/// The storage type an array is written as. Throws Error, starting with `where`, for types that PyTorch lacks.
const TorchType& torch_type_of(const Array& array, const std::string& where);

/// A storage that a pickle refers to: the flat memory that tensors are windows of.
struct TorchStorage {
    std::string key;
    const TorchType* type = nullptr;
    std::uint64_t count = 0;                    ///< elements
    std::uint64_t view_begin = 0, view_end = 0; ///< the part that the reference is to
    std::uint64_t bytes() const { return count * type->width; }
};

/// All storages that a pickle's tree refers to, each once, in order. Throws Error, starting with `where`, for damaged
/// references and for storages that cannot fit into a file of `file_size` bytes.
std::vector<TorchStorage> storages_in(const Value& tree, std::uint64_t file_size, const std::string& where);

/// The elements of a storage, which live as long as the function does.
using StorageReader = std::function<std::span<const std::byte>(const TorchStorage&)>;

/// One set of named tensors of a weight file.
struct TensorTable {
    std::string name; ///< what it stands under in the file; empty where it is the file itself
    NamedTensors content;
};

/// What the tree of a PyTorch file holds.
struct TorchContent {
    std::vector<TensorTable> tables;
    std::vector<std::string> left_out; ///< "optimizer (12 tensors)": what is neither a table nor a number or text
};

/// The tensors of a pickle's tree: itself where its values are tensors, else those of its entries whose values are
/// (`state_dict`, `model_pos`, `model`, any name). Numbers and texts beside them become metadata. An optimiser's state is
/// left out, and its storages are never asked for. Throws Error, starting with `where`, for tensors that reach beyond
/// their storage, for negative strides, and for views that would expand to many times the file's size.
TorchContent torch_content(const Value& tree, std::uint64_t file_size, const StorageReader& read,
                           const std::string& where);

} // namespace poseaug
