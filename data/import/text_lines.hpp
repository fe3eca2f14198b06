#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace poseaug {

/// A text file read line by line as words, with the words for its errors. Blank lines are passed over, LF and CR LF
/// end a line, and braces are words of their own.
class TextLines {
public:
    /// Reads the whole file. A word that starts with `comment` ends its line ('\0': there are no comments).
    /// Throws Error if the file cannot be read or is no text.
    explicit TextLines(const std::filesystem::path& file, char comment = '\0');
    TextLines(const TextLines&) = delete;
    TextLines& operator=(const TextLines&) = delete;

    /// Moves to the next line that has words; false at the end of the file.
    bool next_line();
    /// Words of this line; they point into the file's text and are good as long as this object.
    const std::vector<std::string_view>& words() const { return words_; }
    /// The next word, on this line or a later one; throws Error, saying `what` was expected, at the end of the file.
    std::string_view next_word(const char* what);
    /// Whether this line has words that `next_word` has not given yet.
    bool line_goes_on() const { return used_ < words_.size(); }

    /// The number a word is. Throws Error for anything else, and for infinities and NaN.
    double number(std::string_view word) const;
    long long whole_number(std::string_view word) const;

    const std::string& file() const { return file_; }
    std::size_t bytes_left() const { return text_.size() - position_; }
    /// Throws Error: "FILE, line N: " and `complaint`.
    [[noreturn]] void fail(const std::string& complaint) const;

private:
    void split(std::string_view line);

    std::string file_, text_;
    char comment_;
    std::size_t position_ = 0, line_ = 0, used_ = 0;
    std::vector<std::string_view> words_;
};

/// The same word in lower case (ASCII).
std::string lower_case(std::string_view word);

} // namespace poseaug
