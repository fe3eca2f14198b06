#pragma once
#include "data/npy.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace poseaug {

/// The bytes of a pickle, buffered, with its primitive fields. Whatever is missing or damaged is an Error.
class PickleInput {
public:
    PickleInput(const ByteReader& read, const std::string& where);

    /// Throws Error: where, "the pickle", what, and the position.
    [[noreturn]] void fail(const std::string& what) const;
    std::uint64_t position() const { return consumed_ + begin_; }
    bool at_end() { return begin_ == end_ && !refill(); }

    std::uint8_t byte();
    /// Unsigned little-endian number of `width` bytes.
    std::uint64_t number(int width);
    std::int32_t signed_int() { return static_cast<std::int32_t>(number(4)); }
    double big_endian_double();
    std::vector<std::byte> bytes(std::uint64_t count);
    std::string text(std::uint64_t count);
    /// Up to the next newline, which is dropped.
    std::string line();

private:
    bool refill();
    std::size_t take(std::byte* target, std::size_t count);

    const ByteReader& read_;
    const std::string& where_;
    std::vector<std::byte> buffer_;
    std::size_t begin_ = 0, end_ = 0;
    std::uint64_t consumed_ = 0;
};

/// Undoes Python's repr of a byte string: quotes and escapes. Nothing if it is not one.
std::optional<std::string> unquote_python_bytes(std::string_view text);

/// UTF-8 from Python's raw-unicode-escape: Latin-1 with \uXXXX and \UXXXXXXXX, surrogate pairs joined. Nothing if
/// it is damaged.
std::optional<std::string> decode_raw_unicode(std::string_view text);

} // namespace poseaug
