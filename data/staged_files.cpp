#include "data/staged_files.hpp"

#include "kernels/error.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <system_error>
#include <utility>

namespace poseaug {

namespace fs = std::filesystem;

StagedFiles::StagedFiles(fs::path folder, std::vector<std::string> names)
    : folder_(std::move(folder)), stage_(folder_ / fmt::format(".staged-{}", ::getpid())), names_(std::move(names)) {
    for (const std::string& name : names_)
        if (fs::is_directory(folder_ / name))
            throw Error(fmt::format("Cannot write {}: a folder has this name.", (folder_ / name).string()));
    std::error_code problem;
    made_folder_ = fs::create_directories(folder_, problem);
    if (!problem) fs::create_directory(stage_, problem);
    if (problem) {
        remove();
        throw Error(fmt::format("Cannot write into the folder {}: {}.", folder_.string(), problem.message()));
    }
}

StagedFiles::~StagedFiles() { remove(); }

void StagedFiles::deliver() {
    for (const std::string& name : names_) {
        std::error_code problem;
        fs::rename(path(name), folder_ / name, problem);
        if (problem) throw Error(fmt::format("Cannot write {}: {}.", (folder_ / name).string(), problem.message()));
    }
    made_folder_ = false;
}

void StagedFiles::remove() {
    std::error_code ignored;
    fs::remove_all(stage_, ignored);
    if (made_folder_) fs::remove(folder_, ignored);
}

} // namespace poseaug
