#include "app/columns.hpp"
#include "app/keypoint_source.hpp"
#include "app/options.hpp"
#include "app/progress.hpp"
#include "app/verbs.hpp"
#include "data/npz.hpp"
#include "data/output_path.hpp"
#include "training/evaluation.hpp"
#include "training/weights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace poseaug::app {

namespace {

struct Settings {
    std::string model, weights, input, output;
    KeypointChoice keypoints;
    std::shared_ptr<bool> flip = std::make_shared<bool>(false);
    DeviceChoice device;
};

/// The poses as the estimator may see them: rows that are not valid are zero.
std::vector<float> estimable(const KeypointPoses& poses) {
    std::vector<float> image = poses.image;
    std::ranges::replace_if(
        image, [](float v) { return std::isnan(v); }, 0.0F);
    return image;
}

/// Makes the estimates of rows that are not valid NaN.
void blank_invalid(std::vector<float>& estimates, const KeypointPoses& poses) {
    for (std::size_t i = 0; i < poses.valid.size(); ++i)
        if (!poses.valid[i])
            std::fill_n(estimates.begin() + static_cast<std::ptrdiff_t>(48 * i), 48,
                        std::numeric_limits<float>::quiet_NaN());
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
    const KeypointPoses poses = s.keypoints.load(s.input);
    const auto device = s.device.open();
    LoadedEstimator<float> estimator = load_estimator<float>(*device, s.weights, s.model);
    std::vector<float> estimates = predict(estimator.network, estimator.kind, estimable(poses), *s.flip);
    blank_invalid(estimates, poses);
    NpzWriter writer(s.output);
    writer.add("pose3d", Array::of({poses.size(), 16, 3}, estimates));
    s.keypoints.add_members(writer, poses);
    writer.commit();
    fmt::print("{}{}: {} poses\n", describe(poses), s.output, poses.size() - poses.counts.dropped);
}

} // namespace

void add_predict(CLI::App& app) {
    CLI::App* verb = app.add_subcommand("predict", "Estimates 3D poses from 2D ones");
    const auto s = std::make_shared<Settings>();
    add_model_of(*verb, s->model, "--weights");
    verb->add_option("--weights", s->weights, std::string("Weights of the estimator: ") + kWeightFiles)
        ->required()
        ->type_name("FILE");
    verb->add_option("--input", s->input, "2D poses: .npz, .json, or a folder of .json files")
        ->required()
        ->type_name("SOURCE");
    verb->add_option("--output", s->output, "File to write (.npz)")->required()->type_name("FILE");
    s->keypoints.add_to(*verb);
    add_flip(*verb, s->flip);
    s->device.add_to(*verb);
    s->device.add_arithmetic_to(*verb);
    verb->footer(
        "Input: pose2d (n, 16 or 17, 2) of a .npz, normalised image coordinates (2u/w - 1, 2v/w - h/w) or pixels with "
        "--width and\n--height; VideoPose3D's .npz; JSON of MMPose, OpenPose or COCO; a folder of one .json a frame. "
        "Output: pose3d (n, 16, 3),\nmetres, the hip at zero, a row for every frame in the source's order, with frame, "
        "sequence and valid. Rows that are\nnot valid are NaN.\n"
        "Examples:\n"
        "  poseaug predict --weights run2/best_3dhp.safetensors --input openpose_json/ --width 1920 "
        "--height 1080 --output poses.npz\n"
        "  poseaug predict --weights run2/best_3dhp.safetensors --input detections.npz --output "
        "poses.npz");
    verb->callback([s] { run(*s); });
}

} // namespace poseaug::app
