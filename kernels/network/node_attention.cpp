#include "kernels/elementary.hpp"
#include "kernels/network/node_columns.hpp"
#include "kernels/network/rows.hpp"
#include "kernels/product/few_columns.hpp"
#include "kernels/row_driver.hpp"
#include "kernels/sampling.hpp"

namespace poseaug {
namespace {

enum In { kTheta, kPhi, kG };
enum Out { kY, kSoftmax };

void node_attention_shapes(const Attributes& attributes, const Shape* in, Shape* out) {
    const auto p = attributes.as<NodeAttention>();
    if (p.nodes > kMaxNodes) throw Error("node_attention: " + std::to_string(p.nodes) + " nodes are too many");
    expect_nodes(NodeAttention::name, kTheta, in[kTheta].cols, p.nodes, p.groups);
    expect_shape(NodeAttention::name, kPhi, in[kPhi], in[kTheta]);
    expect_shape(NodeAttention::name, kG, in[kG], {-1, in[kTheta].cols});
    out[kY] = in[kG];
    out[kSoftmax] = {p.nodes * p.nodes, in[kTheta].cols / p.nodes};
}

/// For the gradient of the scores, on a GPU.
std::int64_t scratch_elements(const Attributes& attributes, const Shape* in) {
    return static_cast<std::int64_t>(attributes.as<NodeAttention>().nodes) * in[kTheta].cols;
}

// Work goes by blocks of a few packs of poses, each pose in a lane of its own; the last block of a group may have empty
// lanes. What a block multiplies is copied to small matrices of packs first: in memory its elements are far apart, by
// powers of two for usual batches, and would push each other out of the cache. Of each run a few packs are taken at a
// time, since the pages change with the run.

/// An operand of `product`: element (t, i) is data[t * along + i * across].
template <class P> struct Operand {
    const P* data;
    int along, across;
    const P& at(int t, int i) const { return data[t * along + i * across]; }
};

/// to[i * kMaxNodes + j] (+)= sum over t < depth of a(t, i) b(t, j), for a tile of I x J whose sums stay in registers.
template <int I, int J, class P>
void tile_product(int depth, const Operand<P>& a, int i0, const Operand<P>& b, int j0, P* to, bool add) {
    P sum[I][J];
    for (int i = 0; i < I; ++i)
        for (int j = 0; j < J; ++j) sum[i][j] = lit<P>(0);
    for (int t = 0; t < depth; ++t)
        for (int i = 0; i < I; ++i)
            for (int j = 0; j < J; ++j) sum[i][j] += a.at(t, i0 + i) * b.at(t, j0 + j);
    for (int i = 0; i < I; ++i)
        for (int j = 0; j < J; ++j) {
            P& element = to[(i0 + i) * kMaxNodes + j0 + j];
            element = add ? P(element + sum[i][j]) : sum[i][j];
        }
}

/// The same for all of `rows` x `cols`.
template <class P>
void product(int rows, int cols, int depth, const Operand<P>& a, const Operand<P>& b, P* to, bool add) {
    constexpr int kTileRows = 3, kTileCols = 4;
    const auto row_of_tiles = [&](auto height, int i) {
        int j = 0;
        for (; j + kTileCols <= cols; j += kTileCols) tile_product<height, kTileCols>(depth, a, i, b, j, to, add);
        for (; j < cols; ++j) tile_product<height, 1>(depth, a, i, b, j, to, add);
    };
    int i = 0;
    for (; i + kTileRows <= rows; i += kTileRows) row_of_tiles(std::integral_constant<int, kTileRows>{}, i);
    for (; i < rows; ++i) row_of_tiles(std::integral_constant<int, 1>{}, i);
}

/// Elements of a pack that holds `count` poses.
template <class T> auto load_poses(const T* from, int count) {
    using L = lanes_of<T>;
    if (count == L::width) return typename L::type(L::load(from));
    T lanes[L::width] = {};
    std::copy(from, from + count, lanes);
    return typename L::type(L::load(lanes));
}
template <class T> void store_poses(const typename lanes_of<T>::type& value, T* to, int count, bool add) {
    using L = lanes_of<T>;
    if (count == L::width) {
        L::store(add ? typename L::type(L::load(to) + value) : value, to);
        return;
    }
    T lanes[L::width];
    L::store(value, lanes);
    for (int i = 0; i < count; ++i) to[i] = add ? to[i] + lanes[i] : lanes[i];
}

/// A matrix over pairs of nodes (v, u) for every pack of a block.
template <class P, int Packs> struct NodePairs {
    P cell[Packs][kMaxNodes * kMaxNodes];

    P* row(int pack, int v) { return cell[pack] + v * kMaxNodes; }
    const P* row(int pack, int v) const { return cell[pack] + v * kMaxNodes; }
};

/// Which of a pair's nodes a sum goes over.
enum class Over { v, u };

/// The attention of a block of poses.
template <class T> class PoseBlock {
    using P = typename lanes_of<T>::type;
    static constexpr int kPackWidth = lanes_of<T>::width, kPacks = 4;
    static constexpr int kChunk = 12; ///< channels that are copied at a time
    using Features = P[kPacks][kChunk * kMaxNodes];

public:
    static constexpr int kWidth = kPacks * kPackWidth; ///< poses
    using Pairs = NodePairs<P, kPacks>;

    PoseBlock(const NodeColumns& at, int group, int first_pose)
        : at_(at), column_(at.first(group, 0) + first_pose), pose_(group * at.batch + first_pose),
          count_(std::min(kWidth, at.batch - first_pose)), packs_((count_ + kPackWidth - 1) / kPackWidth) {}

    /// pairs(v, u) = sum over channels of a[:, v] b[:, u]
    void dots(const View<const T>& a, const View<const T>& b, Pairs& pairs) const {
        Features of_a, of_b;
        for (int first = 0; first < a.rows; first += kChunk) {
            const int rows = std::min(kChunk, a.rows - first);
            copy(a, first, rows, of_a);
            copy(b, first, rows, of_b);
            for (int k = 0; k < packs_; ++k)
                product<P>(at_.nodes, at_.nodes, rows, {of_a[k], kMaxNodes, 1}, {of_b[k], kMaxNodes, 1}, pairs.cell[k],
                           first > 0);
        }
    }
    /// to[:, v] (+)= sum over u of weight(v, u) from[:, u], or with v and u exchanged.
    void mix(const View<const T>& from, const Pairs& weight, Over over, const View<T>& to, bool add) const {
        const int along = over == Over::u ? 1 : kMaxNodes, across = over == Over::u ? kMaxNodes : 1;
        Features taken, mixed;
        for (int first = 0; first < from.rows; first += kChunk) {
            const int rows = std::min(kChunk, from.rows - first);
            copy(from, first, rows, taken);
            for (int k = 0; k < packs_; ++k)
                product<P>(rows, at_.nodes, at_.nodes, {taken[k], 1, kMaxNodes}, {weight.cell[k], along, across},
                           mixed[k], false);
            for (int r = 0; r < rows; ++r)
                for (int v = 0; v < at_.nodes; ++v)
                    for (int k = 0; k < packs_; ++k)
                        store_poses<T>(mixed[k][r * kMaxNodes + v], run(to, first + r, v, k), poses(k), add);
        }
    }
    void softmax(Pairs& pairs) const {
        for_rows_of(pairs, [&](int, P* row, int) {
            P most = row[0], sum = lit<P>(0);
            for (int u = 1; u < at_.nodes; ++u) most = select(row[u] > most, row[u], most);
            for (int u = 0; u < at_.nodes; ++u) sum += row[u] = exp_of(row[u] - most);
            for (int u = 0; u < at_.nodes; ++u) row[u] /= sum;
        });
    }
    /// Turns gradients of the softmax into gradients of what it was taken of.
    void softmax_vjp(const Pairs& softmax, Pairs& d) const {
        for_rows_of(d, [&](int k, P* row, int v) {
            const P* const s = softmax.row(k, v);
            P mean = lit<P>(0);
            for (int u = 0; u < at_.nodes; ++u) mean += s[u] * row[u];
            for (int u = 0; u < at_.nodes; ++u) row[u] = s[u] * (row[u] - mean);
        });
    }
    /// Writes the pairs to rows v * nodes + u of a matrix with one column a pose, or reads them from there.
    void save(const Pairs& pairs, const View<T>& to) const {
        for_rows_of(pairs, [&](int k, const P* row, int v) {
            for (int u = 0; u < at_.nodes; ++u)
                store_poses<T>(row[u], to.row(v * at_.nodes + u) + pose_ + k * kPackWidth, poses(k), false);
        });
    }
    void restore(const View<const T>& from, Pairs& pairs) const {
        for_rows_of(pairs, [&](int k, P* row, int v) {
            for (int u = 0; u < at_.nodes; ++u)
                row[u] = load_poses<T>(from.row(v * at_.nodes + u) + pose_ + k * kPackWidth, poses(k));
        });
    }

private:
    int poses(int pack) const { return std::min(kPackWidth, count_ - pack * kPackWidth); }
    /// Where the poses of a pack stand in a graph tensor.
    template <class V> auto run(const V& x, int row, int node, int pack) const {
        return x.row(row) + column_ + node * at_.batch + pack * kPackWidth;
    }
    void copy(const View<const T>& from, int first, int rows, Features& to) const {
        for (int r = 0; r < rows; ++r)
            for (int v = 0; v < at_.nodes; ++v)
                for (int k = 0; k < packs_; ++k)
                    to[k][r * kMaxNodes + v] = load_poses<T>(run(from, first + r, v, k), poses(k));
    }
    /// Calls f(pack, row, v) for all rows.
    template <class M, class F> void for_rows_of(M& pairs, const F& f) const {
        for (int k = 0; k < packs_; ++k)
            for (int v = 0; v < at_.nodes; ++v) f(k, pairs.row(k, v), v);
    }

    NodeColumns at_;
    int column_, pose_, count_, packs_;
};

/// Calls f(block) for all blocks of poses.
template <class T, class F> void for_blocks(Queue& queue, const Call<T>& call, const F& f) {
    const auto p = call.attributes.template as<NodeAttention>();
    const NodeColumns at(p.nodes, p.groups, call.in[kTheta].cols);
    constexpr int width = PoseBlock<T>::kWidth;
    const int blocks = (at.batch + width - 1) / width;
    queue.pool->parallel_for(at.groups * blocks, [&](int i) { f(PoseBlock<T>(at, i / blocks, i % blocks * width)); });
}

/// A single pose would leave all lanes but one empty: its sums are products of few columns.
template <class T> class SinglePose {
public:
    SinglePose(Queue& queue, const Call<T>& call) : queue_(queue), call_(call) {}

    void run() const {
        const auto p = call_.attributes.template as<NodeAttention>();
        for (int g = 0; g < p.groups; ++g) {
            const auto of_group = [&](const auto& x) { return x.columns(g * p.nodes, p.nodes); };
            T of_pairs[kMaxNodes * kMaxNodes]; // (u, v)
            const View<T> pairs{of_pairs, p.nodes, p.nodes, p.nodes};
            multiply(of_group(call_.in[kPhi]), of_group(call_.in[kTheta]), true, pairs);
            softmax(pairs, g);
            multiply(of_group(call_.in[kG]), pairs, false, of_group(call_.out[kY]));
        }
    }

private:
    void multiply(const View<const T>& a, const View<const T>& b, bool transposed, const View<T>& c) const {
        Call<T> product;
        product.attributes = Attributes::of(FewColumns{transposed ? 1 : 0});
        product.in[0] = a;
        product.in[1] = b;
        product.out[0] = c;
        const CpuEntries entries = few_columns_entries();
        if constexpr (std::is_same_v<T, float>) entries.f32.value.cpu(queue_, product);
        else entries.f64.value.cpu(queue_, product);
    }
    /// Over u, of each column.
    void softmax(const View<T>& pairs, int group) const {
        for_lanes<T>(0, pairs.cols, [&](int v, auto lanes) {
            using L = decltype(lanes);
            using P = typename L::type;
            P most = L::load(pairs.row(0) + v), sum = lit<P>(0);
            for (int u = 1; u < pairs.rows; ++u) {
                const P score = L::load(pairs.row(u) + v);
                most = select(score > most, score, most);
            }
            for (int u = 0; u < pairs.rows; ++u) {
                const P power = exp_of(P(L::load(pairs.row(u) + v) - most));
                L::store(power, pairs.row(u) + v);
                sum += power;
            }
            for (int u = 0; u < pairs.rows; ++u) L::store(L::load(pairs.row(u) + v) / sum, pairs.row(u) + v);
        });
        for (int v = 0; v < pairs.cols; ++v)
            for (int u = 0; u < pairs.rows; ++u) call_.out[kSoftmax](v * pairs.cols + u, group) = pairs(u, v);
    }

    Queue& queue_;
    const Call<T>& call_;
};

struct NodeAttentionValue {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        if constexpr (!std::is_same_v<T, Dual<double>>)
            if (call.out[kSoftmax].cols == call.attributes.template as<NodeAttention>().groups)
                return SinglePose<T>(queue, call).run();
        for_blocks(queue, call, [&](const PoseBlock<T>& block) {
            typename PoseBlock<T>::Pairs pairs;
            block.dots(call.in[kTheta], call.in[kPhi], pairs);
            block.softmax(pairs);
            block.save(pairs, call.out[kSoftmax]);
            block.mix(call.in[kG], pairs, Over::u, call.out[kY], false);
        });
    }
};

struct NodeAttentionVjp {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        for_blocks(queue, call, [&](const PoseBlock<T>& block) {
            typename PoseBlock<T>::Pairs softmax, d;
            block.restore(call.out[kSoftmax], softmax);
            if (call.d_in[kG]) block.mix(call.d_out[kY], softmax, Over::v, call.d_in[kG], call.adds(kG));
            if (!call.d_in[kTheta] && !call.d_in[kPhi]) return;
            block.dots(call.d_out[kY], call.in[kG], d);
            block.softmax_vjp(softmax, d);
            if (call.d_in[kTheta]) block.mix(call.in[kPhi], d, Over::u, call.d_in[kTheta], call.adds(kTheta));
            if (call.d_in[kPhi]) block.mix(call.in[kTheta], d, Over::v, call.d_in[kPhi], call.adds(kPhi));
        });
    }
};

/// For every pair of a pose's nodes: products over the channels, and four operations of the softmax.
double node_attention_flops(const Attributes& attributes, const Shape* in, Direction direction, unsigned wanted) {
    const double pairs = static_cast<double>(attributes.as<NodeAttention>().nodes) * in[kTheta].cols; // of all poses
    const double scores = 2.0 * in[kTheta].rows, mixing = 2.0 * in[kG].rows, softmax = 4;
    if (direction == Direction::value) return pairs * (scores + softmax + mixing);
    const int of_scores = static_cast<int>(wanted >> kTheta & 1U) + static_cast<int>(wanted >> kPhi & 1U);
    return pairs * ((of_scores > 0 ? mixing + softmax : 0) + of_scores * scores + (wanted >> kG & 1U ? mixing : 0));
}

std::vector<Sample> node_attention_samples() {
    using sampling::filled;
    using sampling::normal;
    const auto of = [](int nodes, int groups) { return Attributes::of(NodeAttention{nodes, groups}); };
    return {sample("17 nodes", of(17, 1), {normal(4, 17 * 19), normal(4, 17 * 19), normal(5, 17 * 19)}),
            sample("5 nodes, three groups, many channels", of(5, 3),
                   {normal(29, 3 * 5 * 9, 0.3), normal(29, 3 * 5 * 9, 0.3), normal(50, 3 * 5 * 9)}),
            sample("one node", of(1, 2), {normal(3, 2 * 7), normal(3, 2 * 7), normal(2, 2 * 7)}),
            sample("all alike", of(5, 1), {filled(3, 5 * 6, 1), filled(3, 5 * 6, 1), normal(4, 5 * 6)}),
            singular("scores too large for exp: the largest is subtracted first", of(4, 1),
                     // beyond exp's range in float64, yet such that an error in a score's last place stays small
                     {normal(2, 4 * 9, 0.05, 20), normal(2, 4 * 9, 0.05, 20), normal(3, 4 * 9, 0.3)})};
}

} // namespace

Op node_attention_op() {
    Op op = network_op<NodeAttention, NodeAttentionValue, NodeAttentionVjp>(
        "non-local block (Wang et al. 2018), embedded Gaussian", 3, 2);
    op.differentiable = 0b111;
    op.auxiliary = 0b10;
    op.saved_in = 0b111;
    op.saved_out = 0b10;
    op.shapes = node_attention_shapes;
    op.scratch = scratch_elements;
    op.make_samples = node_attention_samples;
    op.flops = node_attention_flops;
    op.text = {
        "Attention among the nodes of each pose.",
        "s[v, u] = softmax over u of theta[:, v] . phi[:, u]\n"
        "y[:, v] = sum over u of s[v, u] g[:, u]",
        "Two batches of small products with transpositions around them, and the softmax between.",
        {{"theta", "(K, groups * nodes * B)"}, {"phi", "(K, groups * nodes * B)"}, {"g", "(R, groups * nodes * B)"}},
        {{"y", "(R, groups * nodes * B)"}, {"softmax", "(nodes * nodes, groups * B)"}},
        {}};
    return op;
}

} // namespace poseaug
