#include "kernels/pose/op_list.hpp"
#include "models/estimators.hpp"
#include "tests/parity/case.hpp"
#include "training/evaluation.hpp"

namespace poseaug::parity {
namespace {

const char* kPartNames[kParts] = {"left_arm", "right_arm", "left_leg", "right_leg", "torso"};

/// Position in the 225-wide Gram form of an entry of the compact one.
int wide_index(int part, int entry) {
    const int n = part_size(part);
    return part_bone(part, entry / n) * kBones + part_bone(part, entry % n);
}

/// The compact Gram matrices of all parts, pose by pose, of a case's 225-wide ones.
std::vector<double> compact(const Case& c, const std::string& prefix) {
    const auto poses = static_cast<std::size_t>(c.shape("x.joints")[0]);
    std::vector<double> values;
    for (std::size_t b = 0; b < poses; ++b)
        for (int part = 0; part < kParts; ++part) {
            const auto& wide = c.values(prefix + kPartNames[part]);
            for (int e = 0; e < part_size(part) * part_size(part); ++e)
                values.push_back(wide[b * 225 + static_cast<std::size_t>(wide_index(part, e))]);
        }
    return values;
}

/// A part's 225-wide Gram matrices of the compact ones of all parts.
std::vector<double> widened(const std::vector<double>& compact, int part) {
    std::size_t first = 0;
    for (int p = 0; p < part; ++p) first += static_cast<std::size_t>(part_size(p) * part_size(p));
    std::vector<double> wide(compact.size() / kAllGramEntries * 225, 0.0);
    for (std::size_t b = 0; b < compact.size() / kAllGramEntries; ++b)
        for (int e = 0; e < part_size(part) * part_size(part); ++e)
            wide[b * 225 + static_cast<std::size_t>(wide_index(part, e))] =
                compact[b * kAllGramEntries + first + static_cast<std::size_t>(e)];
    return wide;
}

template <class T> void run_bones(Device& device, const Case& c) {
    Bench<T> bench(device);
    Tape<T>& tape = bench.tape;
    const Var joints = bench.variable(c, "x.joints"), bones = bench.variable(c, "x.bones");
    const Var y_bones = tape.template apply<BonesOfJoints>({joints}),
              y_joints = tape.template apply<JointsOfBones>({bones});
    const auto unit = tape.template apply_all<UnitBones>({joints});
    const Var grams = tape.template apply<Kcs>({joints});
    tape.backward({{y_bones, bench.matrix(c, "w.bones")},
                   {y_joints, bench.matrix(c, "w.joints")},
                   {unit[0], bench.matrix(c, "w.unit")},
                   {unit[1], bench.matrix(c, "w.length")},
                   {grams, bench.matrix(compact(c, "w.kcs_"), c.shape("x.joints")[0])}});
    const double t = tolerance<T>();
    check_close("bones", bench.value(y_bones), c.values("y.bones"), t);
    check_close("joints", bench.value(y_joints), c.values("y.joints"), t);
    check_close("unit", bench.value(unit[0]), c.values("y.unit"), t);
    check_close("length", bench.value(unit[1]), c.values("y.length"), t);
    for (int part = 0; part < kParts; ++part)
        check_close(kPartNames[part], widened(bench.value(grams), part),
                    c.values(std::string("y.kcs_") + kPartNames[part]), t);
    check_close("gradient of joints", bench.gradient(joints), c.values("gx.joints"), t);
    check_close("gradient of bones", bench.gradient(bones), c.values("gx.bones"), t);
}

template <class T> void run_rodrigues(Device& device, const Case& c) {
    Bench<T> bench(device);
    const Var w = bench.variable(c, "x.axis_angle");
    const Var matrix = bench.tape.template apply<Rodrigues>({w});
    bench.tape.backward({{matrix, bench.matrix(c, "w.matrix")}});
    check_close("matrix", bench.value(matrix), c.values("y.matrix"), tolerance<T>());
    check_close("gradient", bench.gradient(w), c.values("gx.axis_angle"), tolerance<T>());
}

template <class T> void run_project(Device& device, const Case& c) {
    Bench<T> bench(device);
    const Var joints = bench.variable(c, "x.joints");
    const Var image = bench.tape.template apply<Project>({joints, bench.constant(c, "x.camera")});
    bench.tape.backward({{image, bench.matrix(c, "w.image")}});
    check_close("image", bench.value(image), c.values("y.image"), tolerance<T>());
    check_close("gradient", bench.gradient(joints), c.values("gx.joints"), tolerance<T>());
}

template <class T> void run_metrics(Device& device, const Case& c) {
    Bench<T> bench(device);
    const Var errors = pose_errors(bench.tape, bench.constant(c, "x.prediction"), bench.constant(c, "x.truth"));
    const auto poses = static_cast<std::int64_t>(c.values("x.truth").size() / 48);
    const std::vector<Clip> clips = {{"S9", "Walking 1", 0, 0, poses}}; // one: MPJVE is taken along it
    ErrorSums<T> sums(device, clips);
    DeviceArray<T> rows(device, poses * kErrorRows);
    const auto on_device = [&](const char* name) {
        const auto& values = c.values(name);
        return DeviceArray<T>(device, std::vector<T>(values.begin(), values.end()));
    };
    const auto prediction = on_device("x.prediction"), truth = on_device("x.truth");
    Stream<T> stream(device);
    scatter<T>(bench.tape, bench.tape.value(errors), rows.data(), nullptr, static_cast<int>(poses));
    sums.queue(stream, rows, prediction, truth);
    device.synchronize();
    const auto result = sums.result();
    const double t = tolerance<T>();
    check_close("mpjpe", {result.all.mpjpe}, c.values("y.mpjpe"), t);
    check_close("pa_mpjpe", {result.all.pa_mpjpe}, c.values("y.pa_mpjpe"), t);
    check_close("n_mpjpe", {result.all.n_mpjpe}, c.values("y.n_mpjpe"), t);
    check_close("pck", {result.all.pck}, c.values("y.pck"), t);
    check_close("auc", {result.all.auc}, c.values("y.auc"), t);
    check_close("per_joint", {result.per_joint.begin(), result.per_joint.end()}, c.values("y.per_joint"), t);
    check_close("mpjve", {result.mpjve.value()}, c.values("y.mpjve"), t);

    const Estimator& mlp = find_estimator("mlp");
    const auto width = static_cast<int>(c.shape("p.estimator.w1.weight")[0]);
    auto network = network_of<T>(device, c, "estimator", mlp.layout(width));
    const Var flipped = estimate(bench.tape, mlp, network, bench.constant(c, "x.image"), true);
    check_close("flip_averaged", bench.value(flipped), c.values("y.flip_averaged"), t);
}

} // namespace

template <class T> bool run_geometry(Device& device, const Case& c) {
    if (c.name() == "geometry_bones") run_bones<T>(device, c);
    else if (c.name() == "geometry_rodrigues") run_rodrigues<T>(device, c);
    else if (c.name() == "geometry_project") run_project<T>(device, c);
    else if (c.name() == "metrics") run_metrics<T>(device, c);
    else return false;
    return true;
}

template bool run_geometry<float>(Device&, const Case&);
template bool run_geometry<double>(Device&, const Case&);

} // namespace poseaug::parity
