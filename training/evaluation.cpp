#include "training/evaluation.hpp"

#include "kernels/pose/bones.hpp"
#include "kernels/pose/flip.hpp"
#include "kernels/pose/metrics.hpp"

namespace poseaug {

namespace {
constexpr int kEvaluationBatch = 2048;
}

template <class T> Var estimate(Tape<T>& tape, const Estimator& estimator, Network<T>& network, Var image, bool flip) {
    Scope<T> scope(tape, network, {});
    const Var pose = estimator.forward(scope, image);
    if (!flip) return tape.template apply<HipRelative>({pose});
    const Var mirrored = estimator.forward(scope, tape.template apply<MirrorImage>({image}));
    return tape.template apply<HipRelative>({tape.template apply<FlipAverage>({pose, mirrored})});
}

template <class T> Var pose_errors(Tape<T>& tape, Var estimate, Var truth) {
    const auto e = tape.template apply_all<PoseErrors>({estimate, truth});
    const Var scores = tape.template apply<ConcatRows>({e[2], e[3], e[4]});
    return tape.template apply<ConcatRows>({e[0], e[1], scores});
}

template <class T>
Evaluator<T>::Evaluator(Stream<T>& stream, Arena& arena, const PoseSet& set, const Estimator& estimator,
                        Network<T>& network, bool flip)
    : stream_(stream), arena_(arena), clock_(stream.device()), data_(stream.device(), set.joints, set.image),
      estimator_(estimator), network_(network), flip_(flip), estimates_(stream.device(), data_.count * 48),
      errors_(stream.device(), data_.count * kErrorRows), sums_(stream.device(), set.clips) {}

template <class T> void Evaluator<T>::step(int cols) {
    arena_.rewind();
    Tape<T> tape(stream_, arena_);
    const auto take = [&](const DeviceArray<T>& from, int rows) {
        return tape.constant(gather<T>(tape, from.data(), rows, nullptr, clock_.state(), kEvaluationBatch, cols));
    };
    const Var pose = estimate(tape, estimator_, network_, take(data_.image, 32), flip_);
    const Var truth = tape.template apply<HipRelative>({take(data_.joints, 48)});
    scatter(tape, tape.value(pose_errors(tape, pose, truth)), errors_.data(), clock_.state(), kEvaluationBatch);
    scatter(tape, tape.value(pose), estimates_.data(), clock_.state(), kEvaluationBatch);
    clock_.advance(stream_);
}

template <class T> void Evaluator<T>::queue() {
    clock_.begin_pass();
    for (std::int64_t i = 0; i < batch_count(data_.count, kEvaluationBatch); ++i) {
        const int cols = batch_columns(data_.count, kEvaluationBatch, i);
        steps_.run(stream_, cols, kEvaluationBatch, [&] { step(cols); });
        clock_.stepped();
    }
    sums_.queue(stream_, errors_, estimates_, data_.joints);
}

template <class T> EvaluationResult Evaluator<T>::result() const {
    EvaluationResult result = sums_.result();
    result.flip = flip_;
    return result;
}

template Var estimate(Tape<float>&, const Estimator&, Network<float>&, Var, bool);
template Var estimate(Tape<double>&, const Estimator&, Network<double>&, Var, bool);
template Var pose_errors(Tape<float>&, Var, Var);
template Var pose_errors(Tape<double>&, Var, Var);
template class Evaluator<float>;
template class Evaluator<double>;

} // namespace poseaug
