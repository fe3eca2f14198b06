#include "training/image_set.hpp"

#include "data/fingerprint.hpp"
#include "data/h36m.hpp"
#include "data/keypoints.hpp"
#include "data/test_set.hpp"
#include "kernels/error.hpp"

namespace poseaug {

std::string ImageSet::contents() const {
    if (images.empty()) return "";
    return std::to_string(size()) + " poses, " + fingerprint(images.data(), images.size());
}

ImageSet load_image_set(const std::filesystem::path& folder, const std::string& keypoints, const std::string& what) {
    const auto of_subjects = [&](const std::string& name, const std::vector<std::string>& subjects) {
        return ImageSet{name + " (" + keypoints + ")", load_h36m(folder, keypoints, subjects).image};
    };
    if (what == "train") return of_subjects("the training subjects' 2D", kTrainingSubjects);
    if (what == "h36m") return of_subjects("the 2D of S9 and S11", kTestSubjects);
    const auto test = folder / ("test_" + what + ".npz");
    if (std::filesystem::exists(test)) return {test.string(), load_test_set(test).image};
    if (!std::filesystem::exists(what))
        throw Error("'" + what + "' is neither a file nor a set of " + folder.string() +
                    "; give a file of 2D keypoints, train, h36m, or NAME of a test_NAME.npz there");
    return load_image_file(what);
}

ImageSet load_image_file(const std::filesystem::path& file) {
    if (!std::filesystem::exists(file)) throw Error(file.string() + " does not exist; give a file of 2D keypoints");
    return {file.string(), load_extra_2d(file)};
}

} // namespace poseaug
