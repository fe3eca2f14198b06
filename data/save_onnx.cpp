#include "data/atomic_file.hpp"
#include "data/onnx_model.hpp"
#include "kernels/error.hpp"

#include <onnx/checker.h>
#include <onnx/onnx_pb.h>

namespace poseaug {
namespace {

constexpr int kOpset = 17, kFormat = 8; // the format's version that came with that opset

void put(onnx::AttributeProto& to, const OnnxAttribute& from) {
    to.set_name(from.name);
    if (const auto* number = std::get_if<std::int64_t>(&from.value)) {
        to.set_type(onnx::AttributeProto::INT);
        to.set_i(*number);
    } else if (const auto* real = std::get_if<float>(&from.value)) {
        to.set_type(onnx::AttributeProto::FLOAT);
        to.set_f(*real);
    } else {
        to.set_type(onnx::AttributeProto::INTS);
        for (const std::int64_t v : std::get<std::vector<std::int64_t>>(from.value)) to.add_ints(v);
    }
}

void put(onnx::NodeProto& to, const OnnxNode& from) {
    to.set_name(from.output);
    to.set_op_type(from.type);
    for (const std::string& input : from.inputs) to.add_input(input);
    to.add_output(from.output);
    for (const OnnxAttribute& attribute : from.attributes) put(*to.add_attribute(), attribute);
}

void put(onnx::TensorProto& to, const OnnxConstant& from) {
    to.set_name(from.name);
    for (const std::int64_t n : from.dims) to.add_dims(n);
    if (const auto* reals = std::get_if<std::vector<float>>(&from.values)) {
        to.set_data_type(onnx::TensorProto::FLOAT);
        to.set_raw_data(reals->data(), reals->size() * sizeof(float));
    } else {
        to.set_data_type(onnx::TensorProto::INT64);
        const auto& integers = std::get<std::vector<std::int64_t>>(from.values);
        to.set_raw_data(integers.data(), integers.size() * sizeof(std::int64_t));
    }
}

void put(onnx::ValueInfoProto& to, const OnnxPort& from) {
    to.set_name(from.name);
    auto* type = to.mutable_type()->mutable_tensor_type();
    type->set_elem_type(onnx::TensorProto::FLOAT);
    type->mutable_shape()->add_dim()->set_dim_param("batch");
    for (const std::int64_t n : from.dims) type->mutable_shape()->add_dim()->set_dim_value(n);
}

onnx::ModelProto proto_of(const OnnxModel& model) {
    onnx::ModelProto proto;
    proto.set_ir_version(kFormat);
    proto.set_producer_name("poseaug");
    auto* opset = proto.add_opset_import();
    opset->set_domain("");
    opset->set_version(kOpset);
    onnx::GraphProto& graph = *proto.mutable_graph();
    graph.set_name(model.name());
    put(*graph.add_input(), model.input);
    put(*graph.add_output(), model.output);
    for (const OnnxConstant& constant : model.constants()) put(*graph.add_initializer(), constant);
    for (const OnnxNode& node : model.nodes()) put(*graph.add_node(), node);
    return proto;
}

} // namespace

void save_onnx(const std::filesystem::path& file, const OnnxModel& model) {
    const onnx::ModelProto proto = proto_of(model);
    try {
        onnx::checker::check_model(proto);
    } catch (const std::exception& error) {
        throw Error(file.string() + ": not written, since ONNX's checker refuses the model: " + error.what());
    }
    std::string bytes;
    if (!proto.SerializeToString(&bytes))
        throw Error(file.string() + ": not written, since the model is larger than the 2 GiB that ONNX allows a file");
    AtomicFile output(file);
    output.write(bytes);
    output.commit();
}

} // namespace poseaug
