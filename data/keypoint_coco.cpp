#include "data/keypoint_json.hpp"

#include "kernels/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace poseaug {

using nlohmann::json;

namespace {

struct Picture {
    std::string name;
    ImageSize size;
    std::vector<Person> people;
};

/// Pictures in the file's order, found by their id.
struct Album {
    std::vector<Picture> pictures;
    std::unordered_map<std::string, std::size_t> by_id;

    /// The picture with that id, added if there is none yet.
    Picture& picture(const json& id) {
        const auto [place, added] = by_id.try_emplace(id.dump(), pictures.size());
        if (added) pictures.push_back({id.is_string() ? id.get<std::string>() : id.dump(), {}, {}});
        return pictures[place->second];
    }
};

int pixels(const json& image, const char* name) {
    constexpr std::int64_t most = 1'000'000;
    const auto found = image.find(name);
    if (found == image.end() || !found->is_number_integer()) return 0;
    return static_cast<int>(std::clamp<std::int64_t>(found->get<std::int64_t>(), 0, most));
}

void add_images(const json& images, const std::string& where, Album& album) {
    if (!images.is_array()) throw Error(where + ": its images are no list");
    for (const json& image : images) {
        const std::string name = fmt::format("{}, images[{}]", where, album.pictures.size());
        Picture& picture = album.picture(json_member(image, "id", name));
        picture.size = {pixels(image, "width"), pixels(image, "height")};
        if (image.contains("file_name") && image["file_name"].is_string()) picture.name = image["file_name"];
    }
}

/// `flags`: the third number is COCO's visibility, 0 unlabelled, 1 hidden, 2 visible, and not a score.
void add_people(const json& people, const std::string& where, bool flags, Album& album) {
    if (!people.is_array()) throw Error(where + ": is no list");
    std::size_t index = 0;
    for (const json& entry : people) {
        const std::string name = fmt::format("{}[{}]", where, index++);
        const json& id = json_member(entry, "image_id", name);
        if (!entry.contains("keypoints")) continue; // a thing, not a person
        Person person = person_of_triples(entry["keypoints"], name);
        if (flags)
            for (Keypoint& keypoint : person) keypoint.confidence = std::min(keypoint.confidence, 1.0);
        album.picture(id).people.push_back(std::move(person));
    }
}

void add_pictures(const Album& album, const char* format, KeypointFrames& frames) {
    frames.set_format(format);
    frames.set_layout("");
    if (!frames.begin_sequence(name_of_source(frames.source()), false)) return;
    for (const Picture& picture : album.pictures) frames.add(picture.name, picture.size, picture.people);
}

} // namespace

void read_coco_annotations(const json& content, KeypointFrames& frames) {
    const std::string where = frames.source().string();
    Album album;
    if (content.contains("images")) add_images(content["images"], where, album);
    add_people(content["annotations"], where + ": annotations", true, album);
    add_pictures(album, "COCO annotations", frames);
}

void read_coco_results(const json& content, KeypointFrames& frames) {
    Album album;
    add_people(content, frames.source().string() + ": results", false, album);
    add_pictures(album, "COCO results", frames);
}

} // namespace poseaug
