#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace poseaug {

/// Files of one folder that appear together: they are made in a hidden folder beside their places and moved there when
/// all are complete. Destroyed without `deliver`, it removes all that was made, the folder too if it was not there.
class StagedFiles {
public:
    /// Makes `folder` where it is missing. Throws Error if it cannot be written, or if a folder has one of the names.
    StagedFiles(std::filesystem::path folder, std::vector<std::string> names);
    ~StagedFiles();
    StagedFiles(const StagedFiles&) = delete;
    StagedFiles& operator=(const StagedFiles&) = delete;

    /// Where to make a file; also one that is not delivered.
    std::filesystem::path path(const std::string& name) const { return stage_ / name; }
    /// Moves the named files to the folder, over older ones. Throws Error naming the file that cannot be moved.
    void deliver();

private:
    void remove();

    std::filesystem::path folder_, stage_;
    std::vector<std::string> names_;
    bool made_folder_ = false;
};

} // namespace poseaug
