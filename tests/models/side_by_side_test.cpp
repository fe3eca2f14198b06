#include "kernels/pose/op_list.hpp"
#include "kernels/pose/sampling.hpp"
#include "models/augmentor.hpp"
#include "models/discriminators.hpp"
#include "tests/workbench.hpp"

#include <algorithm>

// The trunks of the augmentor and the paths of the 3D discriminator, which are computed side by side, against the same
// nets one by one as the paper has them, on the same parameters.

using namespace poseaug;
using test::Workbench;

namespace {

constexpr int kBatch = 9;
constexpr double kLeak = 0.01;

using Arrays = std::map<std::string, std::vector<double>>;

/// Two networks of the same parameters: one as it is, and one whose arrays lie in the order of the layout.
struct Pair {
    Network<double> together, apart;

    Pair(Device& device, const Layout& layout) : together(device, layout), apart(device, unstacked(layout)) {
        together.initialise(3);
        auto values = together.save();
        std::mt19937 random(4);
        for (auto& [name, array] : values) // what starts at zero or one, too
            for (double& v : array) v += 0.1 * std::abs(std::normal_distribution<double>()(random));
        for (Network<double>* network : {&together, &apart}) network->load(values);
    }
    static Layout unstacked(Layout layout) {
        for (ParameterSpec& spec : layout) spec.place = 0;
        return layout;
    }
};

void check_same(const Arrays& found, const Arrays& expected, double tolerance) {
    REQUIRE(found.size() == expected.size());
    for (const auto& [name, values] : expected) {
        CAPTURE(name);
        CHECK(test::largest_difference(found.at(name), values) < tolerance);
    }
}

/// One of the augmentor's nets by itself.
Var trunk(Scope<double>& scope, const std::string& part, const std::string& suffix, Var x) {
    const std::string norm = part + "batch_norm" + (suffix.empty() ? "1" : suffix);
    Var y = scope.linear_norm(part + "w1" + suffix, norm, x, {.slope = kLeak});
    for (const std::string stage : {".0.", ".1."})
        for (const std::string half : {"1", "2"}) {
            const std::string layers = part + "linear_stages" + suffix + stage;
            y = scope.linear_norm(layers + "w" + half, layers + "batch_norm" + half, y, {.slope = kLeak});
        }
    return scope.linear(part + "w2" + suffix, y);
}

Augmented augment_apart(Scope<double>& scope, Var joints, Var camera, const std::array<Var, 4>& noise) {
    auto& tape = scope.tape();
    const Var flat = tape.apply<HipRelative>({joints}), length = tape.apply_all<UnitBones>({joints})[1];
    Augmented a;
    const Var change = trunk(scope, "BAprocess.", "", tape.apply<ConcatRows>({flat, noise[0]}));
    a.pose_ba = tape.apply<BoneAngleStep>({joints, change, camera});
    const Var ratios = trunk(scope, "BLprocess.", "_BL", tape.apply<ConcatRows>({flat, length, noise[1]}));
    const Var rotation = trunk(scope, "RTprocess.", "_R", tape.apply<ConcatRows>({flat, noise[2]}));
    const Var translation = trunk(scope, "RTprocess.", "_T", tape.apply<ConcatRows>({flat, noise[3]}));
    a.pose_rt = tape.apply<MoveAndProject>({a.pose_ba, ratios, rotation, translation, camera}, {0.2});
    return a;
}

/// One path of the discriminator with its weight as wide as a file has it.
Var path(Scope<double>& scope, int part, Var wide_gram) {
    const std::string n = "kcs_path_" + std::to_string(part + 1) + ".";
    const Var a = scope.linear(n + "kcs_layer_1", wide_gram, kLeak);
    const Var b = scope.linear(n + "kcs_layer_3", scope.linear(n + "kcs_layer_2", a, kLeak), 1.0, a);
    return scope.linear(n + "layer_pred", scope.linear(n + "layer_last", b, kLeak));
}

} // namespace

TEST_CASE("the augmentor's trunks side by side are the trunks one by one") {
    for (const auto& device : test::devices())
        for (const bool train : {true, false}) {
            Pair networks(*device, augmentor_layout(12));
            const Sample::Matrix poses = sampling::poses(kBatch), cameras = sampling::cameras(kBatch);
            struct Run {
                std::vector<double> pose_ba, pose_rt, d_joints;
                Arrays gradients, values;
            };
            const auto run = [&](Network<double>& network, bool together) {
                Workbench<double> bench(*device);
                Tape<double> tape(bench.stream, bench.arena);
                Scope<double> scope(tape, network, {.train = train, .learn = true});
                const Var joints = tape.variable(bench.put(poses)), camera = tape.constant(bench.put(cameras));
                std::array<Var, 4> noise;
                for (unsigned q = 0; q < 4; ++q) noise[q] = tape.constant(bench.normal(kNoise, kBatch, 20 + q));
                const Augmented a =
                    together ? augment(scope, joints, camera, noise) : augment_apart(scope, joints, camera, noise);
                tape.backward({{a.pose_ba, bench.normal(48, kBatch, 1)}, {a.pose_rt, bench.normal(48, kBatch, 2)}});
                return Run{bench.get(tape.value(a.pose_ba)), bench.get(tape.value(a.pose_rt)),
                           bench.get(tape.gradient(joints)), network.gradients(), network.save()};
            };
            const Run found = run(networks.together, true), expected = run(networks.apart, false);
            CHECK(test::largest_difference(found.pose_ba, expected.pose_ba) < 1e-12);
            CHECK(test::largest_difference(found.pose_rt, expected.pose_rt) < 1e-12);
            CHECK(test::largest_difference(found.d_joints, expected.d_joints) < 1e-10);
            check_same(found.gradients, expected.gradients, 1e-9);
            check_same(found.values, expected.values, 1e-12); // running statistics among them
        }
}

TEST_CASE("the 3D discriminator's paths side by side are the paths one by one, on weights of full width") {
    for (const auto& device : test::devices()) {
        Pair networks(*device, discriminator_3d_layout(12, 5));
        Workbench<double> bench(*device);
        const View<double> joints = bench.put(sampling::poses(kBatch));
        Tape<double> tape(bench.stream, bench.arena);
        Scope<double> scope(tape, networks.together, {.train = true, .learn = true});
        const Var score = discriminate_3d(scope, tape.constant(joints));
        tape.backward({{score, bench.normal(kParts, kBatch, 1)}});
        const auto grams = bench.get(tape.value(tape.apply<Kcs>({tape.constant(joints)})));
        const auto scores = bench.get(tape.value(score)), cotangents = bench.get(bench.normal(kParts, kBatch, 1));
        for (int part = 0; part < kParts; ++part) {
            std::vector<double> wide(225 * kBatch, 0.0);
            for (int e = 0; e < part_size(part) * part_size(part); ++e)
                std::copy_n(grams.begin() + std::ptrdiff_t{kBatch} * (first_gram_entry(part) + e), kBatch,
                            wide.begin() + std::ptrdiff_t{kBatch} * kcs_full_index(part, e));
            Tape<double> alone(bench.stream, bench.arena);
            Scope<double> one(alone, networks.apart, {.train = true, .learn = true});
            const Var expected = path(one, part, alone.constant(bench.put(225, kBatch, wide)));
            const auto begin = static_cast<std::ptrdiff_t>(part) * kBatch;
            CHECK(test::largest_difference({scores.begin() + begin, scores.begin() + begin + kBatch},
                                           bench.get(alone.value(expected))) < 1e-12);
            alone.backward(
                {{expected, bench.put(1, kBatch, {cotangents.begin() + begin, cotangents.begin() + begin + kBatch})}});
        }
        check_same(networks.together.gradients(), networks.apart.gradients(), 1e-11);
    }
}
