#pragma once
#include "data/npz.hpp"
#include "kernels/error.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace poseaug::tests {

/// A folder of its own for one test, gone afterwards.
class TempFolder {
public:
    TempFolder() {
        static int count = 0;
        path_ = std::filesystem::temp_directory_path() /
                ("poseaug-h36m-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
        std::filesystem::create_directories(path_);
    }
    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

template <class T>
Value value_of(T content) {
    Value value;
    value.data.emplace<T>(std::move(content));
    return value;
}

inline Value text(const char* words) { return value_of(std::string(words)); }

inline std::string bytes_of(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// The message of the Error that `action` throws, or "" if it throws none.
template <class Action>
std::string error_of(const Action& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

inline bool contains(const std::string& whole, const std::string& part) {
    return whole.find(part) != std::string::npos;
}

} // namespace poseaug::tests
