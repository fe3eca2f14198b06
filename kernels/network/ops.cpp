#include "kernels/network/ops.hpp"

#include "kernels/backends.hpp"
#include "kernels/network/rows.hpp"

namespace poseaug {

std::vector<Op> network_ops() {
    std::vector<Op> ops = {bias_activation_op(), tanh_op(),           dropout_op(),       batch_norm_op(),
                           concat_rows_op(),     concat_columns_op(), pick_rows_op(),     gram_columns_op(),
                           spread_nodes_op(),    stack_nodes_op(),    pool_nodes_op(),    select_nodes_op(),
                           semantic_graph_op(),  hop_graph_op(),      node_attention_op()};
    for (Op& op : ops) add_backends(op);
    return ops;
}

} // namespace poseaug
