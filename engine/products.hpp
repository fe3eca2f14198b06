#pragma once
#include "engine/blas.hpp"
#include "kernels/op.hpp"

#include <vector>

namespace poseaug {

/// c = op(a) op(b) + beta c, row-major.
template <class T> struct Product {
    Transpose ta, tb;
    View<const T> a, b;
    T beta;
    View<T> c;
};

/// Computes products that write to different matrices. BLAS's pieces of all of them are split over the pool together;
/// those of few columns go before, one after another (kernels/product/few_columns.hpp). The pieces are the same on any
/// number of threads, so that they give the same bits. float32 operands are rounded as Queue::blas says
/// (engine/rounding.hpp).
template <class T> void multiply(Queue& queue, const std::vector<Product<T>>& products);

} // namespace poseaug
