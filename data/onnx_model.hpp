#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace poseaug {

/// A named property of an ONNX node.
struct OnnxAttribute {
    std::string name;
    std::variant<std::int64_t, float, std::vector<std::int64_t>> value;
};

/// One operation; tensors are known by their names.
struct OnnxNode {
    std::string type; ///< of ONNX's operators: "Gemm", "Relu", ...
    std::vector<std::string> inputs;
    std::string output;
    std::vector<OnnxAttribute> attributes;
};

/// A tensor that is the same for every input.
struct OnnxConstant {
    std::string name;
    std::vector<std::int64_t> dims;
    std::variant<std::vector<float>, std::vector<std::int64_t>> values;
};

/// An input or output: float, of any number of items, each of these dimensions.
struct OnnxPort {
    std::string name;
    std::vector<std::int64_t> dims;
};

/// A model in the terms of ONNX, before it is a file.
class OnnxModel {
public:
    explicit OnnxModel(std::string name) : name_(std::move(name)) {}

    /// Adds a node and returns the name of its output, a new one if none is given.
    std::string add(const std::string& type, std::vector<std::string> inputs,
                    std::vector<OnnxAttribute> attributes = {}, std::string output = {});
    /// The same values in other dimensions, one of which may be -1: what is left.
    std::string reshape(const std::string& x, const std::vector<std::int64_t>& dims, std::string output = {}) {
        return add("Reshape", {x, integers(dims)}, {}, std::move(output));
    }
    std::string transpose(const std::string& x, const std::vector<std::int64_t>& order) {
        return add("Transpose", {x}, {{"perm", order}});
    }

    /// Adds a constant and returns its name; the same one, if it is there already, is used again.
    std::string constant(std::string name, std::vector<std::int64_t> dims, std::vector<float> values);
    /// Integers along one dimension, named by what they are.
    std::string integers(const std::vector<std::int64_t>& values);

    /// The node that makes a tensor; null for an input or a constant.
    OnnxNode* maker_of(const std::string& tensor);

    OnnxPort input, output;
    const std::string& name() const { return name_; }
    const std::vector<OnnxNode>& nodes() const { return nodes_; }
    const std::vector<OnnxConstant>& constants() const { return constants_; }

private:
    const OnnxConstant* find_constant(const std::string& name) const;

    std::string name_;
    std::vector<OnnxNode> nodes_;
    std::vector<OnnxConstant> constants_;
};

/// Writes a model as an ONNX file of opset 17, beside and renamed, after ONNX's own checker has passed it. Throws Error
/// naming the file, or saying that this build has no ONNX.
void save_onnx(const std::filesystem::path& file, const OnnxModel& model);

} // namespace poseaug
