#pragma once
#include "kernels/op.hpp"

#include <utility>

namespace poseaug {

/// Row counts of a column op's inputs or outputs.
template <int... N> struct Rows {
    static constexpr int count = sizeof...(N);
    static constexpr int rows[sizeof...(N)] = {N...};
};
template <class R> constexpr int rows_in_all() {
    int rows = 0;
    for (const int r : R::rows) rows += r;
    return rows;
}

/*
A column op treats every column (pose) alike: the arithmetic is written once for one column and any scalar. It is a
struct with

    static constexpr std::string_view name, source, summary, formula, fuses; // for its page; see KernelText
    static constexpr std::string_view inputs[] = {"a", "b"}, outputs[] = {"y"}; // their names
    struct Params { ... };                   // NoParams where there are none; trivially copyable
    using In = Rows<48, 9>;  using Out = Rows<32>;
    static constexpr unsigned differentiable = 0b01;       // bit i: a gradient flows to input i
    static constexpr bool mean = false;       // true: a loss, see below
    template <class T> POSEAUG_HD static void value(const Params&, const T (&a)[48], const T (&b)[9], T (&y)[32]);
    template <class T> POSEAUG_HD static void vjp(const Params&, const T (&a)[48], const T (&b)[9],
                                                  const T (&d_y)[32], T (&d_a)[48], T (&d_b)[9]);
    static std::vector<Sample> samples();

An op with many rows may declare `static constexpr bool streamed = true`. Its vjp then takes inputs and cotangents of
any type with operator[], and should read each near where it is used: a GPU loads them there instead of all beforehand,
so that they need no registers while they wait. So does the value of a loss, which shares a kernel with the gradients.

`vjp` overwrites every d_ array of a differentiable input (the driver accumulates) and may leave the others alone. T is
float, double, a pack, a dual number or a tally: constants by lit<T>(0.5), choices by select(), math by `using std::sqrt;
sqrt(x)` and elementary.hpp.

Optional:

    static constexpr unsigned side_by_side = 0b01; // bit i: input i is two batches side by side, (rows / 2, 2 B); a
                                                   // column of it has the left batch's rows, then the right one's
    static constexpr unsigned common = 0b10;       // bit i: input i has one column, which all poses share

A loss (`mean`) has one output, whose rows are averaged over the columns: what is returned are the sums of runs of
kLossRun columns, divided by the number of all, so that one kernel is enough and who reads the mean adds them up. The
gradients of the total, the sum of the rows times their weights, are written together with the value. For that a loss has

    static double weight(const Params&, int row); // of a row of its output in the total
*/

/// Arrays T[N] for a list of row counts, reachable by index.
template <int I, class T, int N> struct ColumnSlot { T rows[N]; };
template <class T, class Index, class R> struct ColumnSlots;
template <class T, std::size_t... I, int... N>
struct ColumnSlots<T, std::index_sequence<I...>, Rows<N...>> : ColumnSlot<static_cast<int>(I), T, N>... {};
template <class T, class R> using Columns = ColumnSlots<T, std::make_index_sequence<R::count>, R>;

template <int I, class T, int N> POSEAUG_HD T (&slot(ColumnSlot<I, T, N>& s))[N] { return s.rows; }
template <int I, class T, int N> POSEAUG_HD const T (&slot(const ColumnSlot<I, T, N>& s))[N] { return s.rows; }

template <class F, std::size_t... I> POSEAUG_HD void for_each_index(std::index_sequence<I...>, F&& f) {
    (f(std::integral_constant<int, static_cast<int>(I)>{}), ...);
}

template <class O, class T, std::size_t... I, std::size_t... J>
POSEAUG_HD void column_value(const typename O::Params& params, const Columns<T, typename O::In>& in,
                             Columns<T, typename O::Out>& out, std::index_sequence<I...>, std::index_sequence<J...>) {
    O::value(params, slot<static_cast<int>(I)>(in)..., slot<static_cast<int>(J)>(out)...);
}
template <class O, class T, std::size_t... I, std::size_t... J>
POSEAUG_HD void column_vjp(const typename O::Params& params, const Columns<T, typename O::In>& in,
                           const Columns<T, typename O::Out>& d_out, Columns<T, typename O::In>& d_in,
                           std::index_sequence<I...>, std::index_sequence<J...>) {
    O::vjp(params, slot<static_cast<int>(I)>(in)..., slot<static_cast<int>(J)>(d_out)...,
           slot<static_cast<int>(I)>(d_in)...);
}
template <class O>
concept Streamed = requires {
    O::streamed;
};

template <class O> using InIndex = std::make_index_sequence<O::In::count>;
template <class O> using OutIndex = std::make_index_sequence<O::Out::count>;

template <class O> constexpr bool is_side_by_side(int input) {
    if constexpr (requires { O::side_by_side; }) return (O::side_by_side >> input & 1U) != 0;
    else return false;
}
template <class O> constexpr bool is_common(int input) {
    if constexpr (requires { O::common; }) return (O::common >> input & 1U) != 0;
    else return false;
}
/// Rows of input i's matrix.
template <class O> constexpr int input_rows(int i) {
    return is_side_by_side<O>(i) ? O::In::rows[i] / 2 : O::In::rows[i];
}

/// Columns that an op treats alike, by its first input.
template <class O> int column_count(Shape first_input) {
    static_assert(!is_common<O>(0));
    return is_side_by_side<O>(0) ? first_input.cols / 2 : first_input.cols;
}

/// A column op whose value is made in stages, for a GPU to load the inputs anew in each: what a stage leaves to the next
/// is then all that lies in registers beside them. It has
///     template <class T> struct Between;
///     static constexpr int stages;
///     template <int Stage, class T> POSEAUG_HD static void stage(const Params&, inputs, Between<T>&, outputs);
/// and the last stage gives the outputs.
template <class O>
concept Staged = requires {
    O::stages;
};

template <class O, int Stage, class T, std::size_t... I, std::size_t... J>
POSEAUG_HD void column_stage(const typename O::Params& params, const Columns<T, typename O::In>& in,
                             typename O::template Between<T>& between, Columns<T, typename O::Out>& out,
                             std::index_sequence<I...>, std::index_sequence<J...>) {
    O::template stage<Stage>(params, slot<static_cast<int>(I)>(in)..., between, slot<static_cast<int>(J)>(out)...);
}

/// Where row r of column c of input I lies, of `cols` columns in all.
template <class O, int I, class T> POSEAUG_HD T* input_element(const View<T>& view, int r, int c, int cols) {
    constexpr int rows = input_rows<O>(I);
    if constexpr (is_common<O>(I)) return view.row(r);
    else if constexpr (is_side_by_side<O>(I)) return r < rows ? view.row(r) + c : view.row(r - rows) + cols + c;
    else return view.row(r) + c;
}

/// Columns of one partial mean of a loss.
inline constexpr int kLossRun = 64;
constexpr int loss_runs(int cols) { return cols / kLossRun + (cols % kLossRun != 0 ? 1 : 0); }

template <class O> void column_shapes(const Attributes&, const Shape* in, Shape* out) {
    const int cols = column_count<O>(in[0]);
    const auto width = [cols](int i) {
        if (is_common<O>(i)) return 1;
        return is_side_by_side<O>(i) ? extent(O::name, 2 * std::int64_t{cols}) : cols;
    };
    for (int i = 0; i < O::In::count; ++i) expect_shape(O::name, i, in[i], {input_rows<O>(i), width(i)});
    for (int i = 0; i < O::Out::count; ++i) out[i] = {O::Out::rows[i], O::mean ? loss_runs(cols) : cols};
}

} // namespace poseaug
