#include "kernels/product/few_columns.hpp"

#include "kernels/pack.hpp"

#include <algorithm>
#include <memory>

namespace poseaug {
namespace {

/// Columns go in whole packs as far as they fill them: a lane is a column, and weights are broadcast. The few that are
/// left go by dot products: a lane is a place along the depth.
template <class T> class Product {
    using P = Pack<T>;
    static constexpr int kWidth = static_cast<int>(P::size());
    static constexpr bool kManyRegisters = kWidth * sizeof(T) == 64; ///< 32 of them instead of 16
    static constexpr int kRows = 8;                                  ///< of `a` that are multiplied at a time
    static constexpr int kBroadcastRows = kManyRegisters ? 8 : 4, kPacks = 2;
    static constexpr int kDotRows = kManyRegisters ? 4 : 2, kDots = 5;
    static constexpr int kPiece = 1 << 17; ///< multiplications that are worth handing to another thread

public:
    explicit Product(const Call<T>& call)
        : a_(call.in[0]), b_(call.in[1]), c_(call.out[0]),
          transposed_(call.attributes.template as<FewColumns>().transposed != 0), depth_(b_.rows) {
        const int left = b_.cols % kWidth;
        packs_ = b_.cols / kWidth + (left > kWidth / 2 || (left > 0 && transposed_) ? 1 : 0);
        first_dot_ = std::min(b_.cols, packs_ * kWidth);
        copy_ = std::make_unique_for_overwrite<T[]>(static_cast<std::size_t>(depth_) *
                                                    static_cast<std::size_t>(packs_ * kWidth + b_.cols - first_dot_));
        copy_packs();
        copy_dots();
    }

    void run(ThreadPool& pool) const {
        const std::int64_t row = std::int64_t{depth_} * b_.cols;
        const int step = static_cast<int>(std::max<std::int64_t>(1, kPiece / std::max<std::int64_t>(1, row * kRows)));
        const int blocks = (c_.rows + kRows - 1) / kRows;
        pool.parallel_for((blocks + step - 1) / step, [&](int k) {
            for (int block = k * step; block < std::min(blocks, (k + 1) * step); ++block)
                rows(block * kRows, std::min(c_.rows, (block + 1) * kRows));
        });
    }

private:
    std::int64_t dots_at(int column) const { return std::int64_t{depth_} * (packs_ * kWidth + column - first_dot_); }

    void copy_packs() {
        T* to = copy_.get();
        for (int l = 0; l < depth_; ++l, to += packs_ * kWidth) {
            std::copy(b_.row(l), b_.row(l) + first_dot_, to);
            std::fill(to + first_dot_, to + packs_ * kWidth, T(0));
        }
    }
    void copy_dots() {
        for (int j = first_dot_; j < b_.cols; ++j) {
            T* const to = copy_.get() + dots_at(j);
            for (int l = 0; l < depth_; ++l) to[l] = b_(l, j);
        }
    }

    void rows(int begin, int end) const {
        for (int pack = 0; pack < packs_; pack += kPacks) {
            if (pack + kPacks <= packs_) broadcast_rows<kPacks>(begin, end, pack);
            else broadcast_rows<1>(begin, end, pack);
        }
        for (int j = first_dot_; j < b_.cols; j += kDots)
            dot_columns<kDots>(begin, end, j, std::min(kDots, b_.cols - j));
    }

    template <int J> void broadcast_rows(int begin, int end, int pack) const {
        int i = begin;
        for (; i + kBroadcastRows <= end; i += kBroadcastRows) broadcast<kBroadcastRows, J>(i, pack);
        for (; i < end; ++i) broadcast<1, J>(i, pack);
    }
    template <int I, int J> void broadcast(int row, int pack) const {
        if (transposed_) broadcast<I, J>(row, pack, a_.data + row, 1, a_.stride);
        else broadcast<I, J>(row, pack, a_.row(row), a_.stride, 1);
    }
    /// I rows of J packs of c; element (i, l) of op(a) is weights[i * across + l * along].
    template <int I, int J>
    void broadcast(int row, int pack, const T* weights, std::int64_t across, std::int64_t along) const {
        P sum[I][J];
        for (int i = 0; i < I; ++i)
            for (int j = 0; j < J; ++j) sum[i][j] = lit<P>(0);
        const T* from = copy_.get() + pack * kWidth;
        for (int l = 0; l < depth_; ++l, weights += along, from += packs_ * kWidth)
            for (int i = 0; i < I; ++i)
                for (int j = 0; j < J; ++j) sum[i][j] += P(weights[i * across]) * lanes_of<T>::load(from + j * kWidth);
        for (int i = 0; i < I; ++i)
            for (int j = 0; j < J; ++j) store(sum[i][j], row + i, (pack + j) * kWidth);
    }
    void store(const P& value, int row, int column) const {
        T* const to = c_.row(row) + column;
        if (column + kWidth <= c_.cols) return lanes_of<T>::store(value, to);
        T lanes[kWidth];
        lanes_of<T>::store(value, lanes);
        std::copy(lanes, lanes + c_.cols - column, to);
    }

    template <int J> void dot_columns(int begin, int end, int column, int count) const {
        if constexpr (J > 1)
            if (count < J) return dot_columns<J - 1>(begin, end, column, count);
        int i = begin;
        for (; i + kDotRows <= end; i += kDotRows) dot<kDotRows, J>(i, column);
        for (; i < end; ++i) dot<1, J>(i, column);
    }
    /// I rows of J columns of c.
    template <int I, int J> void dot(int row, int column) const {
        constexpr int kSums = I * J < 8 ? 8 / (I * J) : 1; // of each element, so that additions need not wait
        P sum[kSums][I][J];
        for (auto& part : sum)
            for (auto& sums : part)
                for (P& one : sums) one = lit<P>(0);
        const T* const a = a_.row(row);
        const T* const b = copy_.get() + dots_at(column);
        const auto add = [&](int l, auto& part) {
            P of_b[J];
            for (int j = 0; j < J; ++j) of_b[j] = lanes_of<T>::load(b + std::int64_t{j} * depth_ + l);
            for (int i = 0; i < I; ++i) {
                const P of_a = lanes_of<T>::load(a + i * a_.stride + l);
                for (int j = 0; j < J; ++j) part[i][j] += of_a * of_b[j];
            }
        };
        int l = 0;
        for (; l + kSums * kWidth <= depth_; l += kSums * kWidth)
            for (int k = 0; k < kSums; ++k) add(l + k * kWidth, sum[k]);
        for (; l + kWidth <= depth_; l += kWidth) add(l, sum[0]);
        for (int i = 0; i < I; ++i)
            for (int j = 0; j < J; ++j) {
                P all = sum[0][i][j];
                for (int k = 1; k < kSums; ++k) all += sum[k][i][j];
                T total = std::experimental::reduce(all);
                for (int rest = l; rest < depth_; ++rest)
                    total += a[i * a_.stride + rest] * b[std::int64_t{j} * depth_ + rest];
                c_(row + i, column + j) = total;
            }
    }

    View<const T> a_, b_;
    View<T> c_;
    bool transposed_;
    int depth_, packs_ = 0, first_dot_ = 0;
    std::unique_ptr<T[]> copy_; ///< b: what goes by packs row by row, without gaps, then the other columns
};

template <class T> void run_product(Queue& queue, const Call<T>& call) { Product<T>(call).run(*queue.pool); }

} // namespace

CpuEntries few_columns_entries() {
    return {FewColumns::name, {{run_product<float>, nullptr}, {}}, {{run_product<double>, nullptr}, {}}};
}

} // namespace poseaug
