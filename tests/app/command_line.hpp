#pragma once
#include "data/array.hpp"
#include "tests/data/files.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace poseaug::testing {

/// What a run of the program came to.
struct Outcome {
    int status = -1; ///< exit status; 128 + the signal's number where one ended it
    std::string output, errors;
    bool says(const std::string& part) const { return contains(errors, part); }
};

/// Runs `poseaug` with these words, as from a shell. `before` is shell text that comes first, such as "ulimit -f 8;".
Outcome run_poseaug(const std::vector<std::string>& words, const std::string& before = "");

/// Files to run verbs on, in a folder of their own that goes with the object.
class Samples {
public:
    /// A folder of built-in data, `poses` of them.
    std::string data(int poses = 2800);
    /// Weights of narrow networks with random values; `network` is an estimator's name or "augmentor".
    std::string weights(const std::string& network, int width = 8);
    /// A .npz file of these members; a name may be of a file within `data()`.
    std::string arrays(const std::string& name, const std::vector<std::pair<std::string, Array>>& members);
    std::string path(const std::string& name) const { return (folder_ / name).string(); }
    std::ptrdiff_t files() const { return folder_.count(); }

private:
    TemporaryFolder folder_;
};

/// A .npz with one member of these bytes, whatever they are.
void write_member(const std::filesystem::path& file, const std::string& name, const std::string& bytes);
/// A .npy file's start for a type and shape, both as Python writes them.
std::string npy_header(const std::string& type, const std::string& shape);

/// Poses (n, 16, 3) of people standing some metres before a camera, each other than the one before.
Array standing_poses(int n);
/// 2D (n, joints, 2) in normalised image coordinates.
Array image_points(int n, int joints = 16);

nlohmann::json read_json(const std::string& file);
/// Values of a member of a .npz file.
std::vector<float> values_of(const std::string& file, const std::string& member);

} // namespace poseaug::testing
