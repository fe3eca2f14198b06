#include "engine/work.hpp"

#include "bench/usual_call.hpp"
#include "engine/matmul.hpp"
#include "engine/registry.hpp"
#include "kernels/network/ops.hpp"
#include "kernels/tally.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace poseaug;

namespace {

constexpr unsigned kAll = ~0U;

double flops(std::string_view name, const Attributes& attributes, const std::vector<Shape>& shapes, Direction direction,
             unsigned wanted = kAll) {
    Shape in[kMaxInputs];
    std::copy(shapes.begin(), shapes.end(), in);
    return find_op(name).flops(attributes, in, direction, wanted);
}
double value_flops(std::string_view name, const std::vector<Shape>& shapes) {
    return flops(name, {}, shapes, Direction::value);
}
double vjp_flops(std::string_view name, const std::vector<Shape>& shapes) {
    return flops(name, {}, shapes, Direction::vjp);
}

double usual_flops(const Op& op, int batch, Direction direction) {
    const bench::UsualCall usual = bench::usual_call(op, batch);
    std::vector<Shape> shapes;
    for (const Sample::Matrix& m : usual.in) shapes.push_back({m.rows, m.cols});
    return flops(op.name, usual.attributes, shapes, direction);
}

} // namespace

TEST_CASE("a tally counts arithmetic and math functions, not signs, comparisons and choices") {
    Tally a(3), b(4);
    CHECK(operations_of([&] { a = sqrt(a * a + b * b) / b; }) == 5);
    CHECK(a.value == 1.25);
    CHECK(operations_of([&] { a = select(a < b || a == b, -a, b); }) == 0);
    CHECK(a.value == -1.25);
    CHECK(operations_of([&] {
              const auto [sine, cosine] = sin_cos(b);
              a += sine - cosine * exp_of(tanh_of(b));
          }) == 7);
    CHECK(operations_of([&] { (a -= b) *= b; }) == 2);
}

TEST_CASE("pose ops count as they are counted by hand") {
    CHECK(value_flops("hip_relative", {{48, 10}}) == 10 * 48);
    CHECK(vjp_flops("hip_relative", {{48, 10}}) == 10 * 45); // of the hip's gradient
    // the angle's square 5; sines, quotients and series, with their derivatives, 31; the matrix 18 + 2 + 15
    CHECK(value_flops("rodrigues", {{3, 100}}) == 100 * 71);
    CHECK(value_flops("remove_neck", {{51, 100}}) == 0);
}

TEST_CASE("a loss counts its value and, where they are wanted, its gradients") {
    // difference, square; a sum for each pose, a division for each run
    CHECK(flops("least_squares", {}, {{1, 20}}, Direction::value, 0) == 20 * (2 + 1) + 1);
    CHECK(flops("least_squares", {}, {{1, 200}}, Direction::value, 0) == 200 * (2 + 1) + 4);
    // a difference and two products
    CHECK(flops("least_squares", {}, {{1, 20}}, Direction::value, 1) == 20 * (2 + 1 + 3) + 1);
    // two differences, a square and a sum for each of 48 coordinates, and a division
    CHECK(flops("mean_square", {}, {{48, 7}, {48, 7}}, Direction::value, 0) == 7 * (48 * 4 + 1 + 1) + 1);
}

TEST_CASE("the gradients that a loss writes are part of its work") {
    static float somewhere[1];
    const View<float> poses{somewhere, 48, 64, 64};
    Call<float> call;
    call.in[0] = call.in[1] = poses;
    call.out[0] = {somewhere, 1, 1, 1};
    CHECK(work_of(find_op("mean_square"), Direction::value, call).bytes == 4 * (2 * 48 * 64 + 1));
    call.d_in[0] = poses;
    CHECK(work_of(find_op("mean_square"), Direction::value, call).bytes == 4 * (3 * 48 * 64 + 1));
}

TEST_CASE("ops of networks count the gradients that are wanted") {
    const std::vector<Shape> product = {{5, 7}, {7, 11}};
    CHECK(flops("matmul", {}, product, Direction::value) == 2 * 5 * 7 * 11);
    CHECK(flops("matmul", {}, product, Direction::vjp) == 4 * 5 * 7 * 11);
    CHECK(flops("matmul", {}, product, Direction::vjp, 0b10) == 2 * 5 * 7 * 11);
    CHECK(flops("matmul", Attributes::of(MatMul{1}), {{7, 5}, {7, 11}}, Direction::value) == 2 * 5 * 7 * 11);

    const Attributes leaky = Attributes::of(BiasActivation{0.01});
    CHECK(flops("bias_activation", leaky, {{6, 9}, {6, 1}, {6, 9}}, Direction::value) == 6 * 9 * 3);
    CHECK(flops("bias_activation", leaky, {{6, 9}}, Direction::value) == 6 * 9);
    CHECK(flops("bias_activation", leaky, {{6, 9}, {6, 1}}, Direction::vjp, 0b11) == 6 * 9 * 2);

    // two poses: 46 edges, 16 of them from a joint to itself; the softmax takes four an edge
    const std::vector<Shape> graph = {{3, 16 * 2}, {1, 46}};
    CHECK(flops("semantic_graph", Attributes::of(SemanticGraph{1}), graph, Direction::value) ==
          3 * 2 * (16 + 30 * 2) + 4 * 46);
    // three poses of five nodes: 25 pairs each
    const Attributes attention = Attributes::of(NodeAttention{5, 1});
    CHECK(flops("node_attention", attention, {{2, 15}, {2, 15}, {4, 15}}, Direction::value) ==
          3 * 25 * (2 * 2 + 4 + 2 * 4));
}

TEST_CASE("there are operations wherever there is arithmetic, and more of them in a larger batch") {
    const std::set<std::string_view> moves = {"mirror_image",   "pad_hip",      "remove_neck",  "concat_rows",
                                              "concat_columns", "gram_columns", "spread_nodes", "stack_nodes"};
    const std::set<std::string_view> adds_backward = {"pick_rows", "select_nodes", "pool_nodes"};
    for (const Op& op : registry())
        for (const Direction direction : {Direction::value, Direction::vjp}) {
            const bool backward = direction == Direction::vjp;
            if (backward && (op.differentiable == 0 || op.weight)) continue;
            CAPTURE(std::string(op.name));
            CAPTURE(backward);
            const double few = usual_flops(op, 16, direction), many = usual_flops(op, 64, direction);
            const bool none = moves.contains(op.name) || (!backward && adds_backward.contains(op.name));
            CHECK((few > 0) == !none);
            if (!none) CHECK(many > few);
        }
}

TEST_CASE("the work of a procedure counts elements seen, moved elsewhere, and states twice") {
    static float somewhere[1];
    const View<float> vector{somewhere, 1, 100, 100};
    Call<float> call;
    call.in[0] = vector;
    for (auto& state : call.state) state = vector;
    const Work adam = work_of(adam_procedure(), call);
    CHECK(adam.bytes == 4 * 100 * (2 + 2 * 3)); // the gradient twice, since its norm comes first
    CHECK(adam.flops == 100 * 16);
    Call<float> gather;
    gather.out[0] = vector;
    CHECK(work_of(gather_procedure(), gather).bytes == 4 * 100 * 2);
    CHECK(work_of(gather_procedure(), gather).flops == 0);
}
