#pragma once
#include "engine/steps.hpp"
#include "engine/tape.hpp"

#include <algorithm>
#include <utility>

namespace poseaug {

/// A batch of two arrays of pose-major data to `a` and, if it is not null, `b`; nothing is written behind their columns.
template <class T> void gather_to(Stream<T>& stream, View<T> a, View<T> b, const Gather& from) {
    Call<T> call;
    call.attributes = Attributes::of(from);
    call.out[0] = a;
    call.out[1] = b;
    stream.run(gather_procedure(), call);
}

/// A batch of pose-major data as a (rows, cols) tensor; `batch` is the size of whole batches. `order` null: items in
/// their own order.
template <class T>
View<T> gather(Tape<T>& tape, const T* data, int rows, const std::int32_t* order, const StepState* state, int batch,
               int cols) {
    const View<T> to = tape.matrix(rows, cols);
    gather_to<T>(tape.stream(), to, {}, {data, order, state, batch});
    return to;
}

/// Writes a batch to pose-major data, in the items' own order.
template <class T> void scatter(Tape<T>& tape, View<T> from, T* data, const StepState* state, int batch) {
    Call<T> call;
    call.attributes = Attributes::of(Scatter{data, state, batch});
    call.in[0] = from;
    tape.stream().run(scatter_procedure(), call);
}

/// Columns of batch `step`: whole, or what is left at the end.
inline int batch_columns(std::int64_t count, int batch, std::int64_t step) {
    return static_cast<int>(std::min<std::int64_t>(batch, count - step * batch));
}
inline std::int64_t batch_count(std::int64_t count, int batch) { return (count + batch - 1) / batch; }

/// One kind of step, for whole batches and for a last one of fewer poses: both are recorded and replayed, pass after pass.
/// A last batch of another size than in the pass before is run directly, so that one whose size changes always is.
template <class T> class BatchSteps {
public:
    template <class F> void run(Stream<T>& stream, int cols, int batch, F&& step) {
        if (cols == batch) return whole_.run(stream, step);
        if (std::exchange(last_cols_, cols) != cols) last_ = RepeatedStep<T>();
        last_.run(stream, step);
    }

private:
    RepeatedStep<T> whole_, last_;
    int last_cols_ = 0; ///< of `last_`
};

} // namespace poseaug
