#include "kernels/pose/bone_length.hpp"
#include "models/augmentor.hpp"
#include "models/discriminators.hpp"
#include "models/estimators.hpp"
#include "tests/parity/case.hpp"
#include "tests/parity/widths.hpp"

namespace poseaug::parity {
namespace {

/// Compares gradients and running statistics of a network with the case's.
template <class T> void check_network(const Case& c, const std::string& net, const Network<T>& network) {
    const Arrays expected = c.under("g." + net);
    check_all_close("gradient of", network.gradients(), expected, tolerance<T>(), rounding_floor(expected));
    check_all_close("statistic", network.save(), c.under("s." + net), tolerance<T>());
}

/// A dropout mask of the reference, (B, channels[, nodes]), as a tensor or graph tensor.
template <class T> View<T> mask(Bench<T>& bench, const Case& c, const std::string& key) {
    const auto& shape = c.shape(key);
    if (shape.size() == 2) return bench.matrix(c, key);
    const bool nodes_first = c.name() == "estimator_gcn_dropout"; // its masks are (B, nodes, channels)
    const std::int64_t batch = shape[0], nodes = shape[nodes_first ? 1 : 2], channels = shape[nodes_first ? 2 : 1];
    std::vector<double> columns;
    for (std::int64_t v = 0; v < nodes; ++v)
        for (std::int64_t b = 0; b < batch; ++b)
            for (std::int64_t k = 0; k < channels; ++k) {
                const std::int64_t at = nodes_first ? v * channels + k : k * nodes + v;
                columns.push_back(c.values(key)[static_cast<std::size_t>(b * nodes * channels + at)]);
            }
    return bench.matrix(columns, nodes * batch);
}

template <class T> void run_estimator(Device& device, const Case& c) {
    // estimator_<name>_<mode>
    const std::size_t last = c.name().rfind('_');
    const std::string name = c.name().substr(10, last - 10), mode = c.name().substr(last + 1);
    const Estimator& kind = find_estimator(name);
    Bench<T> bench(device);
    auto network = network_of<T>(device, c, "estimator", kind.layout(estimator_width(c, kind)));
    const bool dropout = mode == "dropout";
    Scope<T> scope(bench.tape, network, {mode != "eval", true, dropout ? c.scalar("x.rate") : 0.0});
    if (dropout) {
        std::vector<View<T>> masks;
        for (int i = 0; c.has("x.mask" + std::to_string(i)); ++i)
            masks.push_back(mask(bench, c, "x.mask" + std::to_string(i)));
        scope.give_masks(masks);
    }
    const Var image = bench.variable(c, "x.image");
    const Var pose = kind.forward(scope, image);
    bench.tape.backward({{pose, bench.matrix(c, "w.pose")}});
    check_close("pose", bench.value(pose), c.values("y.pose"), tolerance<T>());
    check_close("gradient of image", bench.gradient(image), c.values("gx.image"), tolerance<T>());
    check_network(c, "estimator", network);
}

template <class T> void run_discriminator(Device& device, const Case& c) {
    const bool three = c.name() == "discriminator_3d";
    Bench<T> bench(device);
    auto network =
        network_of<T>(device, c, c.name(), three ? discriminator_3d_layout_of(c) : discriminator_2d_layout_of(c));
    Scope<T> scope(bench.tape, network, {true, true});
    const Var pose = bench.variable(c, "x.pose");
    const Var score = three ? discriminate_3d(scope, pose) : discriminate_2d(scope, pose);
    bench.tape.backward({{score, bench.matrix(c, "w.score")}});
    check_close("score", bench.value(score), c.values("y.score"), tolerance<T>());
    check_close("gradient of pose", bench.gradient(pose), c.values("gx.pose"), tolerance<T>());
    check_network(c, c.name(), network);
}

template <class T> void run_augmentor(Device& device, const Case& c) {
    Bench<T> bench(device);
    auto network = network_of<T>(device, c, "augmentor", augmentor_layout_of(c));
    Scope<T> scope(bench.tape, network, {c.name() == "augmentor_train", true});
    const Var joints = bench.variable(c, "x.joints");
    std::array<Var, 4> noise;
    for (int i = 0; i < 4; ++i) noise[static_cast<std::size_t>(i)] = bench.constant(c, "x.noise" + std::to_string(i));
    const int batch = bench.tape.value(joints).cols; // any camera will do: the case asks for no image
    const Var camera = bench.tape.constant(bench.matrix(std::vector<double>(std::size_t{9} * batch, 1.0), batch));
    const Augmented a = augment(scope, joints, camera, noise);
    const Var pose_bl = bench.tape.template apply<BoneLengthStep>({a.pose_ba, a.stretch}, {0.2});
    const std::vector<std::pair<std::string, Var>> outputs = {
        {"pose_ba", a.pose_ba}, {"ba_diff", a.angle_diff}, {"pose_bl", pose_bl}, {"blr", a.ratio},
        {"pose_rt", a.pose_rt}, {"r", a.rotation},         {"t", a.translation}};
    const auto w = [&](const char* name) { return bench.matrix(c, std::string("w.") + name); };
    bench.tape.backward({{a.pose_ba, w("pose_ba")},
                         {a.angle_diff, w("ba_diff")},
                         {pose_bl, w("pose_bl")},
                         {a.ratio, w("blr")},
                         {a.pose_rt, w("pose_rt")},
                         {a.rotation, w("r")},
                         {a.translation, w("t")}});
    for (const auto& [name, v] : outputs) check_close(name, bench.value(v), c.values("y." + name), tolerance<T>());
    check_close("gradient of joints", bench.gradient(joints), c.values("gx.joints"), tolerance<T>());
    check_network(c, "augmentor", network);
}

} // namespace

template <class T> bool run_networks(Device& device, const Case& c) {
    if (c.name().rfind("estimator_", 0) == 0) run_estimator<T>(device, c);
    else if (c.name().rfind("discriminator_", 0) == 0) run_discriminator<T>(device, c);
    else if (c.name().rfind("augmentor_", 0) == 0) run_augmentor<T>(device, c);
    else return false;
    return true;
}

template bool run_networks<float>(Device&, const Case&);
template bool run_networks<double>(Device&, const Case&);

} // namespace poseaug::parity
