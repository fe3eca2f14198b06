#include "bench/usual_call.hpp"

#include "engine/cudnn.hpp"
#include "engine/grouped_matmul.hpp"
#include "engine/matmul.hpp"
#include "kernels/network/ops.hpp"
#include "kernels/pose/adversarial.hpp"
#include "kernels/pose/ops.hpp"
#include "kernels/sampling.hpp"

#include <algorithm>
#include <map>

namespace poseaug::bench {
namespace {

constexpr int kWidth = 1024;        ///< of mlp and videopose
constexpr int kTrunk = 256;         ///< of the augmentor's layers
constexpr int kGraphChannels = 128; ///< of gcn
constexpr int kHopChannels = 64;    ///< of the first blocks of stgcn
constexpr int kJoints = 16, kEdges = 46, kNodes = 17, kParts = 5;

Sample::Matrix widened(const Sample::Matrix& m, int cols) {
    Sample::Matrix wide{m.rows, cols, {}};
    wide.values.reserve(static_cast<std::size_t>(m.rows) * static_cast<std::size_t>(cols));
    for (int r = 0; r < m.rows; ++r)
        for (int c = 0; c < cols; ++c)
            wide.values.push_back(m.values[static_cast<std::size_t>(r) * static_cast<std::size_t>(m.cols) +
                                           static_cast<std::size_t>(c % m.cols)]);
    return wide;
}

UsualCall usual_pose_call(const Op& op, int batch) {
    const Sample sample = op.samples().front();
    UsualCall call{sample.attributes, {}, {}};
    const int poses = sample.in[0].cols;
    for (const Sample::Matrix& m : sample.in) call.in.push_back(m.cols > 1 ? widened(m, m.cols / poses * batch) : m);
    return call;
}

/// Normal numbers in a matrix of any width, at the price of a narrow one.
Sample::Matrix normal(int rows, int cols) {
    constexpr int drawn = 61;
    return widened(sampling::normal(rows, std::min(cols, drawn)), cols);
}

/// The inputs of the augmentor's four nets.
PickRows trunk_inputs() {
    PickRows p;
    for (int i = 0; i < 4; ++i) {
        p.add(0, 0, i == 3 ? 63 : 48);
        p.add(1 + i, 0, 48);
    }
    return p;
}
PoolNodes pool_to_parts() {
    PoolNodes p{kNodes, kParts, 1, {}};
    for (int v = 0; v < kNodes; ++v) p.part_of[v] = static_cast<std::uint8_t>(v % kParts);
    return p;
}
SelectNodes parts_to_joints() {
    SelectNodes p{kParts, kNodes, 1, {}};
    for (int v = 0; v < kNodes; ++v) p.index[v] = static_cast<std::uint8_t>(v % kParts);
    return p;
}

UsualCall usual_batch_norm(int batch) {
    BatchNorm p;
    p.slope = 0;
    p.dropout = {0.25, {7, nullptr, 3}};
    return {Attributes::of(p),
            {normal(kWidth, batch), normal(kWidth, 1), normal(kWidth, 1), normal(kWidth, 1), normal(kWidth, batch), {}},
            {normal(kWidth, 1), sampling::filled(kWidth, 1, 1.0)}};
}

/// The norm alone.
UsualCall usual_batch_norm_by_cudnn(int batch) {
    return {Attributes::of(BatchNorm{}),
            {normal(kWidth, batch), normal(kWidth, 1), normal(kWidth, 1)},
            {normal(kWidth, 1), sampling::filled(kWidth, 1, 1.0)}};
}

using Make = UsualCall (*)(int batch);

/// Of the ops whose samples do not tell.
const std::map<std::string_view, Make>& known_calls() {
    static const std::map<std::string_view, Make> calls = {
        {MatMul::name,
         [](int b) {
             return UsualCall{{}, {normal(kWidth, kWidth), normal(kWidth, b)}, {}};
         }},
        {GroupedMatMul::name,
         [](int b) {
             return UsualCall{Attributes::of(GroupedMatMul{{4}}),
                              {normal(4 * kTrunk, b), normal(4 * kTrunk, kTrunk), {}, {}, {}},
                              {}};
         }},
        {BiasActivation::name,
         [](int b) {
             return UsualCall{Attributes::of(BiasActivation{0.01}), {normal(kTrunk, b), normal(kTrunk, 1), {}}, {}};
         }},
        {Tanh::name,
         [](int b) {
             return UsualCall{{}, {normal(45, b)}, {}};
         }},
        {Dropout::name,
         [](int b) {
             return UsualCall{Attributes::of(Dropout{0.25, {7, nullptr, 3}}), {normal(kWidth, b), {}}, {}};
         }},
        {BatchNorm::name, usual_batch_norm},
        {ConcatRows::name,
         [](int b) {
             return UsualCall{{}, {normal(45, b), normal(kTrunk, b), {}, {}}, {}};
         }},
        {ConcatColumns::name,
         [](int b) {
             return UsualCall{{}, {normal(32, b), normal(32, b), {}, {}}, {}};
         }},
        {PickRows::name,
         [](int b) {
             return UsualCall{Attributes::of(trunk_inputs()),
                              {normal(63, b), normal(48, b), normal(48, b), normal(48, b), normal(48, b), {}},
                              {}};
         }},
        {GramColumns::name,
         [](int) {
             return UsualCall{{}, {normal(kParts * kTrunk, 225)}, {}};
         }},
        {DiscriminatorLoss<1>::name,
         [](int b) {
             return UsualCall{Attributes::of(DiscriminatorLoss<1>::Params{}), {normal(1, 2 * b)}, {}};
         }},
        {DiscriminatorLoss<5>::name,
         [](int b) {
             return UsualCall{Attributes::of(DiscriminatorLoss<5>::Params{}), {normal(5, 2 * b)}, {}};
         }},
        {SpreadNodes::name,
         [](int b) {
             return UsualCall{Attributes::of(SpreadNodes{kJoints, 1}), {normal(kJoints * 2, b)}, {}};
         }},
        {StackNodes::name,
         [](int b) {
             return UsualCall{Attributes::of(StackNodes{kJoints, 1}), {normal(3, kJoints * b)}, {}};
         }},
        {PoolNodes::name,
         [](int b) {
             return UsualCall{Attributes::of(pool_to_parts()), {normal(kHopChannels, kNodes * b)}, {}};
         }},
        {SelectNodes::name,
         [](int b) {
             return UsualCall{Attributes::of(parts_to_joints()), {normal(kHopChannels, kParts * b)}, {}};
         }},
        {SemanticGraph::name,
         [](int b) {
             return UsualCall{
                 Attributes::of(SemanticGraph{1}), {normal(kGraphChannels, kJoints * b), normal(1, kEdges)}, {}};
         }},
        {HopGraph::name,
         [](int b) {
             return UsualCall{Attributes::of(HopGraph{kNodes, 1}),
                              {normal(4 * kHopChannels, kNodes * b), normal(4 * kHopChannels, 1)},
                              {}};
         }},
        {NodeAttention::name, [](int b) {
             const auto nodes = [b] { return normal(kHopChannels / 2, kNodes * b); };
             return UsualCall{Attributes::of(NodeAttention{kNodes, 1}), {nodes(), nodes(), nodes()}, {}};
         }}};
    return calls;
}

} // namespace

bool is_pose_op(const Op& op) {
    static const std::vector<Op> ops = pose_ops();
    return std::ranges::any_of(ops, [&](const Op& pose) { return pose.name == op.name; });
}

UsualCall usual_call(const Op& op, int batch) {
    if (const auto found = known_calls().find(op.name); found != known_calls().end()) return found->second(batch);
    if (is_pose_op(op)) return usual_pose_call(op, batch);
    if (op.name == cudnn_convolution_op().name) return known_calls().at(MatMul::name)(batch);
    if (op.name == cudnn_batch_norm_op().name) return usual_batch_norm_by_cudnn(batch);
    throw Error(std::string(op.name) + ": nothing is known of its usual shapes; add them to bench/usual_call.cpp");
}

} // namespace poseaug::bench
