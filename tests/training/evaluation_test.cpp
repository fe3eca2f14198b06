#include "training/evaluation.hpp"

#include "tests/training/tiny.hpp"

using namespace poseaug;
using test::Workbench;

namespace {

PoseSet set_of(int poses, const std::vector<Clip>& clips) {
    const test::TinyData data(poses);
    PoseSet set;
    set.joints.assign(data.joints.begin(), data.joints.end());
    set.image.assign(data.image.begin(), data.image.end());
    set.clips = clips;
    return set;
}

/// Errors (n, 35) that differ from pose to pose.
std::vector<double> errors_of(int poses) {
    std::vector<double> errors;
    for (int i = 0; i < poses; ++i)
        for (int k = 0; k < kErrorRows; ++k)
            errors.push_back(k < 16 ? 100.0 * i + k : k < 32 ? 50.0 * i : k == 32 ? 7.0 * i : k * (i + 1.0));
    return errors;
}

/// Of errors (n, 35) and estimates (n, 48) of a set's poses.
EvaluationResult summarise(const PoseSet& set, const std::vector<double>& errors,
                           const std::vector<double>& estimates) {
    const auto device = open_device({.kind = "cpu", .threads = 2});
    Stream<double> stream(*device);
    ErrorSums<double> sums(*device, set.clips);
    const DeviceArray<double> on_device(*device, errors), estimated(*device, estimates),
        joints(*device, {set.joints.begin(), set.joints.end()});
    sums.queue(stream, on_device, estimated, joints);
    device->synchronize();
    return sums.result();
}

} // namespace

TEST_CASE("errors are averaged over poses, over actions and over joints, and named") {
    const PoseSet set =
        set_of(5, {{"S9", "Walking 1", 0, 0, 2}, {"S9", "Eating", 0, 2, 1}, {"S11", "Walking", 1, 3, 2}});
    const EvaluationResult r = summarise(set, errors_of(5), std::vector<double>(5 * 48));
    CHECK(r.all.poses == 5);
    CHECK(r.all.mpjpe == doctest::Approx(200 + 7.5));
    CHECK(r.all.pa_mpjpe == doctest::Approx(100));
    CHECK(r.all.n_mpjpe == doctest::Approx(14));
    CHECK(r.all.pck == doctest::Approx(33 * 3));
    CHECK(r.all.auc == doctest::Approx(34 * 3));
    CHECK(r.per_joint[3] == doctest::Approx(203));
    REQUIRE(r.per_action.size() == 2);
    CHECK(r.per_action[0].first == "Walking");
    CHECK(r.per_action[0].second.poses == 4);
    CHECK(r.per_action[0].second.mpjpe == doctest::Approx(200 + 7.5)); // poses 0, 1, 3, 4
    CHECK(r.per_action[1].first == "Eating");
    CHECK(r.actions.mpjpe == doctest::Approx(207.5));
    CHECK(r.actions.pa_mpjpe == doctest::Approx(100));
}

TEST_CASE("velocity errors are taken within clips") {
    PoseSet set = set_of(4, {{"S9", "Walking", 0, 0, 2}, {"S9", "Eating", 0, 2, 2}});
    std::vector<double> estimates(4 * 48);
    for (std::size_t i = 0; i < 4; ++i)
        for (std::size_t k = 0; k < 48; ++k)
            estimates[48 * i + k] =
                static_cast<double>(set.joints[48 * i + k]) - static_cast<double>(set.joints[48 * i + k % 3]);
    CHECK(summarise(set, errors_of(4), estimates).mpjve.value() < 1e-3);
    for (std::size_t k = 2 * 48; k < 4 * 48; ++k) estimates[k] += 1; // between the clips
    CHECK(summarise(set, errors_of(4), estimates).mpjve.value() < 1e-3);
    for (std::size_t j = 0; j < 16; ++j) estimates[3 * 48 + 3 * j] += 0.03; // 30 mm at the fourth frame
    CHECK(summarise(set, errors_of(4), estimates).mpjve.value() == doctest::Approx(15).epsilon(1e-4));
}

TEST_CASE("estimates are relative to their own hip, whatever the network makes of it") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    for (const Estimator& e : estimators())
        for (const bool flip : {false, true}) {
            CAPTURE(e.name);
            Network<double> network(*device, e.layout(8));
            network.initialise(1);
            Workbench<double> bench(*device);
            Tape<double> tape(bench.stream, bench.arena);
            Scope<double> scope(tape, network, {});
            const Var image = tape.constant(bench.normal(32, 4, 3));
            const auto raw = bench.get(tape.value(e.forward(scope, image)));
            const auto pose = bench.get(tape.value(estimate(tape, e, network, image, flip)));
            for (std::size_t i = 0; i < pose.size(); ++i) {
                if (i < 3 * 4) CHECK(pose[i] == 0);
                if (!flip) CHECK(pose[i] == doctest::Approx(raw[i] - raw[i % (3 * 4)]));
            }
        }
}

TEST_CASE("an evaluation in batches is what one pass over all poses gives, with flip averaging and without") {
    for (const auto& device : test::devices()) {
        constexpr int poses = 4100; // two whole batches and a rest
        const PoseSet set = set_of(poses, {{"S9", "Walking", 0, 0, poses}});
        const Estimator& mlp = find_estimator("mlp");
        Network<double> network(*device, mlp.layout(8));
        network.initialise(1);
        Stream<double> stream(*device);
        double without = 0;
        for (const bool flip : {false, true}) {
            Arena arena(*device);
            Evaluator<double> evaluator(stream, arena, set, mlp, network, flip);
            const EvaluationResult result = evaluator.run();
            Workbench<double> bench(*device);
            Tape<double> tape(bench.stream, bench.arena);
            const auto put = [&](const std::vector<float>& values, int rows) {
                const auto matrix = tape.matrix(rows, poses);
                test::upload(*device, matrix, {values.begin(), values.end()});
                return tape.constant(matrix);
            };
            const auto pose =
                test::download(*device, tape.value(estimate(tape, mlp, network, put(set.image, 32), flip)));
            double mpjpe = 0;
            for (std::size_t i = 0; i < poses; ++i)
                for (std::size_t j = 0; j < 16; ++j) {
                    double square = 0;
                    for (std::size_t k = 0; k < 3; ++k) {
                        const double truth = static_cast<double>(set.joints[48 * i + 3 * j + k]) -
                                             static_cast<double>(set.joints[48 * i + k]);
                        square += (pose[48 * i + 3 * j + k] - truth) * (pose[48 * i + 3 * j + k] - truth);
                    }
                    mpjpe += 1000 * std::sqrt(square) / 16 / poses;
                }
            CHECK(result.all.mpjpe == doctest::Approx(mpjpe).epsilon(1e-9));
            CHECK(result.flip == flip);
            CHECK(result.all.mpjpe >= result.all.pa_mpjpe);
            CHECK(result.all.mpjpe != without);
            CHECK(evaluator.run().all.mpjpe == result.all.mpjpe);
            without = result.all.mpjpe;
        }
    }
}
