#include "training/estimator_fit.hpp"

#include "kernels/pose/losses.hpp"
#include "training/batches.hpp"

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
    const View<T> images = tape.matrix(32, cols), poses = tape.matrix(48, cols);
    gather_to(stream_, images, poses, {image, order, clock_.state(), batch_, joints});
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
double EstimatorFit<T>::pass(const T* image, const T* joints, const std::int32_t* order, std::int64_t count,
                             const std::string& name, const Progress& progress) {
    log_.reset();
    clock_.begin_pass();
    const std::int64_t steps = batch_count(count, batch_);
    std::int64_t taken = 0;
    for (std::int64_t i = 0; i < steps; ++i) {
        const int cols = batch_columns(count, batch_, i);
        if (cols < 2) continue;
        const auto run = [&] { step(image, joints, order, cols); };
        if (cols == batch_) whole_batches_[{image, joints, order}].run(stream_, run);
        else run();
        clock_.stepped();
        ++taken;
        if (progress) progress(i + 1, steps);
    }
    const double sum = log_.read(name).at("estimator_loss");
    return taken ? sum / static_cast<double>(taken) : 0.0;
}

template class EstimatorFit<float>;
template class EstimatorFit<double>;

} // namespace poseaug
