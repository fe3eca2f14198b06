#include "data/cameras.hpp"
#include "data/keypoint_json.hpp"
#include "data/keypoint_readers.hpp"
#include "data/npz.hpp"
#include "kernels/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace poseaug {
namespace {

namespace fs = std::filesystem;

/// An array (frames, keypoints, 2 or 3): x, y and perhaps a confidence.
class Track {
public:
    Track(const Array& array, const std::string& where) : shape_(array.shape) {
        if (array.type == ElementType::text) throw Error(where + " is " + array.describe() + "; expected numbers");
        if (shape_.size() != 3 || shape_[1] < 1 || shape_[2] < 2 || shape_[2] > 3)
            throw Error(fmt::format("{} is {}; expected (frames, keypoints, 2), or 3 with confidences", where,
                                    array.describe()));
        values_ = array.doubles();
    }
    std::int64_t frames() const { return shape_[0]; }
    Person person(std::int64_t frame) const {
        Person person;
        const double* value = values_.data() + frame * shape_[1] * shape_[2];
        for (std::int64_t k = 0; k < shape_[1]; ++k, value += shape_[2])
            person.push_back({value[0], value[1], shape_[2] == 3 ? value[2] : 1});
        return person;
    }

private:
    std::vector<std::int64_t> shape_;
    std::vector<double> values_;
};

void add_track(const Track& track, const ImageSize& size, KeypointFrames& frames) {
    for (std::int64_t i = 0; i < track.frames(); ++i) frames.add(std::to_string(i), size, {track.person(i)});
}

bool has_member(const fs::path& file, const std::string& name) {
    return std::ranges::count(npz_members(file), name) > 0;
}

Value read_object(const fs::path& file, const std::string& name) {
    NpyContent content = read_npz_member(file, name);
    if (!content.is_object || content.objects.size() != 1)
        throw Error(fmt::format("{}: {} is not a pickled dictionary, as VideoPose3D writes it", file.string(), name));
    return std::move(content.objects.front());
}

/// A whole number that a pickle holds as an int, a float or a NumPy scalar; 0 for anything else.
int whole_number(const Value* value) {
    double number = 0;
    if (!value) return 0;
    if (const auto* integer = std::get_if<std::int64_t>(&value->data)) number = static_cast<double>(*integer);
    else if (const auto* real = std::get_if<double>(&value->data)) number = *real;
    else if (value->is_array() && std::get<Array>(value->data).size() == 1 &&
             std::get<Array>(value->data).type != ElementType::text)
        number = std::get<Array>(value->data).doubles().front();
    return number >= 1 && number <= 1e6 ? static_cast<int>(number) : 0;
}

std::vector<int> whole_numbers(const Value& value) {
    std::vector<int> numbers;
    if (value.is_list())
        for (const Value& element : std::get<List>(value.data)) numbers.push_back(whole_number(&element));
    else if (value.is_array() && std::get<Array>(value.data).type != ElementType::text)
        for (const double number : std::get<Array>(value.data).doubles()) numbers.push_back(static_cast<int>(number));
    return numbers;
}

/// VideoPose3D's `metadata`.
class Metadata {
public:
    explicit Metadata(const fs::path& file) : file_(file) {
        if (has_member(file, "metadata")) value_ = read_object(file, "metadata");
    }

    std::string layout() const {
        const Value* name = value_.find("layout_name");
        return name && name->is_text() ? std::get<std::string>(name->data) : "";
    }
    /// Throws Error if the file's left is not the layout's: 3D of swapped sides looks right and is wrong.
    void check_sides(const KeypointLayout& layout) const {
        const Value* sides = value_.find("keypoints_symmetry");
        if (!sides || !sides->is_list() || std::get<List>(sides->data).size() != 2) return;
        const std::vector<int> left = whole_numbers(std::get<List>(sides->data).front());
        if (!agrees_with_left(layout, left))
            throw Error(
                fmt::format("{}: its keypoints_symmetry has {} on the left, which is not the left of the layout "
                            "{}; give the right --layout",
                            file_.string(), fmt::join(left, " "), layout.name));
    }
    /// Of a video, from `video_metadata`; of Human3.6M's own file, of its camera.
    ImageSize image_size(const std::string& video, std::size_t camera, std::size_t cameras) const {
        if (const Value* videos = value_.find("video_metadata"))
            if (const Value* found = videos->find(video))
                return {whole_number(found->find("w")), whole_number(found->find("h"))};
        const bool human36m = file_.filename().string().starts_with("data_2d_h36m") && cameras == kH36mCameras;
        if (!human36m) return {};
        return {h36m_intrinsics()[camera].width, h36m_intrinsics()[camera].height};
    }

private:
    fs::path file_;
    Value value_;
};

/// Walks `positions_2d`: dictionaries by video or subject, then action, to lists of cameras, to arrays.
class PositionsReader {
public:
    PositionsReader(const fs::path& file, KeypointFrames& frames) : metadata_(file), frames_(frames) {
        where_ = file.string() + ": positions_2d";
        const std::string layout = metadata_.layout();
        const bool human36m = file.filename().string().starts_with("data_2d_h36m");
        frames_.set_layout(layout, human36m ? "h36m" : "");
        frames_.set_format("VideoPose3D");
        layout_ = frames_.options().layout.empty() ? layout : frames_.options().layout;
    }

    void read(const Value& value, const std::string& name, const std::string& video) {
        if (value.is_dict()) read_dict(std::get<Dict>(value.data), name, video);
        else if (value.is_list()) read_cameras(std::get<List>(value.data), name, video);
        else read_track(value, name, metadata_.image_size(video, 0, 1));
    }

private:
    void read_dict(const Dict& dict, const std::string& name, const std::string& video) {
        for (const auto& [key, value] : dict) {
            const std::string& word = key.text(where_ + "/" + name);
            const bool says_nothing = !name.empty() && word == "custom"; // the one action of videos of one's own
            std::string longer = name.empty() ? word : name;
            if (!name.empty() && !says_nothing) longer.append("/").append(word);
            read(value, longer, video.empty() ? word : video);
        }
    }

    void read_cameras(const List& cameras, const std::string& name, const std::string& video) {
        for (std::size_t i = 0; i < cameras.size(); ++i)
            read_track(cameras[i], cameras.size() == 1 ? name : fmt::format("{}/{}", name, i),
                       metadata_.image_size(video, i, cameras.size()));
    }

    void read_track(const Value& value, const std::string& name, const ImageSize& size) {
        if (!frames_.begin_sequence(name, true)) return;
        const Array& array = value.array(where_ + "/" + name);
        const Track track(array, where_ + "/" + name);
        if (!layout_.empty())
            metadata_.check_sides(
                find_keypoint_layout(layout_, static_cast<std::size_t>(array.shape[1]), where_ + "/" + name));
        add_track(track, size, frames_);
    }

    Metadata metadata_;
    KeypointFrames& frames_;
    std::string where_, layout_;
};

/// A member of n names or numbers, as names; empty where there is none.
std::vector<std::string> read_names(const fs::path& file, const std::string& member, std::int64_t n) {
    if (!has_member(file, member)) return {};
    const NpyContent content = read_npz_member(file, member);
    if (content.is_object || content.array.shape != std::vector<std::int64_t>{n})
        throw Error(fmt::format("{}: {} is {}; expected a name or a number for each of {} poses", file.string(), member,
                                content.is_object ? "an object array" : content.array.describe(), n));
    if (content.array.type == ElementType::text) return content.array.text;
    std::vector<std::string> names;
    for (const std::int64_t number : content.array.integers()) names.push_back(std::to_string(number));
    return names;
}

/// False where `in_time` is there and says so.
bool read_in_time(const fs::path& file) {
    if (!has_member(file, "in_time")) return true;
    const NpyContent content = read_npz_member(file, "in_time");
    return content.is_object || content.array.type == ElementType::text || content.array.size() != 1 ||
           content.array.doubles().front() != 0;
}

/// `pose2d`, with `sequence`, `frame` and `in_time` where `poseaug import keypoints` wrote it.
void read_pose2d(const fs::path& file, KeypointFrames& frames) {
    const std::string where = file.string() + ": pose2d";
    const NpyContent content = read_npz_member(file, "pose2d");
    if (content.is_object) throw Error(where + " is an object array; expected numbers");
    const Track track(content.array, where);
    const std::vector<std::string> names = read_names(file, "frame", track.frames()),
                                   sequences = read_names(file, "sequence", track.frames());
    const bool in_time = !sequences.empty() && read_in_time(file);
    frames.set_format("pose2d");
    frames.set_layout("", "h36m");
    frames.set_normalised();
    bool wanted = sequences.empty() && frames.begin_sequence(name_of_source(file), false);
    for (std::int64_t i = 0; i < track.frames(); ++i) {
        const auto row = static_cast<std::size_t>(i);
        if (!sequences.empty() && (i == 0 || sequences[row] != sequences[row - 1]))
            wanted = frames.begin_sequence(sequences[row], in_time);
        if (wanted) frames.add(names.empty() ? std::to_string(i) : names[row], {}, {track.person(i)});
    }
}

} // namespace

void read_keypoint_arrays(const fs::path& file, KeypointFrames& frames) {
    if (has_member(file, "positions_2d")) {
        PositionsReader(file, frames).read(read_object(file, "positions_2d"), "", "");
    } else if (has_member(file, "pose2d")) {
        read_pose2d(file, frames);
    } else {
        throw Error(fmt::format("{}: holds neither pose2d nor positions_2d; it holds {}", file.string(),
                                fmt::join(npz_members(file), ", ")));
    }
}

} // namespace poseaug
