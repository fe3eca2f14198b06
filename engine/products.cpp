#include "engine/products.hpp"

#include "engine/rounding.hpp"
#include "kernels/backends.hpp"
#include "kernels/product/few_columns.hpp"
#include "kernels/row_driver.hpp"

#include <algorithm>
#include <memory>

namespace poseaug {
namespace {

/// Rows or columns of one BLAS call. Splitting 1024 into runs of 256 costs 4 % of a call's speed (measured with
/// OpenBLAS, AVX-512) and keeps threads busy that are not equally fast.
constexpr int kRun = 256;

/// The larger side of c is what is split.
template <class T> bool by_rows(const Product<T>& p) { return p.c.rows >= p.c.cols; }

/// Columns that make a product one for FewColumns instead of BLAS. Measured with OpenBLAS, AVX-512 and one thread: a
/// single column BLAS streams past faster; of weights of 512 x 512 FewColumns is 2.6 times as fast for 5 columns, 1.2
/// times for 32, but with AVX2 slower at 48. Small weights, such as 128 x 256, BLAS multiplies a tenth faster on one
/// thread, but its runs of 256 rows would leave the other threads nothing.
constexpr int kFewest = 2, kFewestOfTransposed = 16, kFewColumns = 32;

template <class T> bool has_few_columns(const Product<T>& p) {
    const int fewest = p.ta == Transpose::yes ? kFewestOfTransposed : kFewest;
    return p.tb == Transpose::no && p.beta == T(0.0) && p.c.cols >= fewest && p.c.cols <= kFewColumns;
}

template <class T> void multiply_few_columns(Queue& queue, const Product<T>& p) {
    static const CpuEntries entries = in_chosen_instructions(few_columns_entries());
    Call<T> call;
    call.attributes = Attributes::of(FewColumns{p.ta == Transpose::yes});
    call.in[0] = p.a;
    call.in[1] = p.b;
    call.out[0] = p.c;
    if constexpr (std::is_same_v<T, float>) entries.f32.value.cpu(queue, call);
    else entries.f64.value.cpu(queue, call);
}

/// Pieces that BLAS is called for.
template <class T> int pieces(const Product<T>& p) {
    return has_few_columns(p) ? 0 : (std::max(p.c.rows, p.c.cols) + kRun - 1) / kRun;
}

template <class T> void multiply_piece(const Product<T>& p, int piece) {
    const int inner = p.ta == Transpose::no ? p.a.cols : p.a.rows;
    const int first = piece * kRun, count = std::min(kRun, std::max(p.c.rows, p.c.cols) - first);
    const int lda = leading_dimension(p.a.stride), ldb = leading_dimension(p.b.stride),
              ldc = leading_dimension(p.c.stride);
    if (by_rows(p))
        gemm(p.ta, p.tb, count, p.c.cols, inner, p.ta == Transpose::no ? p.a.row(first) : p.a.data + first, lda,
             p.b.data, ldb, p.beta, p.c.row(first), ldc);
    else
        gemm(p.ta, p.tb, p.c.rows, count, inner, p.a.data, lda,
             p.tb == Transpose::no ? p.b.data + first : p.b.row(first), ldb, p.beta, p.c.data + first, ldc);
}

template <class T> void multiply_in_pieces(Queue& queue, const std::vector<Product<T>>& products) {
    int all = 0;
    for (const Product<T>& p : products) {
        if (has_few_columns(p)) multiply_few_columns(queue, p);
        all += pieces(p);
    }
    queue.pool->parallel_for(all, [&](int piece) {
        auto p = products.begin();
        for (; piece >= pieces(*p); ++p) piece -= pieces(*p);
        multiply_piece(*p, piece);
    });
}

/// A copy of an operand as a product in `precision` reads it.
class RoundedOperand {
public:
    RoundedOperand(Queue& queue, const View<const float>& original, Precision precision)
        : values_(std::make_unique_for_overwrite<float[]>(static_cast<std::size_t>(original.rows) *
                                                          static_cast<std::size_t>(original.cols))),
          view_{values_.get(), original.rows, original.cols, original.cols} {
        for_rows(queue, view_.rows, view_.cols, [&](int r) {
            std::transform(original.row(r), original.row(r) + original.cols, view_.row(r),
                           [&](float value) { return rounded(value, precision); });
        });
    }
    View<const float> view() const { return view_; }

private:
    std::unique_ptr<float[]> values_;
    View<float> view_;
};

void multiply_rounded(Queue& queue, std::vector<Product<float>> products, Precision precision) {
    std::vector<RoundedOperand> operands;
    operands.reserve(2 * products.size());
    for (auto& p : products)
        for (View<const float>* operand : {&p.a, &p.b})
            *operand = operands.emplace_back(queue, *operand, precision).view();
    multiply_in_pieces(queue, products);
}

} // namespace

template <class T> void multiply(Queue& queue, const std::vector<Product<T>>& products) {
    if constexpr (std::is_same_v<T, float>) {
        const auto* how = static_cast<const CpuProducts*>(queue.blas);
        if (how && how->noted) how->noted->push_back(products);
        if (how && how->precision != Precision::float32) return multiply_rounded(queue, products, how->precision);
    }
    multiply_in_pieces(queue, products);
}

template <> void multiply(Queue&, const std::vector<Product<Dual<double>>>& products) {
    for (const auto& p : products)
        for (int i = 0; i < p.c.rows; ++i)
            for (int j = 0; j < p.c.cols; ++j) {
                Dual<double> sum;
                for (int k = 0; k < p.b.rows; ++k) sum += (p.ta == Transpose::no ? p.a(i, k) : p.a(k, i)) * p.b(k, j);
                p.c(i, j) = sum;
            }
}

template void multiply(Queue&, const std::vector<Product<float>>&);
template void multiply(Queue&, const std::vector<Product<double>>&);

} // namespace poseaug
