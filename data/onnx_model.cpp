#include "data/onnx_model.hpp"

#include <algorithm>

namespace poseaug {

std::string OnnxModel::add(const std::string& type, std::vector<std::string> inputs,
                           std::vector<OnnxAttribute> attributes, std::string output) {
    if (output.empty()) output = type + "_" + std::to_string(nodes_.size());
    nodes_.push_back({type, std::move(inputs), std::move(output), std::move(attributes)});
    return nodes_.back().output;
}

std::string OnnxModel::constant(std::string name, std::vector<std::int64_t> dims, std::vector<float> values) {
    const OnnxConstant wanted{"", std::move(dims), std::move(values)};
    while (const OnnxConstant* there = find_constant(name)) {
        if (there->dims == wanted.dims && there->values == wanted.values) return name;
        name += "_"; // the same memory in another shape
    }
    constants_.push_back(wanted);
    constants_.back().name = name;
    return name;
}

std::string OnnxModel::integers(const std::vector<std::int64_t>& values) {
    std::string name = "integers";
    for (const std::int64_t v : values) name += "_" + std::to_string(v);
    if (!find_constant(name)) constants_.push_back({name, {static_cast<std::int64_t>(values.size())}, values});
    return name;
}

OnnxNode* OnnxModel::maker_of(const std::string& tensor) {
    const auto found = std::ranges::find(nodes_, tensor, &OnnxNode::output);
    return found == nodes_.end() ? nullptr : &*found;
}

const OnnxConstant* OnnxModel::find_constant(const std::string& name) const {
    const auto found = std::ranges::find(constants_, name, &OnnxConstant::name);
    return found == constants_.end() ? nullptr : &*found;
}

} // namespace poseaug
