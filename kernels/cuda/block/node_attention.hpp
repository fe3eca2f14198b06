#pragma once
#include "kernels/cuda/block/block_sum.hpp"
#include "kernels/elementary.hpp"
#include "kernels/network/node_columns.hpp"
#include "kernels/network/ops.hpp"

#include <cmath>

namespace poseaug {

/// A small matrix of each pose: element (t, i) is `data[t * along + i * across + group * of_group + pose]`.
template <class T> struct PoseMatrix {
    T* data;
    std::int64_t along, across, of_group;

    POSEAUG_HD std::int64_t offset(int t, int i, int group, int pose) const {
        return t * along + i * across + group * of_group + pose;
    }
    POSEAUG_HD T* at(int t, int i, int group, int pose) const { return data + offset(t, i, group, pose); }
};

/// to(i, j) (+)= sum over t < depth of a(t, i) b(t, j), for every pose: a thread makes a tile of a pose's matrix, and
/// threads side by side have poses side by side. Elements are (tile, pose).
template <class T> struct PoseProductElement {
    static constexpr int kTile = 3;
    PoseMatrix<const T> a, b;
    PoseMatrix<T> to;
    int rows, cols, depth, batch;
    bool add;

    static constexpr int tiles(int n) { return (n + kTile - 1) / kTile; }

    POSEAUG_HD void operator()(int tile, int c) const {
        const int group = c / batch, pose = c - group * batch, tiles_across = (cols + kTile - 1) / kTile;
        const int i0 = tile / tiles_across * kTile, j0 = tile % tiles_across * kTile;
        const T *from_a[kTile], *from_b[kTile];
        for (int k = 0; k < kTile; ++k) { // beyond the edge: the last one once more
            from_a[k] = a.at(0, i0 + k < rows ? i0 + k : rows - 1, group, pose);
            from_b[k] = b.at(0, j0 + k < cols ? j0 + k : cols - 1, group, pose);
        }
        T sum[kTile][kTile] = {};
        for (int t = 0; t < depth; ++t) {
            T of_a[kTile], of_b[kTile];
            for (int k = 0; k < kTile; ++k) {
                of_a[k] = from_a[k][t * a.along];
                of_b[k] = from_b[k][t * b.along];
            }
            for (int i = 0; i < kTile; ++i)
                for (int j = 0; j < kTile; ++j) sum[i][j] += of_a[i] * of_b[j];
        }
        for (int i = 0; i < kTile; ++i)
            for (int j = 0; j < kTile; ++j)
                if (i0 + i < rows && j0 + j < cols) add_or_store(sum[i][j], *to.at(i0 + i, j0 + j, group, pose), add);
    }
};

/// Makes a softmax of each row of the poses' matrices (row v * nodes + u, one column a pose). Elements are (v, pose).
template <class T> struct NodeSoftmaxElement {
    View<T> pairs;
    int nodes;

    POSEAUG_HD void operator()(int v, int c) const {
        T most = pairs(v * nodes, c), sum = T(0);
        for (int u = 1; u < nodes; ++u) {
            const T s = pairs(v * nodes + u, c);
            most = select(s > most, s, most);
        }
        for (int u = 0; u < nodes; ++u) {
            T& s = pairs(v * nodes + u, c);
            s = exp_of(s - most);
            sum += s;
        }
        for (int u = 0; u < nodes; ++u) pairs(v * nodes + u, c) /= sum;
    }
};

/// Turns gradients of the softmax into gradients of what it was taken of.
template <class T> struct NodeSoftmaxVjpElement {
    View<const T> softmax;
    View<T> d;
    int nodes;

    POSEAUG_HD void operator()(int v, int c) const {
        T mean = T(0);
        for (int u = 0; u < nodes; ++u) mean += softmax(v * nodes + u, c) * d(v * nodes + u, c);
        for (int u = 0; u < nodes; ++u) {
            T& element = d(v * nodes + u, c);
            element = softmax(v * nodes + u, c) * (element - mean);
        }
    }
};

struct NodeAttentionKernels {
    using Params = NodeAttention;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        const Attention<T, L> run(launch, call);
        const auto& softmax = call.out[1];
        run.dots(call.in[0], call.in[1], softmax);
        launch.elements(NodeSoftmaxElement<T>{softmax, run.nodes}, run.nodes, softmax.cols);
        run.mix(call.in[2], run.by_columns(softmax), call.out[0], false);
    }
    /// Scratch holds the gradient of the scores.
    template <class T, class L> static void vjp(L& launch, const Call<T>& call) {
        const Attention<T, L> run(launch, call);
        const View<const T> softmax = call.out[1], d_y = call.d_out[0];
        if (call.d_in[2]) run.mix(d_y, run.by_rows(softmax), call.d_in[2], call.adds(2));
        if (!call.d_in[0] && !call.d_in[1]) return;
        const View<T> scores{call.scratch, softmax.rows, softmax.cols, softmax.cols};
        const View<const T> d = scores;
        run.dots(d_y, call.in[2], scores);
        launch.elements(NodeSoftmaxVjpElement<T>{softmax, scores, run.nodes}, run.nodes, d.cols);
        if (call.d_in[0]) run.mix(call.in[1], run.by_columns(d), call.d_in[0], call.adds(0));
        if (call.d_in[1]) run.mix(call.in[0], run.by_rows(d), call.d_in[1], call.adds(1));
    }

private:
    template <class T, class L> struct Attention {
        L& launch;
        int nodes, groups, batch;

        Attention(L& launch_, const Call<T>& call) : launch(launch_) {
            const auto p = call.attributes.template as<Params>();
            nodes = p.nodes;
            groups = p.groups;
            batch = call.in[0].cols / (nodes * groups);
        }

        /// pairs(v, u) = sum over channels of a[:, v] b[:, u]
        void dots(const View<const T>& a, const View<const T>& b, const View<T>& pairs) const {
            multiply(by_channels(a), by_channels(b), by_rows(pairs), nodes, nodes, a.rows, false);
        }
        /// to[:, j] (+)= sum over nodes t of from[:, t] weight(t, j)
        void mix(const View<const T>& from, const PoseMatrix<const T>& weight, const View<T>& to, bool add) const {
            multiply(by_nodes(from), weight, by_channels(to), from.rows, nodes, nodes, add);
        }
        // A matrix over pairs of nodes; (t, i) is row t, column i, or the reverse.
        template <class E> PoseMatrix<E> by_rows(const View<E>& pairs) const {
            return {pairs.data, nodes * pairs.stride, pairs.stride, batch};
        }
        PoseMatrix<const T> by_columns(const View<const T>& pairs) const {
            return {pairs.data, pairs.stride, nodes * pairs.stride, batch};
        }

    private:
        // A graph tensor; (t, i) is channel t, node i, or the reverse.
        template <class E> PoseMatrix<E> by_channels(const View<E>& x) const {
            return {x.data, x.stride, batch, static_cast<std::int64_t>(nodes) * batch};
        }
        PoseMatrix<const T> by_nodes(const View<const T>& x) const {
            return {x.data, batch, x.stride, static_cast<std::int64_t>(nodes) * batch};
        }
        void multiply(const PoseMatrix<const T>& a, const PoseMatrix<const T>& b, const PoseMatrix<T>& to, int rows,
                      int cols, int depth, bool add) const {
            using Product = PoseProductElement<T>;
            launch.elements(Product{a, b, to, rows, cols, depth, batch, add},
                            Product::tiles(rows) * Product::tiles(cols), groups * batch);
        }
    };
};

} // namespace poseaug
