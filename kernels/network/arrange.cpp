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

constexpr int kPickedInputs = 6;

void pick_shapes(const Attributes& attributes, const Shape* in, Shape* out) {
    const auto p = attributes.as<PickRows>();
    std::int64_t all = 0;
    for (int i = 0; i < kPickedInputs; ++i)
        if (in[i].rows) expect_shape(PickRows::name, i, in[i], {-1, in[0].cols});
    for (int k = 0; k < p.runs; ++k) {
        const auto [from, first, count] = p.run[k];
        const int rows = from < kPickedInputs ? in[from].rows : 0;
        if (count < 1 || first + count > rows)
            throw Error("pick_rows: rows " + std::to_string(first) + ".." + std::to_string(first + count - 1) +
                        " of input " + std::to_string(from) + " with " + std::to_string(rows));
        all += count;
    }
    out[0] = {extent(PickRows::name, all), in[0].cols};
}

struct PickValue {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto p = call.attributes.template as<PickRows>();
        const auto& y = call.out[0];
        int begin = 0;
        for (int k = 0; k < p.runs; ++k) {
            const auto [from, first, count] = p.run[k];
            for_rows(queue, count, y.cols, [&, from = from, first = first](int r) {
                move_columns<T>(call.in[from], first + r, 0, y, begin + r, 0, y.cols, false);
            });
            begin += count;
        }
    }
};

struct PickVjp {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        for (int i = 0; i < kPickedInputs; ++i)
            if (call.d_in[i]) for_rows(queue, call.in[i].rows, call.d_in[i].cols, [&](int r) { row_vjp(call, i, r); });
    }

private:
    template <class T> static void row_vjp(const Call<T>& call, int i, int r) {
        const auto p = call.attributes.template as<PickRows>();
        const auto& d_x = call.d_in[i];
        bool add = call.adds(i);
        int begin = 0;
        for (int k = 0; k < p.runs; ++k) {
            const auto [from, first, count] = p.run[k];
            if (from == i && r >= first && r < first + count) {
                move_columns<T>(call.d_out[0], begin + r - first, 0, d_x, r, 0, d_x.cols, add);
                add = true;
            }
            begin += count;
        }
        if (!add) std::fill(d_x.row(r), d_x.row(r) + d_x.cols, T(0));
    }
};

/// A row may be picked more than once, so the backward adds.
double pick_flops(const Attributes& attributes, const Shape* in, Direction direction, unsigned wanted) {
    if (direction == Direction::value) return 0;
    const auto p = attributes.as<PickRows>();
    double sum = 0;
    for (int k = 0; k < p.runs; ++k)
        if (wanted >> p.run[k].from & 1U) sum += static_cast<double>(p.run[k].count) * in[0].cols;
    return sum;
}

using sampling::normal;

std::vector<Sample> concat_rows_samples() {
    return {sample("three", {}, {normal(5, 35), normal(2, 35), normal(1, 35), {}}),
            sample("one", {}, {normal(3, 4), {}, {}, {}})};
}
std::vector<Sample> concat_columns_samples() {
    return {sample("three", {}, {normal(4, 7), normal(4, 33), normal(4, 2), {}})};
}
std::vector<Sample> pick_samples() {
    PickRows runs, all;
    runs.add(0, 1, 3);
    runs.add(2, 0, 2);
    runs.add(0, 2, 3);
    runs.add(5, 1, 1);
    all.add(0, 0, 4);
    return {sample("some rows twice, some never", Attributes::of(runs),
                   {normal(6, 35), normal(2, 35), normal(2, 35), {}, {}, normal(3, 35)}),
            sample("one", Attributes::of(all), {normal(4, 7), {}, {}, {}, {}, {}})};
}

} // namespace

Op concat_rows_op() {
    Op op = network_op<ConcatRows, ConcatRowsValue, ConcatRowsVjp>("rows stacked", kMaxParts, 1);
    op.differentiable = 0b1111;
    op.shapes = concat_rows_shapes;
    op.make_samples = concat_rows_samples;
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
    op.make_samples = concat_columns_samples;
    op.flops = no_flops;
    op.text = {"Puts up to four matrices side by side.",
               "y = (a, b, c, d)",
               "Up to four copies; backward, four slices.",
               {{"a", "(R, C1)"}, {"b", "(R, C2), optional"}, {"c", "(R, C3), optional"}, {"d", "(R, C4), optional"}},
               {{"y", "(R, C1 + C2 + C3 + C4)"}},
               {}};
    return op;
}

Op pick_rows_op() {
    Op op = network_op<PickRows, PickValue, PickVjp>("runs of rows stacked", kPickedInputs, 1);
    op.differentiable = 0b111111;
    op.shapes = pick_shapes;
    op.make_samples = pick_samples;
    op.flops = pick_flops;
    op.text = {"Stacks runs of rows of up to six matrices, some perhaps more than once.",
               "y = (run 0; run 1; ...),  run k: rows first..first+count-1 of input from",
               "As many copies as there are runs; backward, a sum for every input.",
               {{"a", "(R1, C)"},
                {"b", "(R2, C), optional"},
                {"c", "(R3, C), optional"},
                {"d", "(R4, C), optional"},
                {"e", "(R5, C), optional"},
                {"f", "(R6, C), optional"}},
               {{"y", "(sum of counts, C)"}},
               {}};
    return op;
}

} // namespace poseaug
