#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace poseaug {

/// Appends one code point. Returns false, appending nothing, for surrogates and values above U+10FFFF.
bool append_utf8(std::string& text, char32_t code_point);

/// The code points of UTF-8 text; nothing if it is not valid UTF-8.
std::optional<std::u32string> decode_utf8(std::string_view text);

/// Bytes taken as Latin-1, every byte one character: how byte strings of Python 2 become text.
std::string latin1_to_utf8(std::string_view bytes);

/// The inverse; nothing if `text` is not valid UTF-8 or holds a character above U+00FF.
std::optional<std::string> utf8_to_latin1(std::string_view text);

bool is_utf8(std::string_view text);

} // namespace poseaug
