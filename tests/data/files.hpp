#pragma once
#include "kernels/error.hpp"

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/resource.h>

namespace poseaug::testing {

/// A folder of its own for a test, removed at the end.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "poseaug-test-XXXXXX").string();
        if (!mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
        path_ = pattern;
    }
    ~TemporaryFolder() {
        std::error_code error;
        std::filesystem::remove_all(path_, error);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
    /// How many files are in it.
    std::ptrdiff_t count() const { return std::distance(std::filesystem::directory_iterator(path_), {}); }

private:
    std::filesystem::path path_;
};

/// Lets no file grow beyond `bytes` while it lives, as on a full disk.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
    void (*handler_)(int);
    rlimit before_{};
};

inline void write_file(const std::filesystem::path& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline std::string from_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    return bytes;
}

/// The message of the Error that `action` throws, or "no error".
template <class Action> std::string error_of(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t position = text.find(from);
    if (position == std::string::npos) throw std::runtime_error("nothing to replace");
    return text.replace(position, from.size(), to);
}

/// Damages `bytes` in one to four places: flipped, removed, inserted and repeated bytes, and cut ends.
inline std::string mutated(std::string bytes, std::mt19937& random) {
    const auto below = [&](std::size_t bound) { return bound ? random() % bound : 0; };
    for (std::size_t i = 0, damages = 1 + below(4); i < damages && !bytes.empty(); ++i) {
        const std::size_t place = below(bytes.size());
        switch (below(6)) {
        case 0: bytes[place] = static_cast<char>(random()); break;
        case 1: bytes[place] = static_cast<char>(bytes[place] ^ (1 << below(8))); break;
        case 2: bytes[place] = static_cast<char>(below(2) ? 0xFF : 0); break;
        case 3: bytes.erase(place, 1 + below(8)); break;
        case 4: bytes.insert(place, bytes.substr(below(bytes.size()), 1 + below(16))); break;
        case 5:
            if (below(4) == 0) bytes.resize(place);
            break;
        }
    }
    return bytes;
}

/// Runs `read` on `count` damaged versions of `bytes`. It may succeed or throw Error; anything else ends the test.
/// Returns how many were refused.
template <class Read> int refused_mutations(const std::string& bytes, int count, Read read) {
    std::mt19937 random(20210620);
    int refused = 0;
    for (int i = 0; i < count; ++i) {
        try {
            read(mutated(bytes, random));
        } catch (const Error&) {
            ++refused;
        }
    }
    return refused;
}

} // namespace poseaug::testing
