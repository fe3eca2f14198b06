#include "data/onnx_ops.hpp"

namespace poseaug {
namespace {

OnnxConverter converter_of(std::string_view op) {
    static const OnnxConverters all = [] {
        OnnxConverters converters = onnx_layer_converters();
        converters.merge(onnx_node_converters());
        return converters;
    }();
    const auto found = all.find(op);
    if (found == all.end())
        throw Error("export to ONNX: the op '" + std::string(op) +
                    "' has no counterpart yet; data/onnx_layers.cpp "
                    "is the place for one");
    return found->second;
}

} // namespace

OnnxConversion::OnnxConversion(OnnxModel& model, Tape<float>& tape, const OnnxNames& names)
    : model_(model), tape_(tape), names_(names) {
    for (const auto& node : tape.nodes())
        for (const int id : node.in) ++uses_[id];
}

void OnnxConversion::convert(const Tape<float>::Node& node) {
    node_ = &node;
    name(node.out[0], converter_of(node.op->name)(*this));
}

std::string OnnxConversion::input(int input) const {
    const int id = node_->in[input];
    require(id >= 0 && !is_constant(id), input, "to depend on the model's input");
    return tensor(id);
}

std::vector<float> OnnxConversion::values(int input) const {
    const int id = node_->in[input];
    require(id >= 0 && is_constant(id), input, "not to depend on the model's input");
    return download(node_->call.in[input]);
}

std::string OnnxConversion::matrix(int input) {
    const Shape s = shape(input);
    return model_.constant(name_of(node_->call.in[input]), {s.rows, s.cols}, values(input));
}

std::string OnnxConversion::vector(int input) {
    require(shape(input).cols == 1, input, "to be one column");
    return model_.constant(name_of(node_->call.in[input]), {shape(input).rows}, values(input));
}

std::string OnnxConversion::state(int state) {
    const View<const float> view = node_->call.state[state];
    return model_.constant(name_of(view), {view.rows}, download(view));
}

std::string OnnxConversion::name_from(int input, const std::string& what) const {
    return name_of(node_->call.in[input]) + "." + what;
}

std::string OnnxConversion::biased(int input, const std::string& bias) {
    const std::string x = this->input(input);
    OnnxNode* maker = model_.maker_of(x);
    if (!maker || maker->type != "Gemm" || maker->inputs.size() > 2 || uses_[node_->in[input]] > 1)
        return model_.add("Add", {x, bias});
    maker->inputs.push_back(bias);
    return x;
}

void OnnxConversion::require(bool good, int input, const std::string& expected) const {
    if (!good)
        throw Error("export to ONNX: input " + std::to_string(input) + " of '" + std::string(op()) + "' is expected " +
                    expected);
}

std::string OnnxConversion::name_of(const View<const float>& view) const {
    const auto found = names_.find(view.data);
    if (found != names_.end()) return found->second;
    return "constant_" + std::to_string(model_.constants().size());
}

std::vector<float> OnnxConversion::download(const View<const float>& view) const {
    std::vector<float> values(static_cast<std::size_t>(view.size()));
    for (int r = 0; r < view.rows; ++r)
        tape_.stream().device().download(values.data() + static_cast<std::ptrdiff_t>(r) * view.cols, view.row(r),
                                         static_cast<std::size_t>(view.cols) * sizeof(float));
    return values;
}

} // namespace poseaug
