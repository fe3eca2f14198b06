#include "data/import/mpi_inf_3dhp.hpp"

#include "data/cameras.hpp"
#include "data/import/read_hdf5.hpp"
#include "data/npy.hpp"
#include "data/npz.hpp"
#include "data/regular_file.hpp"
#include "kernels/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace poseaug {
namespace {

namespace fs = std::filesystem;

constexpr const char *kScaled = "univ_annot3", *kMetric = "annot3";
constexpr int kSequences = 6, kOriginalJoints = 17, kCommonJoints = 24;
constexpr std::uint64_t kLargestFile = 1 << 30; // bytes
constexpr double kFarthestMetres = 100;

/// Where our 16 joints stand among the original's 17 and among the 24 of the passed-on .npz.
constexpr std::array<int, kJoints> kFromOriginal = {14, 8, 9, 10, 11, 12, 13, 15, 1, 16, 5, 6, 7, 2, 3, 4};
constexpr std::array<int, kJoints> kFromCommon = {14, 2, 1, 0, 3, 4, 5, 16, 12, 18, 9, 10, 11, 8, 7, 6};

/// Numbers of frames of joints, some of whose joints and columns are wanted.
struct Table {
    std::vector<double> values;
    std::int64_t frames, joints, columns;
    const double* at(std::int64_t frame, int joint) const { return values.data() + (frame * joints + joint) * columns; }
};

/// An array of (frames, joints, columns), or as the original has it (frames, 1, joints, columns).
Table to_table(const Array& array, std::int64_t joints, std::int64_t columns, const std::string& where) {
    auto shape = array.shape;
    if (shape.size() == 4 && shape[1] == 1) shape.erase(shape.begin() + 1);
    if (array.type == ElementType::text || shape.size() != 3 || shape[1] != joints || shape[2] != columns)
        throw Error(fmt::format("{} is {}; expected (frames, {}, {}).", where, array.describe(), joints, columns));
    return {array.doubles(), shape[0], joints, columns};
}

PixelCamera image_of(int sequence) {
    PixelCamera camera{};
    const bool outdoors = sequence >= 5;
    camera.width = outdoors ? 1920 : 2048;
    camera.height = outdoors ? 1080 : 2048;
    return camera;
}

/// Appends a pose; `unit` is what a metre is in `positions`.
void append(TestSet& set, const Table& positions, const Table& pixels, std::int64_t frame,
            const std::array<int, kJoints>& joints, double unit, int sequence, const std::string& where) {
    const PixelCamera image = image_of(sequence);
    for (const int joint : joints) {
        const double *p = positions.at(frame, joint), *seen = pixels.at(frame, joint);
        const Eigen::Vector2d place = normalise_pixel({seen[0], seen[1]}, image.width, image.height);
        const double numbers[] = {p[0] / unit, p[1] / unit, p[2] / unit, place.x(), place.y()};
        if (!std::ranges::all_of(numbers, [](double v) { return std::isfinite(v); }))
            throw Error(fmt::format("{}: holds a value that is not a number (frame {}).", where, frame));
        if (std::ranges::any_of(numbers, numbers + 3, [](double v) { return std::abs(v) > kFarthestMetres; }))
            throw Error(fmt::format("{}: holds a position of more than {} m (frame {}); is its unit another?", where,
                                    kFarthestMetres, frame));
        for (int k = 0; k < 3; ++k) set.pose3d.push_back(static_cast<float>(numbers[k]));
        for (int k = 3; k < 5; ++k) set.pose2d.push_back(static_cast<float>(numbers[k]));
    }
}

/// Refuses positions that cannot be in the unit expected: no body is smaller than 5 cm.
void require_size(const TestSet& set, const std::string& where, const char* unit) {
    const auto reach = std::ranges::max(set.pose3d, {}, [](float v) { return std::abs(v); });
    if (std::abs(reach) < 0.05F)
        throw Error(fmt::format("{}: its largest coordinate is {} m; positions are expected in {}.", where,
                                std::abs(reach), unit));
}

// The passed-on .npz.

struct ImageName {
    int sequence;
    std::int64_t frame;
};

/// ".../TS5/imageSequence/img_000123.jpg"
std::optional<ImageName> parse_image_name(const std::string& name) {
    const auto after = [&](const std::string& mark) -> std::optional<std::int64_t> {
        const std::size_t place = name.rfind(mark);
        if (place == std::string::npos) return std::nullopt;
        const std::size_t first = place + mark.size(),
                          last = std::min(name.find_first_not_of("0123456789", first), name.size());
        if (last == first || last - first > 9) return std::nullopt;
        return std::stoll(name.substr(first, last - first));
    };
    const auto sequence = after("TS"), frame = after("img_");
    if (!sequence || !frame || *sequence < 1 || *sequence > kSequences) return std::nullopt;
    return ImageName{static_cast<int>(*sequence), *frame};
}

std::vector<std::string> read_names(const fs::path& file) {
    const NpyContent content = read_npz_member(file, "imgname");
    const std::string where = file.string() + ": imgname";
    std::vector<std::string> names = content.array.text;
    for (const Value& value : content.objects) names.push_back(value.text(where));
    if (names.empty()) throw Error(where + " holds no texts.");
    return names;
}

Table read_common(const fs::path& file, const std::string& member, std::int64_t columns, std::size_t poses) {
    const std::string where = file.string() + ": " + member;
    const NpyContent content = read_npz_member(file, member);
    if (content.is_object) throw Error(where + " is an object array; expected numbers.");
    Table table = to_table(content.array, kCommonJoints, columns, where);
    if (static_cast<std::size_t>(table.frames) != poses)
        throw Error(fmt::format("{} has {} poses, imgname has {}.", where, table.frames, poses));
    return table;
}

TestSetImport read_common_file(const fs::path& file, const ImportProgress& progress) {
    const std::vector<std::string> names = read_names(file);
    const Table pixels = read_common(file, "part", 3, names.size()),
                positions = read_common(file, "S", 4, names.size());
    TestSetImport result;
    result.set.annotation = kScaled; // says the script that makes these files
    std::map<std::string, std::int64_t> counts;
    RunNames runs;
    for (std::int64_t i = 0; i < std::ssize(names); ++i) {
        const std::string& name = names[static_cast<std::size_t>(i)];
        const auto image = parse_image_name(name);
        if (!image)
            throw Error(fmt::format("{}: the image '{}' of pose {} is none of TS1 to TS6 (.../TS1/.../img_000001.jpg).",
                                    file.string(), name.substr(0, 100), i));
        if (!std::ranges::all_of(
                kFromCommon, [&](int joint) { return pixels.at(i, joint)[2] > 0 && positions.at(i, joint)[3] > 0; })) {
            ++result.left_out["a joint is not annotated"];
            continue;
        }
        append(result.set, positions, pixels, i, kFromCommon, 1, image->sequence, file.string());
        const std::string sequence = fmt::format("TS{}", image->sequence);
        result.set.sequence.push_back(runs.next(sequence, image->frame));
        ++counts[sequence];
    }
    result.sources.assign(counts.begin(), counts.end());
    if (result.set.size() > 0) require_size(result.set, file.string(), "metres");
    if (progress) progress(1, 1);
    return result;
}

// The original annotations.

void append_sequence(TestSetImport& result, const fs::path& path, int sequence, const std::string& annotation) {
    const Hdf5File file(read_whole(path, kLargestFile), path.string());
    const auto table = [&](const std::string& name, int columns) {
        return to_table(file.read(name), kOriginalJoints, columns, path.string() + ": " + name);
    };
    const Table pixels = table("annot2", 2), positions = table(annotation, 3);
    const Array valid = file.read("valid_frame");
    if (pixels.frames != positions.frames || valid.size() != pixels.frames)
        throw Error(fmt::format("{}: annot2 has {} frames, {} {} and valid_frame {}; they should be as many.",
                                path.string(), pixels.frames, annotation, positions.frames, valid.size()));
    const std::vector<double> is_valid = valid.doubles();
    const std::string name = fmt::format("TS{}", sequence);
    const std::int64_t before = result.set.size();
    RunNames runs;
    for (std::int64_t frame = 0; frame < pixels.frames; ++frame) {
        if (is_valid[static_cast<std::size_t>(frame)] == 0) {
            ++result.left_out["the frame is not marked valid"];
            continue;
        }
        append(result.set, positions, pixels, frame, kFromOriginal, 1000, sequence, path.string());
        result.set.sequence.push_back(runs.next(name, frame));
    }
    result.sources.emplace_back(name, result.set.size() - before);
}

TestSetImport read_original(const fs::path& source, const std::string& annotation, const ImportProgress& progress) {
    const fs::path inner = source / "mpi_inf_3dhp_test_set", root = fs::is_directory(inner) ? inner : source;
    TestSetImport result;
    result.set.annotation = annotation;
    for (int sequence = 1; sequence <= kSequences; ++sequence) {
        const fs::path file = root / fmt::format("TS{}", sequence) / "annot_data.mat";
        if (fs::exists(file)) append_sequence(result, file, sequence, annotation);
        if (progress) progress(sequence, kSequences);
    }
    if (result.sources.empty())
        throw Error(
            fmt::format("{}: holds no TS1/annot_data.mat to TS6/annot_data.mat, MPI-INF-3DHP's test annotations.",
                        source.string()));
    if (result.set.size() > 0) require_size(result.set, root.string(), "millimetres");
    return result;
}

} // namespace

TestSetImport import_3dhp(const fs::path& source, const fs::path& out, const std::string& annotation,
                          const ImportProgress& progress) {
    if (!fs::exists(source)) throw Error(source.string() + ": there is no such file or folder");
    const bool is_original = fs::is_directory(source);
    if (!is_original && annotation == kMetric)
        throw Error(fmt::format("{}: holds one annotation, taken from {}; {} is in the original annotations only.",
                                source.string(), kScaled, kMetric));
    TestSetImport result = is_original ? read_original(source, annotation.empty() ? kScaled : annotation, progress)
                                       : read_common_file(source, progress);
    if (result.set.size() == 0) throw Error(source.string() + ": holds no valid pose");
    write_test_set(out, "3dhp", result.set);
    return result;
}

} // namespace poseaug
