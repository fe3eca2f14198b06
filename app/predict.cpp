#include "app/columns.hpp"
#include "app/options.hpp"
#include "app/pose_files.hpp"
#include "app/progress.hpp"
#include "app/verbs.hpp"
#include "data/cameras.hpp"
#include "data/npz.hpp"
#include "data/output_path.hpp"
#include "training/evaluation.hpp"
#include "training/weights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace poseaug::app {

namespace {

struct Settings {
    std::string model, weights, input, output;
    int width = 0, height = 0; ///< of the image in pixels; 0: the input is normalised already
    std::shared_ptr<bool> flip = std::make_shared<bool>(false);
    DeviceChoice device;
};

/// Drops Neck/Nose, index 9, of 17-joint detections.
std::vector<float> sixteen_joints(const PoseArray& poses) {
    constexpr std::int64_t neck = 9;
    if (poses.joints == 16) return poses.values;
    std::vector<float> kept;
    for (std::int64_t i = 0; i < poses.poses * 17; ++i)
        if (i % 17 != neck) kept.insert(kept.end(), poses.values.begin() + 2 * i, poses.values.begin() + 2 * i + 2);
    return kept;
}

void normalise(std::vector<float>& image, int width, int height) {
    for (std::size_t i = 0; i < image.size(); i += 2) {
        const Eigen::Vector2d point = normalise_pixel({image[i], image[i + 1]}, width, height);
        image[i] = static_cast<float>(point.x());
        image[i + 1] = static_cast<float>(point.y());
    }
}

std::vector<float> read_input(const Settings& s) {
    constexpr float pixels = 10; // normalised coordinates are about 1; even a joint far outside does not come here
    std::vector<float> image = sixteen_joints(read_poses(s.input, "pose2d", {16, 17}, 2));
    if (s.width > 0) normalise(image, s.width, s.height);
    const bool looks_like_pixels = std::ranges::any_of(image, [=](float v) { return std::abs(v) > pixels; });
    if (looks_like_pixels && s.width == 0)
        throw Error(fmt::format("{}: pose2d holds coordinates beyond {}, so they are not normalised; if they are "
                                "pixels, give the image's --width and --height",
                                s.input, pixels));
    return image;
}

std::vector<float> predict(Network<float>& network, const Estimator& estimator, const std::vector<float>& image,
                           bool flip) {
    const auto poses = static_cast<std::int64_t>(image.size() / 32);
    Stream<float> stream(network.device());
    Arena arena(network.device());
    std::vector<float> estimates;
    estimates.reserve(static_cast<std::size_t>(poses) * 48);
    ProgressLine line("estimating");
    for (std::int64_t first = 0; first < poses; first += kChunk) {
        arena.rewind();
        Tape<float> tape(stream, arena);
        const int count = static_cast<int>(std::min(kChunk, poses - first));
        take(tape, estimate(tape, estimator, network, put(tape, image, 32, first, count), flip), estimates);
        line.update(first + count, poses);
    }
    line.finish();
    return estimates;
}

void run(const Settings& s) {
    require_writable_target(s.output);
    const std::vector<float> image = read_input(s);
    const auto device = s.device.open();
    LoadedEstimator<float> estimator = load_estimator<float>(*device, s.weights, s.model);
    const std::vector<float> estimates = predict(estimator.network, estimator.kind, image, *s.flip);
    const auto poses = static_cast<std::int64_t>(image.size() / 32);
    NpzWriter writer(s.output);
    writer.add("pose3d", Array::of({poses, 16, 3}, estimates));
    writer.commit();
    fmt::print("{}: {} poses\n", s.output, poses);
}

} // namespace

void add_predict(CLI::App& app) {
    CLI::App* verb = app.add_subcommand("predict", "Estimates 3D poses from 2D ones");
    const auto s = std::make_shared<Settings>();
    add_model_of(*verb, s->model, "--weights");
    verb->add_option("--weights", s->weights, std::string("Weights of the estimator: ") + kWeightFiles)
        ->required()
        ->type_name("FILE");
    verb->add_option("--input", s->input, "2D poses (.npz)")->required()->type_name("FILE");
    verb->add_option("--output", s->output, "File to write (.npz)")->required()->type_name("FILE");
    CLI::Option* width =
        verb->add_option("--width", s->width, "Width of the image, where the input is in pixels")->check(at_least(1));
    CLI::Option* height = verb->add_option("--height", s->height, "Its height")->check(at_least(1));
    width->needs(height);
    height->needs(width);
    add_flip(*verb, s->flip);
    s->device.add_to(*verb);
    s->device.add_convolution_to(*verb);
    verb->footer(
        "Input: pose2d (n, 16, 2), or (n, 17, 2) whose joint 9 (neck or nose) is left out; normalised image "
        "coordinates (2u/w - 1,\n"
        "2v/w - h/w), or pixels with --width and --height. Output: pose3d (n, 16, 3), metres, the hip at zero.\n"
        "Example:\n"
        "  poseaug predict --weights run2/best_3dhp.safetensors --input detections.npz --width 1000 "
        "--height 1002 --output poses.npz");
    verb->callback([s] { run(*s); });
}

} // namespace poseaug::app
