#include "training/estimator_fit.hpp"

#include "kernels/pose/losses.hpp"

namespace poseaug {

template <class T>
EstimatorFit<T>::EstimatorFit(Stream<T>& stream, Arena& arena, StepClock& clock, RandomDecisions<T>& random,
                              const Estimator& estimator, Network<T>& network, int batch, double dropout,
                              const Adam& adam)
    : stream_(stream), arena_(arena), clock_(clock), random_(random), estimator_(estimator), network_(network),
      batch_(batch), dropout_(dropout), adam_(adam), log_(stream.device(), {"estimator_loss"}, clock.state()) {}

template <class T>
typename EstimatorFit<T>::Source& EstimatorFit<T>::source_of(const DeviceArray<T>& image, const DeviceArray<T>& joints,
                                                             const DeviceArray<std::int32_t>& order) {
    const auto feed = [&](const DeviceArray<T>& items, int rows) {
        return BatchFeed<T>(stream_.device(), items, rows, order, clock_.state(), batch_);
    };
    const std::tuple key(image.data(), joints.data(), order.data());
    const auto found = sources_.find(key);
    if (found != sources_.end()) return found->second;
    return sources_.emplace(key, Source{feed(image, 32), feed(joints, 48), {}}).first->second;
}

template <class T> void EstimatorFit<T>::step(Source& source, int cols) {
    arena_.rewind();
    stream_.begin_phase("estimator, forward");
    Tape<T> tape(stream_, arena_);
    const View<T> images = tape.matrix(32, cols), poses = tape.matrix(48, cols);
    take_together(stream_, source.image, images, source.joints, poses);
    const Var x = tape.constant(images), y = tape.constant(poses);
    Scope<T> scope(tape, network_, {true, true, dropout_, 1, random_.dropout(random_stream::kFit)});
    const Var loss = tape.template apply<MeanSquare>({estimator_.forward(scope, x), y});
    stream_.begin_phase("estimator, backward");
    tape.backward();
    stream_.begin_phase("estimator, update");
    network_.adam_step(stream_, arena_, adam_);
    log_.end_step<T>(stream_, {tape.value(loss)});
}

template <class T>
void EstimatorFit<T>::queue(const DeviceArray<T>& image, const DeviceArray<T>& joints,
                            const DeviceArray<std::int32_t>& order, std::int64_t count, const Progress& progress) {
    Source& source = source_of(image, joints, order);
    log_.reset();
    clock_.begin_pass();
    source.image.begin(stream_);
    source.joints.begin(stream_);
    const std::int64_t steps = batch_count(count, batch_);
    taken_ = 0;
    for (std::int64_t i = 0; i < steps; ++i) {
        const int cols = batch_columns(count, batch_, i);
        if (cols < 2) continue;
        source.steps.run(stream_, cols, batch_, [&] { step(source, cols); });
        clock_.stepped();
        ++taken_;
        if (progress) progress(i + 1, steps);
    }
    log_.queue_read();
}

template <class T> double EstimatorFit<T>::loss(const std::string& name) const {
    const double sum = log_.figures(name).at("estimator_loss");
    return taken_ ? sum / static_cast<double>(taken_) : 0.0;
}

template class EstimatorFit<float>;
template class EstimatorFit<double>;

} // namespace poseaug
