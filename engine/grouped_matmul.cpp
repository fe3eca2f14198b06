#include "engine/grouped_matmul.hpp"

#include "engine/products.hpp"
#include "kernels/sampling.hpp"

namespace poseaug {

std::vector<WeightStack> weight_stacks(const GroupedMatMul& params, const Shape* in) {
    std::vector<WeightStack> stacks;
    std::int64_t first_x = 0, first_y = 0;
    for (int i = 0; i < kMaxWeightStacks; ++i) {
        const Shape weights = in[i + 1];
        const int groups = params.groups[i];
        if (weights.rows == 0) continue;
        if (groups < 1 || weights.rows % groups != 0)
            throw Error("grouped_matmul: input " + std::to_string(i + 1) + " of " + std::to_string(weights.rows) +
                        " rows does not divide into " + std::to_string(groups) + " weights");
        stacks.push_back(
            {i + 1, groups, weights.rows / groups, weights.cols, static_cast<int>(first_x), static_cast<int>(first_y)});
        first_x = extent(GroupedMatMul::name, first_x + std::int64_t{groups} * weights.cols);
        first_y = extent(GroupedMatMul::name, first_y + weights.rows);
    }
    return stacks;
}

namespace {

constexpr Transpose kAsIs = Transpose::no, kAcross = Transpose::yes;

/// Calls f(stack, first row of the weight, of x, of y) for every product of a call.
template <class T, class F> void for_groups(const Call<T>& call, const F& f) {
    for (const WeightStack& s : weight_stacks(call))
        for (int g = 0; g < s.groups; ++g) f(s, g * s.rows, s.first_x + g * s.inner, s.first_y + g * s.rows);
}

template <class T> void grouped_value(Queue& queue, const Call<T>& call) {
    std::vector<Product<T>> products;
    for_groups(call, [&](const WeightStack& s, int w, int x, int y) {
        products.push_back({kAsIs, kAsIs, call.in[s.input].slice(w, s.rows), call.in[0].slice(x, s.inner), T(0.0),
                            call.out[0].slice(y, s.rows)});
    });
    multiply(queue, products);
}

template <class T> void grouped_vjp(Queue& queue, const Call<T>& call) {
    std::vector<Product<T>> products;
    const auto beta = [&](int i) { return call.adds(i) ? T(1) : T(0); };
    for_groups(call, [&](const WeightStack& s, int w, int x, int y) {
        const View<const T> d_y = call.d_out[0].slice(y, s.rows);
        if (const auto& d_w = call.d_in[s.input])
            products.push_back(
                {kAsIs, kAcross, d_y, call.in[0].slice(x, s.inner), beta(s.input), d_w.slice(w, s.rows)});
        if (const auto& d_x = call.d_in[0])
            products.push_back(
                {kAcross, kAsIs, call.in[s.input].slice(w, s.rows), d_y, beta(0), d_x.slice(x, s.inner)});
    });
    multiply(queue, products);
}

void grouped_shapes(const Attributes& attributes, const Shape* in, Shape* out) {
    const auto stacks = weight_stacks(attributes.as<GroupedMatMul>(), in);
    if (stacks.empty()) throw Error("grouped_matmul: no weights were given");
    const WeightStack& last = stacks.back();
    expect_shape(GroupedMatMul::name, 0, in[0], {last.first_x + last.groups * last.inner, -1});
    out[0] = {last.first_y + last.groups * last.rows, in[0].cols};
}

/// Of each product twice its extents, and backward as much for each gradient that is wanted.
double grouped_flops(const Attributes& attributes, const Shape* in, Direction direction, unsigned wanted) {
    double sum = 0;
    for (const WeightStack& s : weight_stacks(attributes.as<GroupedMatMul>(), in)) {
        const double products = 2.0 * s.groups * s.rows * s.inner * in[0].cols;
        const unsigned gradients = (wanted & 1U) + (wanted >> s.input & 1U);
        sum += direction == Direction::value ? products : products * static_cast<double>(gradients);
    }
    return sum;
}

std::vector<Sample> grouped_samples() {
    using sampling::normal;
    const auto of = [](const GroupedMatMul& params) { return Attributes::of(params); };
    return {sample("four alike", of({{4}}), {normal(12, 37), normal(20, 3), {}, {}, {}}),
            sample("four shapes", of({{1, 2, 1, 3}}),
                   {normal(5 + 2 * 3 + 4 + 3 * 2, 33), normal(7, 5), normal(4, 3), normal(9, 4), normal(3, 2)}),
            sample("split over threads", of({{2, 1}}),
                   {normal(2 * 20 + 30, 270), normal(2 * 300, 20), normal(10, 30), {}, {}})};
}

} // namespace

Op grouped_matmul_op() {
    Op op;
    op.name = GroupedMatMul::name;
    op.source = "matrix products of networks side by side";
    op.inputs = 1 + kMaxWeightStacks;
    op.outputs = 1;
    op.differentiable = 0b11111;
    op.saved_in = 0b11111;
    op.separate = 0b11111;
    op.shapes = grouped_shapes;
    const CudaEntries cuda = grouped_matmul_cuda_entries();
    op.f32 = {{grouped_value<float>, cuda.f32.value.cuda}, {grouped_vjp<float>, cuda.f32.vjp.cuda}};
    op.f64 = {{grouped_value<double>, cuda.f64.value.cuda}, {grouped_vjp<double>, cuda.f64.vjp.cuda}};
    op.dual = grouped_value<Dual<double>>;
    op.make_samples = grouped_samples;
    op.flops = grouped_flops;
    op.text = {"Matrix products of networks side by side, one call for all.",
               "group g of the rows of y = weight g * group g of the rows of x\n"
               "a, b, c, d stack weights of one shape each, which follow one another",
               "A product a weight: on the CPU their pieces are shared out together, on a GPU those of a stack are one "
               "batched product.",
               {{"x", "(sum of K, C)"},
                {"a", "(groups[0] M, K)"},
                {"b", "(groups[1] M, K), optional"},
                {"c", "(groups[2] M, K), optional"},
                {"d", "(groups[3] M, K), optional"}},
               {{"y", "(sum of M, C)"}},
               {}};
    return op;
}

} // namespace poseaug
