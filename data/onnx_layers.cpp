#include "data/onnx_ops.hpp"
#include "engine/matmul.hpp"
#include "kernels/network/ops.hpp"
#include "kernels/pose/bones.hpp"
#include "kernels/pose/neck.hpp"
#include "kernels/pose/pad_hip.hpp"
#include "kernels/skeleton.hpp"

namespace poseaug {
namespace {

using Integers = std::vector<std::int64_t>;

std::string activated(OnnxModel& model, const std::string& x, double slope) {
    if (slope == 1) return x;
    if (slope == 0) return model.add("Relu", {x});
    return model.add("LeakyRelu", {x}, {{"alpha", static_cast<float>(slope)}});
}

std::string matmul(OnnxConversion& c) {
    return c.model().add("Gemm", {c.input(1), c.matrix(0)},
                         {{"transB", std::int64_t{c.params<MatMul>().transpose_weight == 0}}});
}

std::string bias_activation(OnnxConversion& c) {
    std::string y = c.has(1) ? c.biased(0, c.vector(1)) : c.input(0);
    if (c.has(2)) y = c.model().add("Add", {y, c.input(2)});
    return activated(c.model(), y, c.params<BiasActivation>().slope);
}

std::string batch_norm(OnnxConversion& c) {
    const auto p = c.params<BatchNorm>();
    if (p.train) throw Error("export to ONNX: batch_norm was recorded while training; record an evaluation");
    const std::string x = c.has(3) ? c.biased(0, c.vector(3)) : c.input(0);
    const std::string normed =
        c.model().add("BatchNormalization", {x, c.vector(1), c.vector(2), c.state(0), c.state(1)},
                      {{"epsilon", static_cast<float>(p.eps)}});
    const std::string y = activated(c.model(), normed, p.slope);
    return c.has(4) ? c.model().add("Add", {y, c.input(4)}) : y;
}

std::string concat_rows(OnnxConversion& c) {
    std::vector<std::string> parts;
    for (int i = 0; i < 4 && c.has(i); ++i) parts.push_back(c.input(i));
    return c.model().add("Concat", parts, {{"axis", std::int64_t{1}}});
}

std::string pad_hip(OnnxConversion& c) { return c.model().add("Pad", {c.input(0), c.model().integers({0, 3, 0, 0})}); }

std::string insert_neck(OnnxConversion& c) {
    constexpr int rows = 2 * kJoints, cols = 2 * kJointsWithNeck;
    std::vector<float> weights(rows * cols);
    for (int j = 0; j < kJoints; ++j)
        for (int k = 0; k < 2; ++k) {
            const int first = (2 * j + k) * cols;
            float* row = &weights[static_cast<std::size_t>(first)];
            row[2 * joint_with_neck(j) + k] = 1;
            if (j == kNeck - 1 || j == kNeck) row[2 * kNeck + k] = 0.5F; // between thorax and head
        }
    return c.model().add("MatMul", {c.input(0), c.model().constant("insert_neck", {rows, cols}, weights)});
}

std::string remove_neck(OnnxConversion& c) {
    OnnxModel& model = c.model();
    Integers joints(kJoints);
    for (int j = 0; j < kJoints; ++j) joints[static_cast<std::size_t>(j)] = joint_with_neck(j);
    const std::string with_neck = model.reshape(c.input(0), {-1, kJointsWithNeck, 3});
    const std::string kept = model.add("Gather", {with_neck, model.integers(joints)}, {{"axis", std::int64_t{1}}});
    return model.reshape(kept, {-1, 3 * kJoints});
}

std::string hip_relative(OnnxConversion& c) {
    OnnxModel& model = c.model();
    const std::string joints = model.reshape(c.input(0), {-1, kJoints, 3});
    const std::string hip = model.add("Gather", {joints, model.integers({0})}, {{"axis", std::int64_t{1}}});
    return model.reshape(model.add("Sub", {joints, hip}), {-1, 3 * kJoints});
}

} // namespace

OnnxConverters onnx_layer_converters() {
    return {{MatMul::name, matmul},          {BiasActivation::name, bias_activation},
            {BatchNorm::name, batch_norm},   {ConcatRows::name, concat_rows},
            {PadHip::name, pad_hip},         {HipRelative::name, hip_relative},
            {InsertNeck::name, insert_neck}, {RemoveNeck::name, remove_neck}};
}

} // namespace poseaug
