#include "app/columns.hpp"
#include "app/options.hpp"
#include "app/pose_files.hpp"
#include "app/progress.hpp"
#include "app/verbs.hpp"
#include "data/cameras.hpp"
#include "data/npz.hpp"
#include "data/output_path.hpp"
#include "kernels/pose/bone_length.hpp"
#include "kernels/pose/project.hpp"
#include "kernels/step/procedures.hpp"
#include "models/augmentor.hpp"
#include "training/weights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace poseaug::app {

namespace {

struct Settings {
    std::string weights, input, output;
    std::uint64_t seed = 0;
    double ratio_limit = -1; ///< below zero: as the weight file says
    DeviceChoice device;
};

struct Input {
    std::int64_t poses = 0;
    std::vector<float> joints; ///< (n, 16, 3)
    std::vector<float> camera; ///< (n, 9)
};

/// Pose-major results under the names they have in the file.
struct Column {
    std::string name;
    std::vector<std::int64_t> shape; ///< of one item
    std::vector<float> values;
};

std::vector<float> repeated(std::vector<float> item, std::int64_t times) {
    std::vector<float> all;
    all.reserve(item.size() * static_cast<std::size_t>(times));
    for (std::int64_t i = 0; i < times; ++i) all.insert(all.end(), item.begin(), item.end());
    return all;
}

std::vector<float> read_cameras(const std::string& file, std::int64_t poses) {
    if (!has_member(file, "camera")) {
        note("no 'camera' in the input: 2D is seen by Human3.6M's first camera");
        const auto first = normalised_intrinsics(h36m_intrinsics()[0]);
        return repeated({first.begin(), first.end()}, poses);
    }
    const Array array = read_numbers(file, "camera");
    if (array.shape == std::vector<std::int64_t>{9}) return repeated(array.floats(), poses);
    if (array.shape == std::vector<std::int64_t>{poses, 9}) return array.floats();
    throw Error(fmt::format("{}: camera is {}; expected (9,) or ({}, 9): fx fy cx cy k1 k2 k3 p1 p2, normalised", file,
                            array.describe(), poses));
}

Input read_input(const std::string& file) {
    constexpr float farthest_metres = 100;
    PoseArray poses = read_poses(file, "pose3d", {16}, 3);
    if (std::ranges::any_of(poses.values, [=](float v) { return std::abs(v) > farthest_metres; }))
        throw Error(
            fmt::format("{}: pose3d holds coordinates beyond {} m; positions are in metres. Are these millimetres?",
                        file, farthest_metres));
    std::int64_t behind = 0;
    for (std::size_t pose = 0; pose < poses.values.size(); pose += 48) behind += poses.values[pose + 2] <= 0 ? 1 : 0;
    if (behind > 0)
        note(fmt::format(
            "{} of {} poses have their hip at or behind the camera; pose3d should be in camera space (z forward)",
            behind, poses.poses));
    Input input{poses.poses, std::move(poses.values), {}};
    input.camera = read_cameras(file, input.poses);
    return input;
}

std::vector<Column> empty_columns() {
    return {{"pose_source", {16, 3}, {}}, {"pose_ba", {16, 3}, {}},      {"pose_bl", {16, 3}, {}},
            {"pose_rt", {16, 3}, {}},     {"image_source", {16, 2}, {}}, {"image_ba", {16, 2}, {}},
            {"image_bl", {16, 2}, {}},    {"image_rt", {16, 2}, {}},     {"angle_diff", {15}, {}},
            {"ratio", {9}, {}},           {"rotation", {3}, {}},         {"translation", {3}, {}}};
}

/// Standard normal draws for a chunk: the same for the same seed on any device.
Var draw_noise(Tape<float>& tape, std::uint64_t seed, std::int64_t chunk, int part, int count) {
    Call<float> call;
    call.attributes = Attributes::of(NormalDraws{{seed, nullptr, static_cast<std::uint32_t>(4 * chunk + part)}});
    call.out[0] = tape.matrix(kNoise, count);
    tape.stream().run(normal_draws_procedure(), call);
    return tape.constant(call.out[0]);
}

void augment_chunk(Tape<float>& tape, Network<float>& network, const Input& input, const Settings& s,
                   std::int64_t first, std::vector<Column>& columns) {
    const int count = static_cast<int>(std::min(kChunk, input.poses - first));
    const Var joints = put(tape, input.joints, 48, first, count), camera = put(tape, input.camera, 9, first, count);
    std::array<Var, 4> noise;
    for (int part = 0; part < 4; ++part)
        noise[static_cast<std::size_t>(part)] = draw_noise(tape, s.seed, first / kChunk, part, count);
    Scope<float> scope(tape, network, {});
    const Augmented a = augment(scope, joints, camera, noise, s.ratio_limit);
    const auto image = [&](Var pose) { return tape.apply<Project>({pose, camera}); };
    const Var pose_bl = tape.apply<BoneLengthStep>({a.pose_ba, a.stretch}, {s.ratio_limit});
    const Var results[] = {joints,         a.pose_ba,  pose_bl,      a.pose_rt, image(joints), a.image_ba,
                           image(pose_bl), a.image_rt, a.angle_diff, a.ratio,   a.rotation,    a.translation};
    for (std::size_t i = 0; i < columns.size(); ++i) take(tape, results[i], columns[i].values);
}

/// Whether all 2D of a pose lie within the image, [-1, 1] either way.
Array inside(const std::vector<float>& images) {
    Array flags{ElementType::boolean, {static_cast<std::int64_t>(images.size() / 32)}, {}, {}};
    for (auto pose = images.begin(); pose != images.end(); pose += 32)
        flags.bytes.push_back(std::all_of(pose, pose + 32, [](float v) { return std::abs(v) <= 1; }) ? std::byte{1}
                                                                                                     : std::byte{0});
    return flags;
}

std::int64_t write_output(const std::string& file, std::vector<Column>& columns, std::int64_t poses) {
    NpzWriter writer(file);
    Array kept;
    for (Column& column : columns) {
        if (column.name == "image_rt") kept = inside(column.values);
        column.shape.insert(column.shape.begin(), poses);
        writer.add(column.name, Array::of(column.shape, column.values));
        column.values = {};
    }
    writer.add("inside", kept);
    writer.commit();
    return std::ranges::count(kept.bytes, std::byte{1});
}

void run(Settings s) {
    require_writable_target(s.output);
    if (s.ratio_limit < 0) s.ratio_limit = trained_ratio_limit(s.weights);
    const Input input = read_input(s.input);
    const auto device = s.device.open();
    Network<float> network = load_augmentor<float>(*device, s.weights);
    Stream<float> stream(*device);
    Arena arena(*device);
    std::vector<Column> columns = empty_columns();
    ProgressLine line("augmenting");
    for (std::int64_t first = 0; first < input.poses; first += kChunk) {
        arena.rewind();
        Tape<float> tape(stream, arena);
        augment_chunk(tape, network, input, s, first, columns);
        line.update(std::min(first + kChunk, input.poses), input.poses);
    }
    line.finish();
    const std::int64_t kept = write_output(s.output, columns, input.poses);
    fmt::print("{}: {} poses, of which {} stay within the image\n", s.output, input.poses, kept);
}

} // namespace

void add_augment(CLI::App& app) {
    CLI::App* verb =
        app.add_subcommand("augment", "Augments poses: their 3D and 2D after each stage of a trained augmentor");
    const auto s = std::make_shared<Settings>();
    verb->add_option("--weights", s->weights, "augmentor.safetensors of a run, or the same as .npz or PyTorch file")
        ->required()
        ->type_name("FILE");
    verb->add_option("--input", s->input, "Poses (.npz)")->required()->type_name("FILE");
    verb->add_option("--output", s->output, "File to write (.npz)")->required()->type_name("FILE");
    verb->add_option("--seed", s->seed, "The same seed draws the same noise")
        ->check(at_least(0))
        ->capture_default_str();
    verb->add_option("--ratio-limit", s->ratio_limit,
                     "Largest relative change of a bone's length; as in the training, if not given")
        ->check(from_below(0, 1));
    s->device.add_to(*verb);
    verb->footer("Input: pose3d (n, 16, 3), metres in camera space; camera (n, 9) or (9,), fx fy cx cy k1 k2 k3 p1 p2 "
                 "normalised (without it:\n"
                 "Human3.6M's first camera).\n"
                 "Output: pose_source, pose_ba, pose_bl, pose_rt (n, 16, 3) before and after the steps of bone angles, "
                 "bone lengths, and rotation\n"
                 "and translation; image_... (n, 16, 2) of each; angle_diff (n, 15), ratio (n, 9), rotation (n, 3), "
                 "translation (n, 3); inside (n),\n"
                 "whether image_rt lies within the image.\n"
                 "Example:\n"
                 "  poseaug augment --weights run2/augmentor.safetensors --input data/test_3dhp.npz --output "
                 "augmented.npz --seed 1");
    verb->callback([s] { run(*s); });
}

} // namespace poseaug::app
