#include "kernels/cuda/block/network_kernels.hpp"
#include "tests/kernels/cuda/compare.hpp"

#include <algorithm>

// The GPU's kernels of the network ops, run on the CPU, against the CPU's own.

using namespace poseaug;
using namespace poseaug::testing;

namespace {

const Op& op_of(std::string_view name) {
    static const std::vector<Op> ops = network_ops();
    return *std::find_if(ops.begin(), ops.end(), [&](const Op& op) { return op.name == name; });
}

template <class K, class T, class F> void check_both(std::string label, unsigned accumulate, const F& prepare) {
    const Op& op = op_of(K::Params::name);
    OpPair<K, T>(op, label, prepare).check_value();
    // gradients jump where an activation's input is zero but for rounding: compared in double alone
    if constexpr (std::is_same_v<T, double>) OpPair<K, T>(op, label, prepare).check_vjp(accumulate);
}

BatchNorm norm(double slope, int groups, const Dropout& dropout = {}, bool train = true) {
    BatchNorm params;
    params.slope = slope;
    params.groups = groups;
    params.dropout = dropout;
    params.train = train;
    return params;
}

struct GroupsOfPoses {
    int groups, batch;
};
constexpr GroupsOfPoses kGroupsOfPoses[] = {{1, 1}, {1, 33}, {3, 7}, {2, 256}, {3, 100}};

std::string describe(int groups, int batch) { return std::to_string(groups) + " groups of " + std::to_string(batch); }

struct NormCase {
    const char* label;
    BatchNorm params;
    bool linear_bias, residual, mask;
    unsigned accumulate;
};

template <class T> void prepare_norm(OwnCall<T>& own, const NormCase& c, int batch) {
    const Shape x{3, batch * c.params.groups}, column{3, 1}, none{};
    own.call.attributes = Attributes::of(c.params);
    own.call.in[0] = own.normal(x);
    own.call.in[1] = own.positive(column);
    own.call.in[2] = own.normal(column);
    own.call.in[3] = own.normal(c.linear_bias ? column : none);
    own.call.in[4] = own.normal(c.residual ? x : none);
    own.call.in[5] = own.coins(c.mask ? x : none);
    own.call.state[0] = own.normal(column);
    own.call.state[1] = own.positive(column);
}

} // namespace

TEST_CASE_TEMPLATE("batch norm's kernels do what the CPU does", T, float, double) {
    const StepState state{12345, 3, 0};
    const Dropout drawn{0.25, {77, &state, 5}}, given{0.25, {}};
    std::vector<NormCase> cases;
    for (const int groups : {1, 2, 3}) {
        cases.push_back({"plain", norm(1, groups), false, false, false, 0});
        cases.push_back({"linear bias, relu", norm(0, groups), true, false, false, 0b01001});
        cases.push_back({"residual, leaky relu", norm(0.01, groups), false, true, false, 0b10110});
        cases.push_back({"drawn mask", norm(0, groups, drawn), true, true, false, 0});
        cases.push_back({"given mask", norm(0.01, groups, given), true, true, true, 0b11111});
        cases.push_back({"evaluation", norm(0, groups, drawn, false), true, true, false, 0b00001});
    }
    for (const NormCase& c : cases)
        for (const int batch : kBatches)
            check_both<BatchNormKernels, T>(c.label + std::string(", batch ") + std::to_string(batch), c.accumulate,
                                            [&](auto& own) { prepare_norm(own, c, batch); });
}

TEST_CASE_TEMPLATE("batch norm's kernels evaluate a single column", T, float, double) {
    const NormCase c{"one column", norm(0, 1, {}, false), true, true, false, 0};
    check_both<BatchNormKernels, T>(c.label, 0b11111, [&](auto& own) { prepare_norm(own, c, 1); });
}

TEST_CASE("batch norm's kernels give only the gradients asked for") {
    const NormCase c{"some gradients", norm(0, 2), true, true, false, 0};
    for (const unsigned wanted : {0b00001U, 0b01110U, 0b10000U, 0b00010U})
        OpPair<BatchNormKernels, double>(op_of(BatchNorm::name), c.label, [&](auto& own) {
            prepare_norm(own, c, 33);
        }).check_vjp(0, wanted);
}

TEST_CASE_TEMPLATE("bias and activation's kernels do what the CPU does", T, float, double) {
    for (const int batch : kBatches)
        for (const double slope : {1.0, 0.0, 0.01})
            for (const bool whole : {false, true})
                check_both<BiasActivationKernels, T>("batch " + std::to_string(batch), whole ? 0b110U : 0b001U,
                                                     [&](auto& own) {
                                                         own.call.attributes = Attributes::of(BiasActivation{slope});
                                                         own.call.in[0] = own.normal({5, batch});
                                                         own.call.in[1] = own.normal({whole ? 5 : 0, 1});
                                                         own.call.in[2] = own.normal({whole ? 5 : 0, batch});
                                                     });
}

TEST_CASE_TEMPLATE("tanh's and dropout's kernels do what the CPU does", T, float, double) {
    const StepState state{(std::uint64_t{1} << 40) + 9, 0, 0};
    for (const int batch : kBatches) {
        check_both<TanhKernels, T>("batch " + std::to_string(batch), batch % 2, [&](auto& own) {
            own.call.in[0] = own.normal({4, batch});
        });
        for (const bool given : {false, true})
            check_both<DropoutKernels, T>("batch " + std::to_string(batch), batch % 2, [&](auto& own) {
                own.call.attributes = Attributes::of(Dropout{0.3, {5, &state, 8}});
                own.call.in[0] = own.normal({4, batch});
                own.call.in[1] = own.coins({given ? 4 : 0, batch});
            });
    }
}

TEST_CASE_TEMPLATE("kernels that arrange rows and columns do what the CPU does", T, float, double) {
    for (const int batch : {1, 2, 33, 300})
        for (const int parts : {1, 3, 4}) {
            const std::string label = std::to_string(parts) + " parts of " + std::to_string(batch);
            check_both<ConcatRowsKernels, T>(label, 0b0101, [&](auto& own) {
                for (int i = 0; i < parts; ++i) own.call.in[i] = own.normal({i + 1, batch});
            });
            check_both<ConcatColumnsKernels, T>(label, 0b1010, [&](auto& own) {
                for (int i = 0; i < parts; ++i) own.call.in[i] = own.normal({5, batch + 3 * i});
            });
        }
    for (const unsigned accumulate : {0U, 1U}) {
        PickRows runs;
        runs.add(1, 0, 2);
        runs.add(5, 3, 4);
        runs.add(1, 1, 3);
        check_both<PickRowsKernels, T>("one row twice", accumulate * 0b100010U, [&](auto& own) {
            own.call.attributes = Attributes::of(runs);
            for (const int i : {0, 1, 5}) own.call.in[i] = own.normal({i + 4, 40});
        });
        check_both<GramColumnsKernels, T>("three units", accumulate, [&](auto& own) {
            own.call.in[0] = own.normal({15, 225});
        });
    }
}

TEST_CASE_TEMPLATE("kernels that arrange nodes do what the CPU does", T, float, double) {
    const PoolNodes limbs{17, 5, 1, {4, 3, 3, 3, 2, 2, 2, 4, 4, 4, 4, 0, 0, 0, 1, 1, 1}};
    for (const auto& [groups, batch] : kGroupsOfPoses) {
        const int cols = groups * batch;
        const std::string label = describe(groups, batch);
        check_both<SpreadNodesKernels, T>(label, groups % 2, [&](auto& own) {
            own.call.attributes = Attributes::of(SpreadNodes{17, groups});
            own.call.in[0] = own.normal({34, cols});
        });
        check_both<StackNodesKernels, T>(label, groups % 2, [&](auto& own) {
            own.call.attributes = Attributes::of(StackNodes{5, groups});
            own.call.in[0] = own.normal({3, 5 * cols});
        });
        for (const bool equal : {false, true})
            check_both<PoolNodesKernels, T>(label, groups % 2, [&](auto& own) {
                PoolNodes pool = limbs;
                pool.groups = groups;
                own.call.attributes = Attributes::of(pool);
                own.call.in[0] = equal ? own.coins({3, 17 * cols}) : own.normal({3, 17 * cols});
            });
        check_both<SelectNodesKernels, T>(label, groups % 2, [&](auto& own) {
            own.call.attributes = Attributes::of(SelectNodes{5, 7, groups, {4, 0, 4, 1, 1, 1, 2}});
            own.call.in[0] = own.normal({3, 5 * cols});
        });
    }
}

TEST_CASE_TEMPLATE("a NaN spoils its part's maximum and gradients on a GPU as on the CPU", T, float, double) {
    const auto spoilt = [](const View<T>& view) {
        std::vector<bool> all;
        for (int r = 0; r < view.rows; ++r)
            for (int c = 0; c < view.cols; ++c) all.push_back(std::isnan(view(r, c)));
        return all;
    };
    const auto prepare = [](OwnCall<T>& own) {
        Call<T>& call = own.call;
        call.attributes = Attributes::of(PoolNodes{5, 2, 1, {0, 1, 0, 1, 1}});
        const View<T> x = own.normal({2, 5 * 3});
        x(0, 1) = x(1, 2 * 3 + 2) = x(1, 4 * 3) = static_cast<T>(NAN);
        call.in[0] = x;
        call.out[0] = own.empty({2, 2 * 3});
        call.d_out[0] = own.coins({2, 2 * 3}); // some are zero, and do not hide it
        call.d_in[0] = own.empty({2, 5 * 3});
    };
    OwnCall<T> expected(5), found(5);
    prepare(expected);
    prepare(found);
    Queue queue = host_queue();
    const Entries<T>& cpu = op_of(PoolNodes::name).entries<T>();
    cpu.value.cpu(queue, expected.call);
    cpu.vjp.cpu(queue, expected.call);
    HostRunner launch(1);
    PoolNodesKernels::value(launch, found.call);
    PoolNodesKernels::vjp(launch, found.call);
    const auto outputs = spoilt(expected.call.out[0]), gradients = spoilt(expected.call.d_in[0]);
    CHECK(std::ranges::count(outputs, true) == 3);
    CHECK(std::ranges::count(gradients, true) == 2 + 2 + 3);
    CHECK(spoilt(found.call.out[0]) == outputs);
    CHECK(spoilt(found.call.d_in[0]) == gradients);
}

TEST_CASE_TEMPLATE("kernels of graph convolutions do what the CPU does", T, float, double) {
    for (const auto& [groups, batch] : kGroupsOfPoses) {
        const std::string label = describe(groups, batch);
        const auto semantic = [&](auto& own) {
            own.call.attributes = Attributes::of(SemanticGraph{groups});
            own.call.in[0] = own.normal({5, groups * 16 * batch});
            own.call.in[1] = own.normal({1, 46});
        };
        for (const unsigned accumulate : {0b01U, 0b10U})
            check_both<SemanticGraphKernels, T>(label, accumulate, semantic);
        for (const int nodes : {17, 5}) {
            const auto hops = [&](auto& own) {
                own.call.attributes = Attributes::of(HopGraph{nodes, groups});
                own.call.in[0] = own.normal({12, groups * nodes * batch});
                own.call.in[1] = own.normal({12, 1});
            };
            for (const unsigned accumulate : {0b01U, 0b10U}) check_both<HopGraphKernels, T>(label, accumulate, hops);
            for (const unsigned wanted : {0b01U, 0b10U}) {
                OpPair<HopGraphKernels, T>(op_of(HopGraph::name), label, hops).check_vjp(0, wanted);
                OpPair<SemanticGraphKernels, T>(op_of(SemanticGraph::name), label, semantic).check_vjp(0, wanted);
            }
        }
    }
}

TEST_CASE_TEMPLATE("attention's kernels do what the CPU does", T, float, double) {
    for (const auto& [groups, batch] : kGroupsOfPoses)
        for (const int nodes : {17, 5, 1}) {
            const auto prepare = [&](auto& own) {
                own.call.attributes = Attributes::of(NodeAttention{nodes, groups});
                for (const int i : {0, 1}) own.call.in[i] = own.normal({4, groups * nodes * batch});
                own.call.in[2] = own.normal({7, groups * nodes * batch});
            };
            const std::string label = std::to_string(nodes) + " nodes, " + describe(groups, batch);
            for (const unsigned accumulate : {0U, 0b101U, 0b010U})
                check_both<NodeAttentionKernels, T>(label, accumulate, prepare);
            for (const unsigned wanted : {0b001U, 0b010U, 0b100U})
                OpPair<NodeAttentionKernels, T>(op_of(NodeAttention::name), label, prepare).check_vjp(0, wanted);
        }
}

TEST_CASE("every network op has kernels") {
    std::vector<std::string_view> names;
    for_each_type(NetworkKernels{}, [&]<class K>() { names.push_back(K::Params::name); });
    for (const Op& op : network_ops()) CHECK_MESSAGE(std::count(names.begin(), names.end(), op.name) == 1, op.name);
}
