#pragma once
#include "kernels/dual.hpp"
#include "kernels/error.hpp"
#include "kernels/thread_pool.hpp"
#include "kernels/view.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace poseaug {

/// A kernel or a library's product, as a GPU would have been asked to start it.
struct Launch {
    std::string kernel; ///< the kernel's name with its template arguments, or what the library was asked for
    std::int64_t blocks = 0, threads = 0;
};
using LaunchLog = std::vector<Launch>;

/// Where an op runs: threads of the host, or a stream of a GPU.
struct Queue {
    ThreadPool* pool = nullptr;
    void* stream = nullptr; ///< cudaStream_t, if `cuda`
    void* blas = nullptr;   ///< the engine's: how products are computed
    void* dnn = nullptr;    ///< the engine's handle of cuDNN, if that was asked for
    bool cuda = false;
    LaunchLog* launches = nullptr; ///< of a dry run: nothing is started but noted here
};

/// Constants of one use of an op: its `Params` struct, stored by value so that a recorded call can be replayed.
class Attributes {
public:
    Attributes() = default;
    template <class P> static Attributes of(const P& params) {
        static_assert(std::is_trivially_copyable_v<P> && sizeof(P) <= kBytes);
        Attributes a;
        std::memcpy(a.bytes_, &params, sizeof(P));
        return a;
    }
    template <class P> P as() const {
        P params;
        std::memcpy(static_cast<void*>(&params), bytes_, sizeof(P));
        return params;
    }

private:
    static constexpr std::size_t kBytes = 96;
    alignas(8) std::byte bytes_[kBytes] = {};
};

struct NoParams {};

/// The parameter struct of an op type: its member `Params`, or for network ops the type itself.
template <class O> struct params_of { using type = O; };
template <class O>
requires requires { typename O::Params; }
struct params_of<O> {
    using type = typename O::Params;
};
template <class O> using params_of_t = typename params_of<O>::type;

inline constexpr int kMaxInputs = 8, kMaxOutputs = 5, kMaxStates = 3;

/// One execution of an op, forward or backward.
template <class T> struct Call {
    Attributes attributes;
    View<const T> in[kMaxInputs];     ///< null: an optional input that is absent
    View<T> out[kMaxOutputs];         ///< forward: written. Backward: what the forward wrote, where the op saves it
    View<const T> d_out[kMaxOutputs]; ///< backward only; null: that output takes no part in the loss
    View<T> d_in[kMaxInputs];         ///< backward, and forward of a loss; null: not wanted
    View<T> state[kMaxStates];        ///< read and updated in place: running statistics, say
    unsigned accumulate = 0;          ///< bit i: add to d_in[i] instead of storing
    T* scratch = nullptr;             ///< as many elements as the op's `scratch` asks for

    bool adds(int i) const { return (accumulate >> i & 1U) != 0; }
};

template <class T> using Run = void (*)(Queue&, const Call<T>&);

/// The two directions of an op: its value, and its vector-Jacobian product.
enum class Direction { value, vjp };

/// Entry points of one direction of an op.
template <class T> struct Entry { Run<T> cpu = nullptr, cuda = nullptr; };
template <class T> struct Entries {
    Entry<T> value, vjp;

    const Entry<T>& of(Direction direction) const { return direction == Direction::value ? value : vjp; }
};

/// Inputs on which the gradient checks try an op.
struct Sample {
    struct Matrix {
        int rows = 0, cols = 0;
        std::vector<double> values; ///< row-major, dense; empty: an absent optional input
    };
    std::string label;
    Attributes attributes;
    std::vector<Matrix> in;
    std::vector<Matrix> state; ///< initial contents of the op's states
    bool smooth = true;        ///< false: at a kink or a clamp's edge; value and gradient need only be finite
    bool singular = false;     ///< where a plain formula fails or has no one gradient: its label says what is done
    double tolerance = 1e-12;  ///< of <Ju, w> = <u, J'w>, relative
    double difference = 1e-6;  ///< tolerance of central differences, relative
};

/// What people read of an input, an output or a state.
struct OperandText {
    std::string_view name;
    std::string shape; ///< "(48, B)" for B poses, "(R, 1), optional"
};

/// What people read of a kernel, on its page in docs/kernels.
struct KernelText {
    std::string_view summary; ///< what it does, in one line
    std::string_view formula; ///< lines of plain ASCII
    std::string_view fuses;   ///< the separate passes over memory that it takes the place of
    std::vector<OperandText> inputs, outputs, states;
};

/// What a text lacks, for so many inputs, outputs and states; empty: nothing.
std::string missing_text(const KernelText& text, int inputs, int outputs, int states);

/// A row of the registry: everything the engine and the checks know of an op.
struct Op {
    std::string_view name;
    std::string_view source; ///< where the formula comes from
    int inputs = 0, outputs = 0, states = 0;
    unsigned differentiable = 0;          ///< bit i: a gradient flows to input i
    unsigned auxiliary = 0;               ///< bit i: output i passes no gradient on (statistics, say)
    unsigned saved_in = 0, saved_out = 0; ///< bit i: the vjp reads it
    unsigned separate =
        0; ///< bit i: the gradient of input i shares no work with others, so it may be a call of its own
    void (*shapes)(const Attributes&, const Shape* in, Shape* out) = nullptr; ///< throws Error on a mismatch
    std::int64_t (*scratch)(const Attributes&, const Shape* in) = nullptr;    ///< elements; null: none
    /// Of a loss: what row r of its output is multiplied by in the total that is minimised. Its value writes d_in, the
    /// gradients of that total, and there is no vjp. Null: not a loss.
    double (*weight)(const Attributes&, int row) = nullptr;
    /// Floating-point operations of one call (see tally.hpp for what counts) by its inputs' shapes. Where it writes
    /// gradients: of those of the inputs in `wanted`, bit by bit.
    double (*flops)(const Attributes&, const Shape* in, Direction, unsigned wanted) = nullptr;
    Entries<float> f32;
    Entries<double> f64;
    Run<Dual<double>> dual = nullptr; ///< the value on dual numbers, CPU
    std::vector<Sample> (*make_samples)() = nullptr;
    KernelText text;

    /// Its samples for gradient checks: the same at each call, whatever was sampled before.
    std::vector<Sample> samples() const;
    template <class T> const Entries<T>& entries() const {
        if constexpr (std::is_same_v<T, float>) return f32;
        else return f64;
    }
};

/// Throws Error "<op>: input <i> is <found>, expected <expected>" unless the shapes agree; -1 expects any.
void expect_shape(std::string_view op, int input, Shape found, Shape expected);

/// `n` as the rows or columns of a matrix that an op returns. Throws Error "<op>: <n> ..." if none can have so many.
int extent(std::string_view op, std::int64_t n);

/// CUDA entry points by op name; all null in a build without CUDA.
struct CudaEntries {
    Entries<float> f32;
    Entries<double> f64;
};
CudaEntries cuda_entries(std::string_view op);

} // namespace poseaug
