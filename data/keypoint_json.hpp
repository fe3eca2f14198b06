#pragma once
#include "data/keypoint_frames.hpp"

#include <nlohmann/json.hpp>

namespace poseaug {

/// Parses a file, without the outlines of people that COCO's annotations hold. Throws Error naming it: if it cannot be
/// read, is no JSON, or nests deeper than any such file.
nlohmann::json parse_keypoint_json(const std::filesystem::path& file);

/// The name of a file without its folder and extension, or of a folder.
std::string name_of_source(const std::filesystem::path& source);

/// A member that must be there; Error starts with `where`.
const nlohmann::json& json_member(const nlohmann::json& object, const char* name, const std::string& where);

/// A list of x, y, confidence, one after another.
Person person_of_triples(const nlohmann::json& values, const std::string& where);

/// What one picture's file says.
struct FrameFile {
    const char* format;
    std::string layout; ///< as the file names it, or empty
    std::vector<Person> people;
};

/// Whether the file can be that of one picture: OpenPose's, or a list of MMPose's instances.
bool is_frame_file(const nlohmann::json& content);
FrameFile read_frame_file(const nlohmann::json& content, const std::string& where);

/// COCO: `images` with `annotations`, or the list of results.
void read_coco_annotations(const nlohmann::json& content, KeypointFrames& frames);
void read_coco_results(const nlohmann::json& content, KeypointFrames& frames);

} // namespace poseaug
