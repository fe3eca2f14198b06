#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace poseaug {

/// What the file of a clip says of it by its name.
struct ClipName {
    std::string performer; ///< "05"
    std::string action;    ///< "walk normal 001"; its first word is the action that errors are averaged over
};

/// The performer of a clip: a word of the file's name such as subject3, actor2 or dataset-1, or a number at
/// its start ("05_01" is by 05), otherwise the folder the file is in. Words of a name are parted by _ or spaces. The
/// action is what is left of the name, or the whole name if that does not begin with a letter.
ClipName name_clip(const std::filesystem::path& file);

/// Which of Human3.6M's subjects each performer is filmed as: those `chosen` as said there, the others in turn S1, S5,
/// S6, S7, S8, S9, S11, passing over the chosen subjects while others are left. Throws Error for a chosen performer
/// that is not there, and for a subject without cameras.
std::map<std::string, std::string> assign_subjects(const std::vector<std::string>& performers,
                                                   const std::map<std::string, std::string>& chosen);

} // namespace poseaug
