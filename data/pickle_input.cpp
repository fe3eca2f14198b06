#include "data/pickle_input.hpp"

#include "data/unicode.hpp"
#include "kernels/error.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

namespace poseaug {

namespace {

/// Value of `digits` (1 or more) hexadecimal characters of `text` at `position`, or nothing.
std::optional<std::uint32_t> parse_hex(std::string_view text, std::size_t position, std::size_t digits) {
    if (position + digits > text.size()) return std::nullopt;
    std::uint32_t value = 0;
    const char* begin = text.data() + position;
    const auto [end, error] = std::from_chars(begin, begin + digits, value, 16);
    return error == std::errc() && end == begin + digits ? std::optional(value) : std::nullopt;
}

} // namespace

PickleInput::PickleInput(const ByteReader& read, const std::string& where)
    : read_(read), where_(where), buffer_(1 << 16) {}

void PickleInput::fail(const std::string& what) const {
    throw Error(where_ + ": the pickle " + what + " (at byte " + std::to_string(position()) + ")");
}

std::uint8_t PickleInput::byte() {
    if (at_end()) fail("ends too early; the file is damaged or cut short");
    return std::to_integer<std::uint8_t>(buffer_[begin_++]);
}

std::uint64_t PickleInput::number(int width) {
    std::uint64_t value = 0;
    for (int i = 0; i < width; ++i) value |= std::uint64_t(byte()) << 8 * i;
    return value;
}

double PickleInput::big_endian_double() {
    std::uint64_t bits = 0;
    for (int i = 0; i < 8; ++i) bits = bits << 8 | byte();
    return std::bit_cast<double>(bits);
}

std::vector<std::byte> PickleInput::bytes(std::uint64_t count) {
    auto result = read_at_most([this](std::byte* target, std::size_t n) { return take(target, n); }, count);
    if (result.size() != count) fail("claims " + std::to_string(count) + " bytes where fewer are left");
    return result;
}

std::string PickleInput::text(std::uint64_t count) {
    const std::vector<std::byte> data = bytes(count);
    return {reinterpret_cast<const char*>(data.data()), data.size()};
}

std::string PickleInput::line() {
    std::string result;
    for (std::uint8_t next = byte(); next != '\n'; next = byte()) result += static_cast<char>(next);
    return result;
}

bool PickleInput::refill() {
    consumed_ += end_;
    begin_ = end_ = 0;
    end_ = read_(buffer_.data(), buffer_.size());
    return end_ > 0;
}

std::size_t PickleInput::take(std::byte* target, std::size_t count) {
    if (begin_ == end_ && count >= buffer_.size()) {
        const std::size_t got = read_(target, count);
        consumed_ += got;
        return got;
    }
    if (at_end()) return 0;
    const std::size_t got = std::min(count, end_ - begin_);
    std::memcpy(target, buffer_.data() + begin_, got);
    begin_ += got;
    return got;
}

std::optional<std::string> unquote_python_bytes(std::string_view text) {
    if (text.size() < 2 || text.front() != text.back() || (text.front() != '\'' && text.front() != '"'))
        return std::nullopt;
    text = text.substr(1, text.size() - 2);
    constexpr std::string_view letters = "\\'\"abfnrtv", meanings = "\\'\"\a\b\f\n\r\t\v";
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            result += text[i];
            continue;
        }
        if (++i == text.size()) return std::nullopt;
        if (const std::size_t known = letters.find(text[i]); known != std::string_view::npos) {
            result += meanings[known];
        } else if (text[i] == 'x') {
            const auto value = parse_hex(text, i + 1, 2);
            if (!value) return std::nullopt;
            result += static_cast<char>(*value);
            i += 2;
        } else if (text[i] >= '0' && text[i] <= '7') {
            unsigned value = 0;
            std::size_t digits = 0;
            for (; digits < 3 && i + digits < text.size() && text[i + digits] >= '0' && text[i + digits] <= '7';
                 ++digits)
                value = value * 8 + static_cast<unsigned>(text[i + digits] - '0');
            result += static_cast<char>(value);
            i += digits - 1;
        } else {
            result += '\\';
            result += text[i];
        }
    }
    return result;
}

std::optional<std::string> decode_raw_unicode(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        char32_t point = static_cast<unsigned char>(text[i++]);
        const std::size_t digits = point == '\\' && i < text.size() ? (text[i] == 'u' ? 4 : text[i] == 'U' ? 8 : 0) : 0;
        if (digits) {
            const auto value = parse_hex(text, i + 1, digits);
            if (!value) return std::nullopt;
            point = *value;
            i += 1 + digits;
        }
        if (point >= 0xD800 && point < 0xDC00 && text.substr(i, 2) == "\\u") {
            const auto low = parse_hex(text, i + 2, 4);
            if (!low || *low < 0xDC00 || *low > 0xDFFF) return std::nullopt;
            point = 0x10000 + ((point - 0xD800) << 10) + (*low - 0xDC00);
            i += 6;
        }
        if (!append_utf8(result, point)) return std::nullopt;
    }
    return result;
}

} // namespace poseaug
