#include "kernels/network/ops.hpp"
#include "tests/workbench.hpp"

#include <algorithm>
#include <array>

using namespace poseaug;
using test::Workbench;
using Values = std::vector<double>;

namespace {

constexpr std::array<int, 16> kParent = {-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 8, 10, 11, 8, 13, 14};

/// Element (row, node v of pose b of group g) of a graph tensor's values.
struct GraphValues {
    Values values;
    int nodes, groups, batch;
    double operator()(int row, int g, int v, int b) const {
        return values[static_cast<std::size_t>((row * groups + g) * nodes + v) * static_cast<std::size_t>(batch) +
                      static_cast<std::size_t>(b)];
    }
};

/// The adjacency of the skeleton from its 46 weights, cell after cell.
std::array<std::array<double, 16>, 16> learnt_adjacency(const Values& weights) {
    std::array<std::array<double, 16>, 16> a{};
    std::size_t next = 0;
    for (int i = 0; i < 16; ++i) {
        double sum = 0;
        for (int j = 0; j < 16; ++j)
            if (i == j || kParent.at(i) == j || kParent.at(j) == i) sum += a.at(i).at(j) = std::exp(weights.at(next++));
        for (double& cell : a.at(i)) cell /= sum;
    }
    CHECK(next == weights.size());
    return a;
}

/// The four hop matrices as the method writes them out: pairs joined by bones, pairs mirrored, steps to the centre.
using Hops = std::vector<std::vector<std::vector<double>>>; // [k][v][w]
Hops hop_matrices(int n, std::vector<std::array<int, 2>> edges, const std::vector<std::array<int, 2>>& mirrored,
                  const std::vector<int>& distance) {
    std::vector<std::vector<int>> kind(n, std::vector<int>(n, -1));
    for (const auto& [i, j] : edges) {
        kind[i][j] = distance[i] > distance[j] ? 1 : 2;
        kind[j][i] = 3 - kind[i][j];
    }
    for (const auto& [i, j] : mirrored) kind[i][j] = kind[j][i] = 3;
    Hops hops(4, std::vector<std::vector<double>>(n, std::vector<double>(n)));
    for (int w = 0; w < n; ++w) {
        kind[w][w] = 0;
        const auto count = std::count_if(kind.begin(), kind.end(), [&](const auto& row) { return row[w] >= 0; });
        for (int v = 0; v < n; ++v)
            if (kind[v][w] >= 0) hops[kind[v][w]][v][w] = 1.0 / static_cast<double>(count);
    }
    return hops;
}

Hops hops_of(int nodes) {
    if (nodes == 5) return hop_matrices(5, {{0, 4}, {1, 4}, {2, 4}, {3, 4}}, {{0, 1}, {2, 3}}, {1, 1, 1, 1, 0});
    return hop_matrices(17,
                        {{0, 1},
                         {2, 1},
                         {3, 2},
                         {4, 0},
                         {5, 4},
                         {6, 5},
                         {7, 0},
                         {8, 7},
                         {9, 8},
                         {10, 9},
                         {11, 8},
                         {12, 11},
                         {13, 12},
                         {14, 8},
                         {15, 14},
                         {16, 15}},
                        {{6, 3}, {5, 2}, {4, 1}, {11, 14}, {12, 15}, {13, 16}},
                        {1, 2, 3, 4, 2, 3, 4, 0, 1, 2, 3, 2, 3, 4, 2, 3, 4});
}

} // namespace

TEST_CASE("the learnt adjacency weighs a joint's own features and its neighbours'") {
    for (const auto& device : test::devices())
        for (const auto& [groups, batch] : {std::array{1, 5}, {3, 21}}) {
            constexpr int channels = 3;
            Workbench<double> bench(*device);
            const auto x = bench.normal(channels, groups * 16 * batch, 1), weights = bench.normal(1, 46, 2);
            const auto a = learnt_adjacency(bench.get(weights));
            const GraphValues in{bench.get(x), 16, groups, batch};
            const GraphValues out{bench.get(bench.run(find_op(SemanticGraph::name),
                                                      Attributes::of(SemanticGraph{groups}), {x, weights})[0]),
                                  16, groups, batch};
            double worst = 0;
            for (int c = 0; c < channels; ++c)
                for (int g = 0; g < groups; ++g)
                    for (int i = 0; i < 16; ++i)
                        for (int b = 0; b < batch; ++b) {
                            double neighbours = 0;
                            for (int j = 0; j < 16; ++j)
                                if (j != i) neighbours += a.at(i).at(j) * in(c, g, j, b);
                            worst = std::max({worst, std::abs(out(c, g, i, b) - a.at(i).at(i) * in(c, g, i, b)),
                                              std::abs(out(channels + c, g, i, b) - neighbours)});
                        }
            CHECK(worst < 1e-14);
        }
}

TEST_CASE("the fixed adjacencies are the method's hop matrices, normalised by columns") {
    for (const auto& device : test::devices())
        for (const int nodes : {17, 5})
            for (const auto& [groups, batch] : {std::array{1, 4}, {3, 19}}) {
                constexpr int channels = 2;
                Workbench<double> bench(*device);
                const auto x = bench.normal(4 * channels, groups * nodes * batch, 1),
                           bias = bench.normal(4 * channels, 1, 2);
                const Hops hops = hops_of(nodes);
                const Values shift = bench.get(bias);
                const GraphValues in{bench.get(x), nodes, groups, batch};
                const GraphValues out{bench.get(bench.run(find_op(HopGraph::name),
                                                          Attributes::of(HopGraph{nodes, groups}), {x, bias})[0]),
                                      nodes, groups, batch};
                double worst = 0;
                for (int c = 0; c < channels; ++c)
                    for (int g = 0; g < groups; ++g)
                        for (int w = 0; w < nodes; ++w)
                            for (int b = 0; b < batch; ++b) {
                                double sum = 0;
                                for (int k = 0; k < 4; ++k)
                                    for (int v = 0; v < nodes; ++v)
                                        sum +=
                                            hops[k][v][w] * (in(k * channels + c, g, v, b) + shift[k * channels + c]);
                                worst = std::max(worst, std::abs(out(c, g, w, b) - sum));
                            }
                CHECK(worst < 1e-14);
            }
}

TEST_CASE("gradients of graph convolutions have the same bits on any number of threads") {
    const auto gradients = [](int threads) {
        const auto device = open_device({.kind = "cpu", .threads = threads});
        Workbench<float> bench(*device);
        Tape<float> tape(bench.stream, bench.arena);
        const Var x = tape.variable(bench.normal(24, 17 * 80, 1)), bias = tape.variable(bench.normal(24, 1, 2));
        const Var y = tape.apply<HopGraph>({x, bias}, {17, 2});
        const Var z = tape.variable(bench.normal(40, 3 * 16 * 31, 3)), e = tape.variable(bench.normal(1, 46, 4));
        const Var s = tape.apply<SemanticGraph>({z, e}, {3});
        tape.backward({{y, bench.normal(6, 17 * 80, 5)}, {s, bench.normal(80, 3 * 16 * 31, 6)}});
        return std::array{bench.get(tape.gradient(x)), bench.get(tape.gradient(bias)), bench.get(tape.gradient(z)),
                          bench.get(tape.gradient(e))};
    };
    CHECK(gradients(1) == gradients(3));
}
