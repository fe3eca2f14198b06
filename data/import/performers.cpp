#include "data/import/performers.hpp"

#include "data/cameras.hpp"
#include "data/import/text_lines.hpp"
#include "kernels/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace poseaug {
namespace {

constexpr std::array<const char*, 7> kSubjects = {"S1", "S5", "S6", "S7", "S8", "S9", "S11"};
constexpr std::array<std::string_view, 8> kPerformerWords = {"subject", "subj",    "actor", "performer",
                                                             "person",  "dataset", "s",     "p"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_number(std::string_view word) { return !word.empty() && std::ranges::all_of(word, is_digit); }

std::vector<std::string> words_of(const std::string& name) {
    std::vector<std::string> words(1);
    for (const char c : name) {
        if (c == '_' || c == ' ') words.emplace_back();
        else words.back() += c;
    }
    std::erase_if(words, [](const std::string& word) { return word.empty(); });
    return words;
}

/// "subject3", "Actor-2", "S1".
bool names_performer(const std::string& word) {
    const std::string lower = lower_case(word);
    return std::ranges::any_of(kPerformerWords, [&](std::string_view start) {
        if (!lower.starts_with(start)) return false;
        std::string_view rest = std::string_view(lower).substr(start.size());
        if (rest.starts_with('-')) rest.remove_prefix(1);
        return is_number(rest);
    });
}

std::string folder_name(const std::filesystem::path& file) {
    std::error_code ignored;
    const std::filesystem::path folder = std::filesystem::absolute(file, ignored).lexically_normal().parent_path();
    return folder.filename().string();
}

} // namespace

ClipName name_clip(const std::filesystem::path& file) {
    const std::string stem = file.stem().string();
    std::vector<std::string> words = words_of(stem);
    auto performer = std::ranges::find_if(words, names_performer);
    if (performer == words.end() && words.size() > 1 && is_number(words.front())) performer = words.begin();
    ClipName name{folder_name(file), stem};
    if (performer != words.end()) {
        name.performer = *performer;
        words.erase(performer);
    }
    if (!words.empty() && is_letter(words.front()[0])) name.action = fmt::format("{}", fmt::join(words, " "));
    return name;
}

std::map<std::string, std::string> assign_subjects(const std::vector<std::string>& performers,
                                                   const std::map<std::string, std::string>& chosen) {
    std::vector<std::string> free(kSubjects.begin(), kSubjects.end());
    for (const auto& [performer, subject] : chosen) {
        if (std::ranges::find(performers, performer) == performers.end())
            throw Error(fmt::format("There is no clip by '{}' to film as {}; the performers are {}.", performer,
                                    subject, fmt::join(performers, ", ")));
        h36m_placements(subject);
        std::erase(free, subject);
    }
    if (free.empty()) free.assign(kSubjects.begin(), kSubjects.end());
    std::map<std::string, std::string> assigned = chosen;
    std::size_t next = 0;
    for (const std::string& performer : performers)
        if (!assigned.contains(performer)) assigned[performer] = free[next++ % free.size()];
    return assigned;
}

} // namespace poseaug
