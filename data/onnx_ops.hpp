#pragma once
#include "data/onnx_model.hpp"
#include "engine/tape.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace poseaug {

/// Names of parameters and running statistics by where their values lie.
using OnnxNames = std::map<const float*, std::string>;

/// A tape as a converter of one of its ops sees it. A matrix (R, C) of the tape that depends on the model's input is a
/// tensor (C, R) of the model: there the batch comes first, so that layers are the usual ones and the model's ends need
/// no transposes. A graph tensor (C, nodes * B) is (nodes * B, C).
class OnnxConversion {
public:
    OnnxConversion(OnnxModel& model, Tape<float>& tape, const OnnxNames& names);
    /// Says that a tensor of the tape depends on the model's input and is called `name` there.
    void name(int id, const std::string& name) { tensors_[id] = name; }
    bool is_constant(int id) const { return tensors_.count(id) == 0; }
    const std::string& tensor(int id) const { return tensors_.at(id); }
    /// Goes on to an op of the tape. Throws Error for one without a converter.
    void convert(const Tape<float>::Node& node);

    OnnxModel& model() { return model_; }
    std::string_view op() const { return node_->op->name; }
    template <class P> P params() const { return node_->call.attributes.template as<P>(); }
    bool has(int input) const { return node_->in[input] >= 0; }
    Shape shape(int input) const { return node_->call.in[input].shape(); }

    /// An input that depends on the model's.
    std::string input(int input) const;
    /// An input that does not, as a matrix, row by row.
    std::vector<float> values(int input) const;
    /// The same as a constant of the model (R, C), and of a column (R, 1) as a vector (R).
    std::string matrix(int input);
    std::string vector(int input);
    /// A state (R, 1) as a vector.
    std::string state(int state);
    /// A name for a constant made from an input: that input's and what it is.
    std::string name_from(int input, const std::string& what) const;

    /// x + b for an input and a vector; joined to the product that makes x where nothing else uses it.
    std::string biased(int input, const std::string& bias);

private:
    void require(bool good, int input, const std::string& expected) const;
    std::string name_of(const View<const float>& view) const;
    std::vector<float> download(const View<const float>& view) const;

    OnnxModel& model_;
    Tape<float>& tape_;
    const OnnxNames& names_;
    std::map<int, std::string> tensors_;
    std::map<int, int> uses_;
    const Tape<float>::Node* node_ = nullptr;
};

/// Adds the nodes of an op to the model and returns the name of its first output.
using OnnxConverter = std::string (*)(OnnxConversion&);
using OnnxConverters = std::map<std::string_view, OnnxConverter>;

/// Dense layers, norms, activations, and what ends an estimator.
OnnxConverters onnx_layer_converters();
/// Ops on graph tensors.
OnnxConverters onnx_node_converters();

} // namespace poseaug
