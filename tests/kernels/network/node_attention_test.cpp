#include "kernels/network/ops.hpp"
#include "tests/workbench.hpp"

#include <algorithm>
#include <array>

using namespace poseaug;
using test::Workbench;

TEST_CASE("attention among the nodes of a pose, by the formula") {
    struct Case {
        int nodes, groups, batch, keys, channels;
    };
    for (const auto& device : test::devices())
        for (const auto& [nodes, groups, batch, keys, channels] :
             {Case{17, 1, 5, 4, 3}, {17, 3, 19, 30, 26}, {5, 3, 16, 3, 50}, {2, 1, 33, 1, 1}}) {
            Workbench<double> bench(*device);
            const int cols = groups * nodes * batch;
            const auto theta = bench.normal(keys, cols, 1), phi = bench.normal(keys, cols, 2),
                       g = bench.normal(channels, cols, 3);
            const auto found =
                bench.run(find_op(NodeAttention::name), Attributes::of(NodeAttention{nodes, groups}), {theta, phi, g});
            const auto t = bench.get(theta), p = bench.get(phi), values = bench.get(g), y = bench.get(found[0]),
                       softmax = bench.get(found[1]);
            const auto at = [&](int row, int group, int v, int b) {
                return static_cast<std::size_t>(row * cols + (group * nodes + v) * batch + b);
            };
            double worst = 0;
            for (int group = 0; group < groups; ++group)
                for (int b = 0; b < batch; ++b)
                    for (int v = 0; v < nodes; ++v) {
                        std::vector<double> weight(nodes);
                        double sum = 0;
                        for (int u = 0; u < nodes; ++u) {
                            double score = 0;
                            for (int k = 0; k < keys; ++k) score += t[at(k, group, v, b)] * p[at(k, group, u, b)];
                            sum += weight[u] = std::exp(score);
                        }
                        for (int c = 0; c < channels; ++c) {
                            double expected = 0;
                            for (int u = 0; u < nodes; ++u) expected += weight[u] / sum * values[at(c, group, u, b)];
                            worst = std::max(worst, std::abs(y[at(c, group, v, b)] - expected));
                        }
                        for (int u = 0; u < nodes; ++u) {
                            const std::size_t pose = static_cast<std::size_t>(group * batch + b);
                            const std::size_t row = static_cast<std::size_t>(v * nodes + u);
                            worst = std::max(worst, std::abs(softmax[row * (groups * batch) + pose] - weight[u] / sum));
                        }
                    }
            CHECK(worst < 1e-12);
        }
}

TEST_CASE("attention with scores beyond exp's range picks the largest") {
    for (const auto& device : test::devices()) {
        Workbench<float> bench(*device);
        // one pose of two nodes: scores of node 0 are 900 and 400, of node 1 the negative
        const auto y = bench.run(find_op(NodeAttention::name), Attributes::of(NodeAttention{2, 1}),
                                 {bench.put(1, 2, {1, -1}), bench.put(1, 2, {900, 400}), bench.put(1, 2, {7, 8})})[0];
        CHECK(bench.get(y) == std::vector<double>{7, 8});
    }
}

TEST_CASE("attention has the same bits on any number of threads") {
    const auto run = [](int threads) {
        const auto device = open_device({.kind = "cpu", .threads = threads});
        Workbench<float> bench(*device);
        Tape<float> tape(bench.stream, bench.arena);
        const int cols = 2 * 17 * 37;
        const Var theta = tape.variable(bench.normal(9, cols, 1)), phi = tape.variable(bench.normal(9, cols, 2)),
                  g = tape.variable(bench.normal(30, cols, 3));
        const Var y = tape.apply<NodeAttention>({theta, phi, g}, {17, 2});
        const auto value = bench.get(tape.value(y));
        tape.backward({{y, bench.normal(30, cols, 4)}});
        return std::array{value, bench.get(tape.gradient(theta)), bench.get(tape.gradient(phi)),
                          bench.get(tape.gradient(g))};
    };
    CHECK(run(1) == run(3));
}
