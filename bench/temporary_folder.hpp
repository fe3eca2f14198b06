#pragma once
#include "kernels/error.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>

namespace poseaug::bench {

/// A folder for what a benchmark writes and reads, gone with the object.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "poseaug-bench-XXXXXX").string();
        if (!::mkdtemp(name.data())) throw Error(name + ": this folder cannot be made; TMPDIR may name another place");
        path_ = name;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    std::filesystem::path operator/(const char* name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

} // namespace poseaug::bench
