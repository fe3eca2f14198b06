#include "data/import/h36m_clips.hpp"

#include "data/import/read_hdf5.hpp"
#include "data/import/read_matlab.hpp"
#include "data/npy.hpp"
#include "data/regular_file.hpp"
#include "data/zip_archive.hpp"
#include "kernels/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <tuple>

namespace poseaug {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 7> kSubjects = {"S1", "S5", "S6", "S7", "S8", "S9", "S11"};
constexpr std::uint64_t kLargestFile = 1 << 28; // bytes; Human3.6M's have at most a few million

/// Where a kind of file stands below a subject's folder, and how its name ends.
struct Kind {
    const char *format, *folder, *inner, *suffix;
};
constexpr Kind kHdf5 = {"HDF5 files", "MyPoses", "3D_positions", ".h5"};
constexpr Kind kMatlab = {"MATLAB files", "MyPoseFeatures", "D3_Positions", ".cdf.mat"};

[[noreturn]] void fail_empty(const fs::path& source) {
    throw Error(fmt::format("{}: holds no 3D positions of Human3.6M. Expected S1/MyPoses/3D_positions/*.h5 in a zip "
                            "archive or a folder, or S1/MyPoseFeatures/D3_Positions/*.cdf.mat in a folder.",
                            source.string()));
}

std::string public_name(std::string action) {
    for (const auto& [from, to] :
         {std::pair<std::string, const char*>{"TakingPhoto", "Photo"}, {"WalkingDog", "WalkDog"}})
        if (const auto place = action.find(from); place != std::string::npos) action.replace(place, from.size(), to);
    return action;
}

std::size_t subject_order(const std::string& subject) {
    return static_cast<std::size_t>(std::ranges::find(kSubjects, subject) - kSubjects.begin());
}

/// Gathers clips by their files' paths.
class Finder {
public:
    explicit Finder(const Kind& kind) : kind_(kind) { found_.format = kind.format; }

    /// Takes the file if its path, relative to the source, ends as the kind's paths do.
    void offer(const fs::path& path, const std::string& where, std::function<Array()> read) {
        const std::vector<fs::path> parts(path.begin(), path.end());
        const std::string name = path.filename().string(), suffix = kind_.suffix;
        if (parts.size() < 4 || !name.ends_with(suffix) || name.starts_with(".") ||
            parts[parts.size() - 2] != kind_.inner || parts[parts.size() - 3] != kind_.folder)
            return;
        const std::string subject = parts[parts.size() - 4].string(),
                          stem = name.substr(0, name.size() - suffix.size());
        if (subject_order(subject) == kSubjects.size())
            leave_out(subject + ": not one of the seven subjects whose cameras are known");
        else if (stem.starts_with("_ALL")) leave_out(subject + " " + stem + ": several clips in one");
        else if (subject == "S11" && stem == "Directions") leave_out("S11 Directions: known to be corrupt");
        else add({subject, public_name(stem), where, std::move(read)});
    }
    H36mClips finish() {
        std::ranges::sort(found_.clips, {},
                          [](const H36mClip& clip) { return std::tuple(subject_order(clip.subject), clip.action); });
        return std::move(found_);
    }

private:
    void leave_out(const std::string& what) {
        if (left_out_.insert(what).second) found_.left_out.push_back(what);
    }
    void add(H36mClip clip) {
        const auto [place, is_new] = seen_.emplace(clip.subject + "/" + clip.action, clip.where);
        if (!is_new)
            throw Error(fmt::format("{} and {} are both the clip '{}' of {}; keep one of them.", place->second,
                                    clip.where, clip.action, clip.subject));
        found_.clips.push_back(std::move(clip));
    }

    const Kind& kind_;
    H36mClips found_;
    std::map<std::string, std::string> seen_;
    std::set<std::string> left_out_;
};

/// (frames, 96) of the file's (96, frames).
Array read_positions(const std::vector<std::byte>& file, const std::string& where) {
    const Array stored = Hdf5File(file, where).read("3D_positions");
    if (stored.shape.size() != 2)
        throw Error(fmt::format("{}: '3D_positions' is {}; expected (96, frames).", where, stored.describe()));
    const auto rows = static_cast<std::size_t>(stored.shape[0]), frames = static_cast<std::size_t>(stored.shape[1]);
    const std::vector<double> values = stored.doubles();
    std::vector<double> turned(values.size());
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t frame = 0; frame < frames; ++frame) turned[frame * rows + row] = values[row * frames + frame];
    return Array::of({stored.shape[1], stored.shape[0]}, turned);
}

std::vector<std::byte> read_member(zip_t* archive, zip_uint64_t index, const std::string& where) {
    const ZipEntry entry(zip_fopen_index(archive, index, 0));
    if (!entry) throw Error(where + ": cannot be read: " + zip_strerror(archive));
    const ByteReader read = [&](std::byte* target, std::size_t count) {
        const zip_int64_t got = zip_fread(entry.get(), target, count);
        if (got < 0) throw Error(where + ": cannot be unpacked: " + zip_file_strerror(entry.get()));
        return static_cast<std::size_t>(got);
    };
    std::vector<std::byte> bytes = read_at_most(read, kLargestFile + 1);
    if (bytes.size() > kLargestFile) throw Error(where + ": is far larger than any file of Human3.6M's");
    return bytes;
}

bool leads_out(const fs::path& member) {
    return member.is_absolute() || std::ranges::find(member, fs::path("..")) != member.end();
}

H36mClips find_in_archive(const fs::path& source) {
    open_regular_file(source);
    int code = 0;
    const std::shared_ptr<zip_t> archive = open_zip(source, ZIP_RDONLY, code);
    if (!archive)
        throw Error(fmt::format("{}: cannot be read as a zip archive: {}. Give h36m.zip, or a folder of its files.",
                                source.string(), describe_zip_error(code)));
    Finder finder(kHdf5);
    const auto members = static_cast<zip_uint64_t>(std::max<zip_int64_t>(0, zip_get_num_entries(archive.get(), 0)));
    for (zip_uint64_t index = 0; index < members; ++index) {
        const char* name = zip_get_name(archive.get(), index, 0);
        if (!name) throw Error(source.string() + ": the list of members is damaged");
        if (leads_out(name))
            throw Error(fmt::format("{}: the member '{}' leads out of the archive; this is not the archive of "
                                    "Human3.6M's positions.",
                                    source.string(), name));
        const std::string where = fmt::format("{}, member '{}'", source.string(), name);
        finder.offer(name, where, [archive, index, where] {
            return read_positions(read_member(archive.get(), index, where), where);
        });
    }
    return finder.finish();
}

H36mClips find_in_folder(const fs::path& source, const Kind& kind) {
    Finder finder(kind);
    for (const fs::path& root : {source, source / "h36m"}) {
        if (!fs::is_directory(root)) continue;
        for (const auto& subject : fs::directory_iterator(root)) {
            const fs::path folder = subject.path() / kind.folder / kind.inner;
            if (!subject.path().filename().string().starts_with("S") || !fs::is_directory(folder)) continue;
            for (const auto& entry : fs::directory_iterator(folder)) {
                const fs::path& file = entry.path();
                finder.offer(file, file.string(), [file, is_hdf5 = &kind == &kHdf5] {
                    return is_hdf5 ? read_positions(read_whole(file, kLargestFile), file.string())
                                   : read_matlab(file, "data");
                });
            }
        }
    }
    return finder.finish();
}

} // namespace

H36mClips find_h36m_clips(const fs::path& source) {
    if (!fs::exists(source)) throw Error(source.string() + ": there is no such file or folder");
    H36mClips found;
    if (!fs::is_directory(source)) {
        found = find_in_archive(source);
    } else {
        found = find_in_folder(source, kHdf5);
        if (found.clips.empty()) found = find_in_folder(source, kMatlab);
    }
    if (found.clips.empty()) fail_empty(source);
    return found;
}

} // namespace poseaug
