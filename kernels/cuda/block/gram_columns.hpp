#pragma once
#include "kernels/cuda/block/block_sum.hpp"
#include "kernels/network/ops.hpp"
#include "kernels/pose/kcs.hpp"

namespace poseaug {

template <class T> struct GramColumnsElement {
    View<const T> w;
    View<T> compact[kGramSizes];
    int rows; ///< of a part's weight

    POSEAUG_HD void operator()(int r, int e) const {
        const int part = r / rows;
        for (int k = 0; k < kGramSizes; ++k)
            if (k == gram_of_part(part) && e < entries_of_gram(k))
                compact[k](r - first_part_of_gram(k) * rows, e) = w(r, kcs_full_index(part, e));
    }
};

/// Every column of the wide weight looks for itself among the part's entries.
template <class T> struct GramColumnsVjpElement {
    View<const T> d_compact[kGramSizes];
    View<T> d_w;
    int rows;
    bool add;

    POSEAUG_HD void operator()(int r, int c) const {
        const int part = r / rows, entry = kcs_compact_index(part, c);
        T d = T(0);
        for (int k = 0; k < kGramSizes; ++k)
            if (k == gram_of_part(part) && entry >= 0 && d_compact[k])
                d = d_compact[k](r - first_part_of_gram(k) * rows, entry);
        add_or_store(d, d_w(r, c), add);
    }
};

struct GramColumnsKernels {
    using Params = GramColumns;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        const auto& w = call.in[0];
        launch.elements(GramColumnsElement<T>{w, {call.out[0], call.out[1], call.out[2]}, w.rows / kParts}, w.rows,
                        entries_of_gram(kGramSizes - 1));
    }
    template <class T, class L> static void vjp(L& launch, const Call<T>& call) {
        const auto& d_w = call.d_in[0];
        launch.elements(
            GramColumnsVjpElement<T>{
                {call.d_out[0], call.d_out[1], call.d_out[2]}, d_w, d_w.rows / kParts, call.adds(0)},
            d_w.rows, d_w.cols);
    }
};

} // namespace poseaug
