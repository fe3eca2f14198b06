#include "data/import/text_lines.hpp"

#include "kernels/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>

namespace poseaug {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string read_text(const std::filesystem::path& file) {
    std::error_code problem;
    const auto size = std::filesystem::file_size(file, problem);
    std::ifstream stream(file, std::ios::binary);
    if (problem || !stream) throw Error(fmt::format("Cannot read {}.", file.string()));
    std::string text(size, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(size));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (text.find('\0') != std::string::npos)
        throw Error(fmt::format("{} is no text file: it holds zero bytes.", file.string()));
    if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
    return text;
}

/// A word as it can stand in a message: not all of a binary file.
std::string quoted(std::string_view word) {
    constexpr std::size_t longest = 40;
    return fmt::format("'{}{}'", word.substr(0, longest), word.size() > longest ? "..." : "");
}

template <class Number> bool parse(std::string_view word, Number& value) {
    if (word.size() > 1 && word[0] == '+' && word[1] != '-') word.remove_prefix(1);
    const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), value);
    return problem == std::errc() && end == word.data() + word.size();
}

} // namespace

TextLines::TextLines(const std::filesystem::path& file, char comment)
    : file_(file.string()), text_(read_text(file)), comment_(comment) {}

void TextLines::split(std::string_view line) {
    for (std::size_t at = 0; at < line.size();) {
        if (is_space(line[at])) {
            ++at;
            continue;
        }
        std::size_t end = at + 1;
        const auto brace = [&](std::size_t i) { return line[i] == '{' || line[i] == '}'; };
        if (!brace(at))
            while (end < line.size() && !is_space(line[end]) && !brace(end)) ++end;
        if (comment_ && line[at] == comment_) return;
        words_.push_back(line.substr(at, end - at));
        at = end;
    }
}

bool TextLines::next_line() {
    words_.clear();
    used_ = 0;
    while (words_.empty() && position_ < text_.size()) {
        const std::size_t end = std::min(text_.find('\n', position_), text_.size());
        ++line_;
        split(std::string_view(text_).substr(position_, end - position_));
        position_ = std::min(end + 1, text_.size());
    }
    return !words_.empty();
}

std::string_view TextLines::next_word(const char* what) {
    if (used_ == words_.size() && !next_line()) fail(fmt::format("the file ends where {} should stand", what));
    return words_[used_++];
}

double TextLines::number(std::string_view word) const {
    double value = 0;
    if (!parse(word, value) || !std::isfinite(value)) fail(fmt::format("{} is not a number", quoted(word)));
    return value;
}

long long TextLines::whole_number(std::string_view word) const {
    long long value = 0;
    if (!parse(word, value)) fail(fmt::format("{} is not a whole number", quoted(word)));
    return value;
}

void TextLines::fail(const std::string& complaint) const {
    throw Error(fmt::format("{}, line {}: {}.", file_, std::max<std::size_t>(line_, 1), complaint));
}

std::string lower_case(std::string_view word) {
    std::string lower(word);
    std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    return lower;
}

} // namespace poseaug
