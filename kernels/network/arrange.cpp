#include "kernels/network/move_columns.hpp"
#include "kernels/network/rows.hpp"
#include "kernels/sampling.hpp"

namespace poseaug {
namespace {

constexpr int kMaxParts = 4;

void concat_rows_shapes(const Attributes&, const Shape* in, Shape* out) {
    std::int64_t rows = 0;
    for (int i = 0; i < kMaxParts; ++i) {
        if (in[i].rows) expect_shape(ConcatRows::name, i, in[i], {-1, in[0].cols});
        rows += in[i].rows;
    }
    out[0] = {extent(ConcatRows::name, rows), in[0].cols};
}

struct ConcatRowsValue {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        int first = 0;
        for (int i = 0; i < kMaxParts; ++i) {
            const auto& x = call.in[i];
            for_rows(queue, x.rows, x.cols,
                     [&](int r) { move_columns<T>(x, r, 0, call.out[0], first + r, 0, x.cols, false); });
            first += x.rows;
        }
    }
};

struct ConcatRowsVjp {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        int first = 0;
        for (int i = 0; i < kMaxParts; ++i) {
            const auto& d_x = call.d_in[i];
            if (d_x)
                for_rows(queue, d_x.rows, d_x.cols, [&](int r) {
                    move_columns<T>(call.d_out[0], first + r, 0, d_x, r, 0, d_x.cols, call.adds(i));
                });
            first += call.in[i].rows;
        }
    }
};

void concat_columns_shapes(const Attributes&, const Shape* in, Shape* out) {
    std::int64_t cols = 0;
    for (int i = 0; i < kMaxParts; ++i) {
        if (in[i].rows) expect_shape(ConcatColumns::name, i, in[i], {in[0].rows, -1});
        cols += in[i].cols;
    }
    out[0] = {in[0].rows, extent(ConcatColumns::name, cols)};
}

struct ConcatColumnsValue {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        for_rows(queue, call.out[0].rows, call.out[0].cols, [&](int r) {
            int first = 0;
            for (int i = 0; i < kMaxParts && call.in[i]; ++i) {
                move_columns<T>(call.in[i], r, 0, call.out[0], r, first, call.in[i].cols, false);
                first += call.in[i].cols;
            }
        });
    }
};

struct ConcatColumnsVjp {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        for_rows(queue, call.d_out[0].rows, call.d_out[0].cols, [&](int r) {
            int first = 0;
            for (int i = 0; i < kMaxParts && call.in[i]; ++i) {
                if (call.d_in[i])
                    move_columns<T>(call.d_out[0], r, first, call.d_in[i], r, 0, call.in[i].cols, call.adds(i));
                first += call.in[i].cols;
            }
        });
    }
};

void slice_shapes(const Attributes& attributes, const Shape* in, Shape* out) {
    const auto p = attributes.as<SliceColumns>();
    const std::int64_t end = static_cast<std::int64_t>(p.first) + p.count;
    if (p.first < 0 || p.count < 1 || end > in[0].cols)
        throw Error("slice_columns: columns " + std::to_string(p.first) + ".." + std::to_string(end - 1) +
                    " of a matrix with " + std::to_string(in[0].cols));
    out[0] = {in[0].rows, p.count};
}

struct SliceValue {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto p = call.attributes.template as<SliceColumns>();
        for_rows(queue, call.in[0].rows, p.count,
                 [&](int r) { move_columns<T>(call.in[0], r, p.first, call.out[0], r, 0, p.count, false); });
    }
};

struct SliceVjp {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto p = call.attributes.template as<SliceColumns>();
        const auto& d_x = call.d_in[0];
        for_rows(queue, d_x.rows, d_x.cols, [&](int r) {
            if (!call.adds(0)) std::fill(d_x.row(r), d_x.row(r) + d_x.cols, T(0));
            move_columns<T>(call.d_out[0], r, 0, d_x, r, p.first, p.count, true);
        });
    }
};

void select_shapes(const Attributes& attributes, const Shape* in, Shape* out) {
    const auto p = attributes.as<SelectColumns>();
    for (int k = 0; k < p.count; ++k)
        if (p.index[k] >= in[0].cols)
            throw Error("select_columns: column " + std::to_string(p.index[k]) + " of a matrix with " +
                        std::to_string(in[0].cols));
    out[0] = {in[0].rows, p.count};
}

struct SelectValue {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto p = call.attributes.template as<SelectColumns>();
        for_rows(queue, call.in[0].rows, p.count, [&](int r) {
            for (int k = 0; k < p.count; ++k) call.out[0](r, k) = call.in[0](r, p.index[k]);
        });
    }
};

struct SelectVjp {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto p = call.attributes.template as<SelectColumns>();
        const auto& d_x = call.d_in[0];
        for_rows(queue, d_x.rows, d_x.cols, [&](int r) {
            if (!call.adds(0)) std::fill(d_x.row(r), d_x.row(r) + d_x.cols, T(0));
            for (int k = 0; k < p.count; ++k) d_x(r, p.index[k]) += call.d_out[0](r, k);
        });
    }
};

void sum_shapes(const Attributes&, const Shape* in, Shape* out) {
    for (int i = 0; i < kMaxInputs; ++i)
        if (in[i].rows) expect_shape(WeightedSum::name, i, in[i], {1, 1});
    out[0] = {1, 1};
}

struct SumValue {
    template <class T> static void run(Queue&, const Call<T>& call) {
        const auto p = call.attributes.template as<WeightedSum>();
        T sum = T(0.0);
        for (int i = 0; i < kMaxInputs; ++i)
            if (call.in[i]) sum += T(p.weight[i]) * call.in[i](0, 0);
        call.out[0](0, 0) = sum;
    }
};

struct SumVjp {
    template <class T> static void run(Queue&, const Call<T>& call) {
        const auto p = call.attributes.template as<WeightedSum>();
        for (int i = 0; i < kMaxInputs; ++i) {
            if (!call.d_in[i]) continue;
            const T d = T(p.weight[i]) * call.d_out[0](0, 0);
            call.d_in[i](0, 0) = call.adds(i) ? call.d_in[i](0, 0) + d : d;
        }
    }
};

/// A column may be selected twice, so the backward adds.
double select_flops(const Attributes& attributes, const Shape* in, Direction direction, unsigned) {
    return direction == Direction::value ? 0 : static_cast<double>(in[0].rows) * attributes.as<SelectColumns>().count;
}

double sum_flops(const Attributes&, const Shape* in, Direction direction, unsigned wanted) {
    double terms = 0;
    for (int i = 0; i < kMaxInputs; ++i)
        terms += direction == Direction::value ? 2 * elements(in[i]) : static_cast<double>(wanted >> i & 1U);
    return terms;
}

using sampling::normal;

std::vector<Sample> concat_rows_samples() {
    return {sample("three", {}, {normal(5, 35), normal(2, 35), normal(1, 35), {}}),
            sample("one", {}, {normal(3, 4), {}, {}, {}})};
}
std::vector<Sample> concat_columns_samples() {
    return {sample("three", {}, {normal(4, 7), normal(4, 33), normal(4, 2), {}})};
}
std::vector<Sample> slice_samples() {
    return {sample("middle", Attributes::of(SliceColumns{3, 18}), {normal(4, 37)}),
            sample("all", Attributes::of(SliceColumns{0, 5}), {normal(2, 5)})};
}
std::vector<Sample> select_samples() {
    SelectColumns p{4, {9, 0, 3, 7}};
    return {sample("four of ten", Attributes::of(p), {normal(6, 10)})};
}
std::vector<Sample> sum_samples() {
    WeightedSum p;
    p.weight[0] = 2;
    p.weight[2] = -0.5;
    return {sample("two, one absent", Attributes::of(p), {normal(1, 1), {}, normal(1, 1), {}, {}, {}, {}, {}})};
}

} // namespace

Op concat_rows_op() {
    Op op = network_op<ConcatRows, ConcatRowsValue, ConcatRowsVjp>("rows stacked", kMaxParts, 1);
    op.differentiable = 0b1111;
    op.shapes = concat_rows_shapes;
    op.samples = concat_rows_samples;
    op.flops = no_flops;
    op.text = {"Stacks up to four matrices.",
               "y = (a; b; c; d)",
               "Up to four copies; backward, four slices.",
               {{"a", "(R1, C)"}, {"b", "(R2, C), optional"}, {"c", "(R3, C), optional"}, {"d", "(R4, C), optional"}},
               {{"y", "(R1 + R2 + R3 + R4, C)"}},
               {}};
    return op;
}

Op concat_columns_op() {
    Op op = network_op<ConcatColumns, ConcatColumnsValue, ConcatColumnsVjp>("columns side by side", kMaxParts, 1);
    op.differentiable = 0b1111;
    op.shapes = concat_columns_shapes;
    op.samples = concat_columns_samples;
    op.flops = no_flops;
    op.text = {"Puts up to four matrices side by side.",
               "y = (a, b, c, d)",
               "Up to four copies; backward, four slices.",
               {{"a", "(R, C1)"}, {"b", "(R, C2), optional"}, {"c", "(R, C3), optional"}, {"d", "(R, C4), optional"}},
               {{"y", "(R, C1 + C2 + C3 + C4)"}},
               {}};
    return op;
}

Op slice_columns_op() {
    Op op = network_op<SliceColumns, SliceValue, SliceVjp>("a run of columns", 1, 1);
    op.differentiable = 0b1;
    op.shapes = slice_shapes;
    op.samples = slice_samples;
    op.flops = no_flops;
    op.text = {"A run of a matrix's columns.",
               "y[:, k] = x[:, first + k],  k < count;  the other columns get a gradient of zero",
               "Nothing forward; backward, a fill and a copy.",
               {{"x", "(R, C)"}},
               {{"y", "(R, count)"}},
               {}};
    return op;
}

Op select_columns_op() {
    Op op = network_op<SelectColumns, SelectValue, SelectVjp>("columns by index", 1, 1);
    op.differentiable = 0b1;
    op.shapes = select_shapes;
    op.samples = select_samples;
    op.flops = select_flops;
    op.text = {"Picks columns of a weight matrix, so that a product skips inputs that are always zero.",
               "y[:, k] = w[:, index[k]],  k < count;  the other columns get a gradient of zero",
               "Nothing forward; backward, a fill and a scatter.",
               {{"w", "(R, C)"}},
               {{"y", "(R, count)"}},
               {}};
    return op;
}

Op weighted_sum_op() {
    Op op = network_op<WeightedSum, SumValue, SumVjp>("PoseAug section 3.4, sum of the losses", kMaxInputs, 1);
    op.differentiable = 0b11111111;
    op.shapes = sum_shapes;
    op.samples = sum_samples;
    op.flops = sum_flops;
    op.text = {"The weighted sum of up to eight losses.",
               "sum = weight[0] * a + weight[1] * b + ... + weight[7] * h",
               "Up to eight products and seven sums of scalars.",
               {{"a", "(1, 1), optional"},
                {"b", "(1, 1), optional"},
                {"c", "(1, 1), optional"},
                {"d", "(1, 1), optional"},
                {"e", "(1, 1), optional"},
                {"f", "(1, 1), optional"},
                {"g", "(1, 1), optional"},
                {"h", "(1, 1), optional"}},
               {{"sum", "(1, 1)"}},
               {}};
    return op;
}

} // namespace poseaug
