#pragma once
#include "kernels/network/ops.hpp"

namespace poseaug {

Op bias_activation_op();
Op tanh_op();
Op dropout_op();
Op batch_norm_op();
Op concat_rows_op();
Op concat_columns_op();
Op pick_rows_op();
Op gram_columns_op();
Op spread_nodes_op();
Op stack_nodes_op();
Op pool_nodes_op();
Op select_nodes_op();
Op semantic_graph_op();
Op hop_graph_op();
Op node_attention_op();

/// Elements of a matrix, as a count of operations has them.
inline double elements(Shape shape) { return static_cast<double>(shape.rows) * shape.cols; }

/// For ops that only move numbers.
inline double no_flops(const Attributes&, const Shape*, Direction, unsigned) { return 0; }

/// The common part of a network op's registry row. `Value` and `Vjp` are functors with a static `run<T>(Queue&, const
/// Call<T>&)`.
template <class P, class Value, class Vjp> Op network_op(std::string_view source, int inputs, int outputs) {
    Op op;
    op.name = P::name;
    op.source = source;
    op.inputs = inputs;
    op.outputs = outputs;
    op.f32 = {{Value::template run<float>, nullptr}, {Vjp::template run<float>, nullptr}};
    op.f64 = {{Value::template run<double>, nullptr}, {Vjp::template run<double>, nullptr}};
    op.dual = Value::template run<Dual<double>>;
    return op;
}

} // namespace poseaug
