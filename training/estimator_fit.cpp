#include "training/estimator_fit.hpp"

#include "kernels/pose/losses.hpp"

namespace poseaug {

template <class T>
EstimatorFit<T>::EstimatorFit(Stream<T>& stream, Arena& arena, StepClock& clock, RandomDecisions<T>& random,
                              const Estimator& estimator, Network<T>& network, int batch, double dropout,
                              const Adam& adam)
    : stream_(stream), arena_(arena), clock_(clock), random_(random), estimator_(estimator), network_(network),
      batch_(batch), dropout_(dropout), adam_(adam), log_(stream.device(), {"estimator_loss"}, clock.state()) {}

template <class T> void EstimatorFit<T>::step(const T* image, const T* joints, const std::int32_t* order, int cols) {
    arena_.rewind();
    stream_.begin_phase("estimator, forward");
    Tape<T> tape(stream_, arena_);
    const Var x = tape.constant(gather(tape, image, 32, order, clock_.state(), batch_, cols));
    const Var y = tape.constant(gather(tape, joints, 48, order, clock_.state(), batch_, cols));
    Scope<T> scope(tape, network_, {true, true, dropout_, 1, random_.dropout(random_stream::kFit)});
    const Var loss = tape.template apply<MeanSquare>({estimator_.forward(scope, x), y});
    stream_.begin_phase("estimator, backward");
    tape.backward(loss);
    stream_.begin_phase("estimator, update");
    network_.adam_step(stream_, arena_, adam_);
    log_.accumulate(tape, 0, {loss});
    clock_.advance(stream_);
}

template <class T>
void EstimatorFit<T>::queue(const T* image, const T* joints, const std::int32_t* order, std::int64_t count,
                            const Progress& progress) {
    log_.reset();
    clock_.begin_pass();
    const std::int64_t steps = batch_count(count, batch_);
    taken_ = 0;
    for (std::int64_t i = 0; i < steps; ++i) {
        const int cols = batch_columns(count, batch_, i);
        if (cols < 2) continue;
        steps_[{image, joints, order}].run(stream_, cols, batch_, [&] { step(image, joints, order, cols); });
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
