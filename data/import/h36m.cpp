#include "data/import/h36m.hpp"

#include "data/import/h36m_clips.hpp"
#include "data/public_layout.hpp"
#include "kernels/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace poseaug {
namespace {

constexpr std::int64_t kNumbersAFrame = 96;
constexpr double kFarthest = 100'000; // millimetres
constexpr double kSmallestBody = 50;  // no coordinate beyond this: metres or centimetres, not millimetres

/// (frames, 32, 3) metres.
Array to_metres(const Array& clip, const std::string& where) {
    if (clip.shape.size() != 2 || clip.shape[1] != kNumbersAFrame || clip.shape[0] == 0)
        throw Error(fmt::format("{}: holds {} (frames, numbers a frame); expected 96 numbers in each of at least one "
                                "frame, x, y and z of 32 joints.",
                                where, describe_shape(clip.shape)));
    const std::vector<double> values = clip.doubles();
    std::vector<float> metres(values.size());
    double largest = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i]))
            throw Error(fmt::format("{}: holds a value that is not a number (frame {}).", where, i / kNumbersAFrame));
        largest = std::max(largest, std::abs(values[i]));
        metres[i] = static_cast<float>(values[i] / 1000);
    }
    if (largest < kSmallestBody || largest > kFarthest)
        throw Error(
            fmt::format("{}: its largest coordinate is {}; positions are expected in millimetres.", where, largest));
    return Array::of({clip.shape[0], 32, 3}, metres);
}

} // namespace

std::int64_t H36mImport::clips() const {
    std::int64_t sum = 0;
    for (const Subject& subject : subjects) sum += subject.clips;
    return sum;
}

std::int64_t H36mImport::frames() const {
    std::int64_t sum = 0;
    for (const Subject& subject : subjects) sum += subject.frames;
    return sum;
}

H36mImport import_h36m(const std::filesystem::path& source, const std::filesystem::path& out,
                       const ImportProgress& progress) {
    const H36mClips found = find_h36m_clips(source);
    H36mImport done{found.format, {}, found.left_out};
    PublicLayoutWriter writer(out);
    for (const H36mClip& clip : found.clips) {
        const Array positions = to_metres(clip.read(), clip.where);
        writer.add(clip.subject, clip.action, positions, film(clip.subject, positions));
        if (done.subjects.empty() || done.subjects.back().name != clip.subject) done.subjects.push_back({clip.subject});
        ++done.subjects.back().clips;
        done.subjects.back().frames += positions.shape[0];
        if (progress) progress(done.clips(), std::ssize(found.clips));
    }
    writer.commit();
    return done;
}

} // namespace poseaug
