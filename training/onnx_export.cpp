#include "training/onnx_export.hpp"

#include "data/onnx.hpp"
#include "training/evaluation.hpp"

#include <vector>

namespace poseaug {
namespace {

constexpr int kRecordedBatch = 5; ///< poses of the pass that is recorded; the model takes any number

OnnxNames names_of(const Network<float>& network) {
    OnnxNames names;
    for (const Placement& placement : network.placements())
        names[network.value(placement.spec.name).data] = placement.spec.name;
    return names;
}

} // namespace

void export_onnx(const std::filesystem::path& file, const Estimator& estimator, Network<float>& network) {
    Stream<float> stream(network.device());
    Arena arena(network.device());
    Tape<float> tape(stream, arena);
    const View<float> view = tape.matrix(32, kRecordedBatch);
    const std::vector<float> zeros(static_cast<std::size_t>(view.rows * view.stride));
    network.device().upload(view.data, zeros.data(), zeros.size() * sizeof(float));
    const Var image = tape.constant(view);
    const Var pose = estimate(tape, estimator, network, image, false);
    write_onnx(file, std::string(estimator.name), tape, image, pose, names_of(network));
}

} // namespace poseaug
