#pragma once
#include "data/npy.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace poseaug::pickled {

/// What the names a pickle may mention stand for.
enum class Global : std::uint8_t { reconstruct, scalar, from_buffer, ndarray, dtype, encode, bytes, sequence, mapping };

struct AcceptedName {
    std::string_view module, name;
    Global meaning;
};

inline constexpr AcceptedName accepted_names[] = {
    {"numpy.core.multiarray", "_reconstruct", Global::reconstruct},
    {"numpy._core.multiarray", "_reconstruct", Global::reconstruct},
    {"numpy.core.multiarray", "scalar", Global::scalar},
    {"numpy._core.multiarray", "scalar", Global::scalar},
    {"numpy.core.numeric", "_frombuffer", Global::from_buffer},
    {"numpy._core.numeric", "_frombuffer", Global::from_buffer},
    {"numpy", "ndarray", Global::ndarray},
    {"numpy", "dtype", Global::dtype},
    {"_codecs", "encode", Global::encode},
    {"__builtin__", "bytes", Global::bytes},
    {"builtins", "bytes", Global::bytes},
    {"__builtin__", "bytearray", Global::bytes},
    {"builtins", "bytearray", Global::bytes},
    {"__builtin__", "set", Global::sequence},
    {"builtins", "set", Global::sequence},
    {"__builtin__", "frozenset", Global::sequence},
    {"builtins", "frozenset", Global::sequence},
    {"collections", "OrderedDict", Global::mapping},
};

/// Objects live in one pool and name each other by index: damage and self reference cannot leak or recurse.
using Id = std::uint32_t;
inline constexpr Id nothing = ~Id(0);

struct Bytes {
    std::vector<std::byte> data;
    std::string_view view() const { return {reinterpret_cast<const char*>(data.data()), data.size()}; }
};
struct Sequence {
    std::vector<Id> items;
};
struct Mapping {
    std::vector<Id> items; ///< keys and values in turn
};
/// A NumPy array or scalar: what it is made of, checked when it is converted.
struct PickledArray {
    Id dtype = nothing, shape = nothing, payload = nothing;
    Id axes = nothing; ///< of the stored order, if not just C or Fortran
    bool fortran_order = false;
};
/// A name of the reader's, and what it is applied to, if it is.
struct PickledRecord {
    std::string_view name;
    Id arguments = nothing;
};
using Object = std::variant<std::monostate, bool, std::int64_t, double, std::string, Bytes, Sequence, Mapping, Global,
                            FileType, PickledArray, PickledRecord>;

inline const char* describe(const Object& object) {
    static constexpr const char* names[] = {"None",   "a boolean", "an integer", "a float", "text",     "bytes",
                                            "a list", "a dict",    "a name",     "a dtype", "an array", "a reference"};
    return names[object.index()];
}

} // namespace poseaug::pickled
