#include "data/unicode.hpp"

namespace poseaug {

namespace {

constexpr char32_t invalid = 0xFFFFFFFF;

bool is_code_point(char32_t value) { return value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF); }

/// Decodes the code point at `position` and moves past it; `invalid` for malformed or overlong sequences.
char32_t next_code_point(std::string_view text, std::size_t& position) {
    const auto lead = static_cast<unsigned char>(text[position++]);
    if (lead < 0x80) return lead;
    const int trailing = lead >= 0xF8 ? -1 : lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : -1;
    if (trailing < 0) return invalid;
    char32_t value = lead & (0x3F >> trailing);
    for (int i = 0; i < trailing; ++i) {
        if (position == text.size()) return invalid;
        const auto next = static_cast<unsigned char>(text[position++]);
        if ((next & 0xC0) != 0x80) return invalid;
        value = value << 6 | (next & 0x3F);
    }
    constexpr char32_t smallest[] = {0, 0x80, 0x800, 0x10000};
    return value >= smallest[trailing] && is_code_point(value) ? value : invalid;
}

/// Calls `use` with every code point until it refuses one; false if it did or the text is not valid UTF-8.
template <class Use> bool each_code_point(std::string_view text, Use use) {
    for (std::size_t position = 0; position < text.size();) {
        const char32_t value = next_code_point(text, position);
        if (value == invalid || !use(value)) return false;
    }
    return true;
}

} // namespace

bool append_utf8(std::string& text, char32_t code_point) {
    if (!is_code_point(code_point)) return false;
    const auto trailing_byte = [&](int shift) { text += static_cast<char>(0x80 | (code_point >> shift & 0x3F)); };
    if (code_point < 0x80) {
        text += static_cast<char>(code_point);
    } else if (code_point < 0x800) {
        text += static_cast<char>(0xC0 | code_point >> 6);
        trailing_byte(0);
    } else if (code_point < 0x10000) {
        text += static_cast<char>(0xE0 | code_point >> 12);
        trailing_byte(6);
        trailing_byte(0);
    } else {
        text += static_cast<char>(0xF0 | code_point >> 18);
        trailing_byte(12);
        trailing_byte(6);
        trailing_byte(0);
    }
    return true;
}

std::optional<std::u32string> decode_utf8(std::string_view text) {
    std::u32string result;
    const bool valid = each_code_point(text, [&](char32_t value) {
        result += value;
        return true;
    });
    return valid ? std::optional(std::move(result)) : std::nullopt;
}

std::string latin1_to_utf8(std::string_view bytes) {
    std::string result;
    result.reserve(bytes.size());
    for (const char byte : bytes) append_utf8(result, static_cast<unsigned char>(byte));
    return result;
}

std::optional<std::string> utf8_to_latin1(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    const bool valid = each_code_point(text, [&](char32_t value) {
        result += static_cast<char>(value);
        return value <= 0xFF;
    });
    return valid ? std::optional(std::move(result)) : std::nullopt;
}

bool is_utf8(std::string_view text) {
    return each_code_point(text, [](char32_t) { return true; });
}

} // namespace poseaug
