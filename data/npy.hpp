#pragma once
#include "data/array.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace poseaug {

/// Reads up to `count` bytes to `target` and returns how many came: 0 only at the end of the content.
using ByteReader = std::function<std::size_t(std::byte* target, std::size_t count)>;

/// Takes the bytes of an output in order.
using ByteWriter = std::function<void(const void* bytes, std::size_t count)>;

/// Element type as NumPy writes it in files, such as "<f4".
struct FileType {
    char kind = 0; ///< 'b' boolean, 'i', 'u', 'f', 'U' (UCS-4 text), 'S' (bytes), 'O' (objects)
    bool big_endian = false;
    std::uint64_t width = 0; ///< bytes of one element
};

/// Parses "<f4", "|b1", ">U5", "O" or "f4". Throws Error, starting with `where`, for types that are not supported.
FileType parse_file_type(std::string_view text, const std::string& where);

/// How elements lie in a file: in C order of `shape`, whose axis `axes[i]` is the array's axis i.
struct StoredLayout {
    std::vector<std::int64_t> shape;
    std::vector<std::size_t> axes; ///< empty: as stored
    static StoredLayout fortran_order(std::vector<std::int64_t> shape);
};

/// The array that `payload` holds: native byte order, C order, half floats widened, text as UTF-8. Throws Error,
/// starting with `where`, if the payload is not exactly as long as type and shape ask.
Array decode_array(const FileType& type, const StoredLayout& layout, std::vector<std::byte> payload,
                   const std::string& where);

/// Element type an array gets in a file, and its elements as bytes there, in C order.
FileType file_type_of(const Array& array);
std::string describe_file_type(const FileType& type);
void write_elements(const Array& array, const FileType& type, const ByteWriter& write);

/// Reads `count` bytes in growing pieces: allocates no more than a small multiple of what came. Shorter at the end.
std::vector<std::byte> read_at_most(const ByteReader& read, std::uint64_t count);

/// Reads one `.npy` (versions 1 to 3) up to its end. Throws Error, starting with `where`.
NpyContent read_npy(const ByteReader& read, const std::string& where);

/// Writes one `.npy` (version 1, header padded to 64 bytes as NumPy does).
void write_npy(const Array& array, const ByteWriter& write);

/// Writes what stands before the pickle of a 0-dimensional object array.
void write_npy_object_header(const ByteWriter& write);

/// Writes a 0-dimensional object array that holds `value`.
void write_npy_object(const Value& value, const ByteWriter& write);

} // namespace poseaug
