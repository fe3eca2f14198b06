#pragma once
#include "data/keypoint_layouts.hpp"
#include "data/keypoints.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace poseaug {

/// A keypoint as a file has it; NaN or no confidence where the detector saw nothing.
struct Keypoint {
    double x, y, confidence = 1;
};
using Person = std::vector<Keypoint>;

/// Of a picture, in pixels; 0 where the file does not say.
struct ImageSize {
    int width = 0, height = 0;
};

/// Takes the frames that a reader finds, in their order, and makes poses of them: chooses the person, maps the
/// keypoints to the 16 joints, and normalises. Every Error names the file and the frame.
class KeypointFrames {
public:
    KeypointFrames(const std::filesystem::path& source, const KeypointOptions& options);

    /// Says for people what kind of file it is.
    void set_format(const std::string& format) { format_ = format; }
    /// The file's own name of its layout, and the layout that 17 keypoints are where neither it nor the user says.
    void set_layout(const std::string& of_file, const std::string& of_17 = "coco");
    /// Coordinates are normalised already, unless the user gives the image's size.
    void set_normalised() { normalised_ = options_.width == 0; }
    /// What follows belongs to this sequence. False: it is not asked for, leave it out.
    bool begin_sequence(const std::string& name, bool in_time);
    /// One frame, with everybody in it.
    void add(const std::string& frame, const ImageSize& size, const std::vector<Person>& people);

    const std::filesystem::path& source() const { return source_; }
    const KeypointOptions& options() const { return options_; }
    /// Applies the policy for missing joints. Throws Error if no row is valid.
    KeypointPoses finish();

private:
    struct Candidate;
    std::vector<ImagePoint> seen_points(const Person& person, const std::string& where);
    std::vector<Candidate> candidates(const std::vector<Person>& people, const std::string& where);
    std::vector<Candidate> choose(std::vector<Candidate> people) const;
    void append(const std::string& frame, const ImageSize& size, const Candidate* person, const std::string& where);
    ImagePoint normalised(const ImagePoint& point, const ImageSize& size, const std::string& where) const;
    const KeypointLayout& layout_of(std::size_t keypoints, const std::string& where);
    void check_pixels() const;
    void complete_rows();
    void complete_row(const KeypointSequence& sequence, std::int64_t row);

    std::filesystem::path source_;
    KeypointOptions options_;
    std::string format_, layout_, layout_of_17_ = "coco";
    const KeypointLayout* known_layout_ = nullptr; ///< of the last person
    bool normalised_ = false;
    double largest_ = 0;               ///< coordinate seen
    std::vector<std::string> skipped_; ///< sequences not asked for
    KeypointPoses poses_;
};

} // namespace poseaug
