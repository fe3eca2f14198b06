#pragma once
#include "kernels/op.hpp"
#include "kernels/philox.hpp"

namespace poseaug {

/// What a procedure works on for a batch of so many poses, as trainings use it.
struct UsualShapes {
    std::vector<Shape> in, out, state;
};

/// Work inside a training step that nothing is differentiated through. Called like an op, so that a plan can record it.
struct Procedure {
    std::string_view name;
    Entry<float> f32;
    Entry<double> f64;
    double moved_elsewhere = 0; ///< elements moved through pointers of the parameters, per element of the views
    double flops = 0;           ///< floating-point operations per element of inputs and outputs
    std::string_view source;    ///< where the formula comes from
    UsualShapes (*usual)(int batch) = nullptr;
    KernelText text;

    template <class T> const Entry<T>& entry() const {
        if constexpr (std::is_same_v<T, float>) return f32;
        else return f64;
    }
};

// Where the items of pose-major data are, and their elements: data sets may have more than 2^31 elements, of items
// whose number fits into an int (kMaxExtent).

/// The item in the first column of the batch that `state` is at.
POSEAUG_HD inline std::int64_t first_item(const StepState* state, std::int64_t batch) {
    return state ? batch * state->batch : 0;
}
/// Item `at` of an order; null: the items' own.
POSEAUG_HD inline std::int64_t item_at(const std::int32_t* order, std::int64_t at) { return order ? order[at] : at; }
/// Element r of an item of so many rows.
POSEAUG_HD constexpr std::int64_t item_element(std::int64_t item, int rows, int r) { return item * rows + r; }

// Pointers in these parameter structs are to memory of the queue's device; `void*` is T* of the call.

/// Pose-major data -> batch-last: out[0](r, c) = data[item * rows + r], item = order[batch * state->batch + c]; and where
/// there is an out[1], the same items of `beside` to that.
struct Gather {
    static constexpr std::string_view name = "gather";
    const void* data = nullptr;
    const std::int32_t* order = nullptr; ///< null: items in their own order
    const StepState* state = nullptr;
    std::int64_t batch = 0;       ///< batch size of whole batches; the output may have fewer columns (the last one)
    const void* beside = nullptr; ///< another array of the same items
};

/// Batch-last -> pose-major, the inverse of Gather in the items' own order: data[(batch * state->batch + c) * rows + r]
/// = in[0](r, c).
struct Scatter {
    static constexpr std::string_view name = "scatter";
    void* data = nullptr;
    const StepState* state = nullptr;
    std::int64_t batch = 0;
};

/// Items of pose-major data, by an order, to a place from where they are gathered later, still pose-major: out[0](i, r) =
/// data[item * cols + r], item = order[batch * (state->batch + ahead) + i], as far as the order goes. It brings the
/// batches of data in the host's memory, ahead of the step that needs them.
struct Fetch {
    static constexpr std::string_view name = "fetch";
    const void* data = nullptr;
    const std::int32_t* order = nullptr;
    const StepState* state = nullptr;
    std::int64_t batch = 0; ///< batch size; the output has so many rows
    std::int64_t items = 0; ///< of the order
    std::int64_t ahead = 0; ///< batches from the one that `state` is at to the one that is fetched
};

/// out[0]: standard normal draws; rows 4q..4q+3 of column c come of block (c, q). Every `run` rows are of a stream of
/// their own: key.stream, key.stream + 1, ...
struct NormalDraws {
    static constexpr std::string_view name = "normal_draws";
    RandomKey key;
    std::int32_t run = 0; ///< a multiple of four; 0: all rows
};

/// The Philox blocks that rows 4q..4q+3 come of: block (column, number) of a key.
struct RowBlocks {
    RandomKey key;
    std::uint32_t number;
};
POSEAUG_HD inline RowBlocks blocks_of_rows(const NormalDraws& p, int q) {
    const int run = p.run > 0 ? 4 * q / p.run : 0;
    return {{p.key.seed, p.key.state, p.key.stream + static_cast<std::uint32_t>(run)},
            static_cast<std::uint32_t>(q - run * (p.run / 4))};
}

/// out[0] (2, B): for each item of a batch a coin, uniform in [0, 1), and a slot, uniform in 0..capacity-1.
struct PoolDraws {
    static constexpr std::string_view name = "pool_draws";
    RandomKey key;
    std::int64_t capacity = 0; ///< at most kMaxPoolCapacity
};
inline constexpr std::int64_t kMaxPoolCapacity = std::int64_t{1} << 24; ///< slots are drawn as floats, exact up to here

/// Replay pool of one discriminator (method section 4). in[0]: fakes (R, B); in[1]: draws (2, B), coin over slot.
/// out[0]: what the discriminator is shown. Items are taken in batch order: while the pool fills, an item is stored and
/// used; once full, where coin > 0.5 it trades places with the one in its slot (which an earlier item of the same batch
/// may have become), else it is used as it is.
struct ReplayPool {
    static constexpr std::string_view name = "replay_pool";
    void* items = nullptr; ///< (capacity, R), pose-major
    std::int32_t* filled = nullptr;
    std::int64_t capacity = 0;
};

/// Appends the columns whose 2D lies within the image to pose-major stores. in[0]: image (32, B); in[1]: pose (48, B).
/// scratch: kAppendScratch elements, for a GPU.
struct AppendKept {
    static constexpr std::string_view name = "append_kept";
    void* images = nullptr;
    void* poses = nullptr;
    std::int32_t* count = nullptr; ///< columns kept so far; the stores have room for all
    std::int32_t two_sided = 1;    ///< 0: only coordinates above 1 are rejected, as the public code does
};

inline constexpr int kAppendBlocks = 1024; ///< of a GPU, at most: each adds up what those before it keep
inline constexpr std::int64_t kAppendScratch = kAppendBlocks + 1;

/// What Adam keeps beside the moments, in device memory.
struct AdamState {
    std::int64_t step = 0;
    double rate = 0;
};

/// Adam (Kingma and Ba 2015) behind a clip of the gradient's norm: scale by min(1, clip / (norm + 1e-6)).
/// in[0]: gradient (1, n); states: parameters, first and second moment (1, n). scratch: `adam_scratch(n)` elements.
/// The rate is state->rate, times decay for every decay_steps steps taken.
struct Adam {
    static constexpr std::string_view name = "adam";
    AdamState* state = nullptr;
    double beta1 = 0.9, beta2 = 0.999, eps = 1e-8, clip = 1.0;
    double decay = 1.0;
    std::int64_t decay_steps = 0; ///< 0: no decay
};
inline constexpr int kNormChunk = 16384;     ///< elements of one partial sum of the gradient's norm, on the CPU
inline constexpr int kBlockNormChunk = 4096; ///< and on a GPU, where a block takes one and many must be in flight
constexpr std::int64_t adam_scratch(std::int64_t n) { return (n + kBlockNormChunk - 1) / kBlockNormChunk; }

/// What Adam multiplies by in its (step + 1)-th step, of rate and bias corrections.
struct AdamCoefficients {
    double step;         ///< rate / (1 - beta1^t)
    double inverse_root; ///< 1 / sqrt(1 - beta2^t)
};
POSEAUG_HD inline AdamCoefficients adam_coefficients(const Adam& p, std::int64_t steps_taken, double rate) {
    using std::pow;
    using std::sqrt;
    const auto t = static_cast<double>(steps_taken + 1);
    const double decays = p.decay_steps > 0 ? static_cast<double>(steps_taken / p.decay_steps) : 0.0;
    return {rate * pow(p.decay, decays) / (1.0 - pow(p.beta1, t)), 1.0 / sqrt(1.0 - pow(p.beta2, t))};
}

/// Ends a step. Adds its figures to an epoch's sums and notes the first batch in which one was not finite; then the
/// state's counter and batch go up by one. in[i]: (R, C), null: none; a row is a figure, the sum over its columns.
/// Figures are numbered from the first input's first row on, kMaxFigures at most.
struct EndStep {
    static constexpr std::string_view name = "end_step";
    double* sums = nullptr;            ///< of figures; null where there are none
    std::int32_t* first_bad = nullptr; ///< of figures, -1 while all were finite
    StepState* state = nullptr;
};
inline constexpr int kMaxFigures = 16;

/// Consecutive poses of one clip.
struct PoseRun {
    std::int64_t first = 0; ///< pose
    std::int32_t count = 0;
    std::int32_t still = 0; ///< so many at the beginning do not follow the frame before them in time
};

/// Sums of an evaluation over runs of poses. in[0]: errors (n, E); in[1]: estimates (n, 48), metres; in[2]: truth (n, 48),
/// metres, relative to any point of its own; all pose-major. sums (runs, E + 1), float64: each error's, and the sum over
/// the poses that follow a frame of the mean error (mm) of their joints' displacement since, relative to the hip.
struct SumErrors {
    static constexpr std::string_view name = "sum_errors";
    const PoseRun* runs = nullptr;
    double* sums = nullptr;
    std::int64_t count = 0; ///< runs
};

/// Error (mm) of joint j's displacement from the pose before, rows of 48 elements: an estimate, relative to its hip, and
/// the truth.
template <class T> POSEAUG_HD double displacement_error(const T* estimate, const T* truth, int j) {
    double square = 0;
    for (int k = 0; k < 3; ++k) {
        const auto place = [&](const T* pose) {
            return static_cast<double>(pose[3 * j + k]) - static_cast<double>(pose[k]);
        };
        const double moved = static_cast<double>(estimate[3 * j + k]) - static_cast<double>(estimate[3 * j + k - 48]);
        const double should = place(truth) - place(truth - 48);
        square += (moved - should) * (moved - should);
    }
    using std::sqrt;
    return 1000 * sqrt(square);
}

/// out[0]: every element is `value`.
struct Fill {
    static constexpr std::string_view name = "fill";
    double value = 0;
};

const Procedure& gather_procedure();
const Procedure& scatter_procedure();
const Procedure& fetch_procedure();
const Procedure& normal_draws_procedure();
const Procedure& pool_draws_procedure();
const Procedure& replay_pool_procedure();
const Procedure& append_kept_procedure();
const Procedure& adam_procedure();
const Procedure& end_step_procedure();
const Procedure& sum_errors_procedure();
const Procedure& fill_procedure();
/// All of the above.
std::vector<const Procedure*> procedures();
/// What a procedure lacks of its text, source and shapes; empty: nothing.
std::string missing_text(const Procedure& procedure);

} // namespace poseaug
