#pragma once
#include "kernels/cuda/block/lane.hpp"
#include "kernels/step/procedures.hpp"

namespace poseaug {

/// Element (q, c): rows 4q..4q+3 of column c.
template <class T> struct NormalDrawsElement {
    View<T> out;
    NormalDraws draws;

    POSEAUG_HD void operator()(int q, int c) const {
        const RowBlocks blocks = blocks_of_rows(draws, q);
        const PhiloxBlock b = blocks.key.block(static_cast<std::uint32_t>(c), blocks.number);
        float draw[4];
        normal_draws(b, draw);
        for (int k = 0; k < 4; ++k)
            if (4 * q + k < out.rows) out(4 * q + k, c) = static_cast<T>(draw[k]);
    }
};

struct NormalDrawsKernels {
    using Params = NormalDraws;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        const View<T>& out = call.out[0];
        launch.elements(NormalDrawsElement<T>{out, call.attributes.template as<Params>()}, (out.rows + 3) / 4,
                        out.cols);
    }
};

template <class T> struct PoolDrawsElement {
    View<T> out;
    PoolDraws draws;

    POSEAUG_HD void operator()(int, int c) const {
        const PhiloxBlock b = draws.key.block(static_cast<std::uint32_t>(c), 0);
        out(0, c) = static_cast<T>(uniform24(b.word[0]));
        out(1, c) = static_cast<T>(b.word[1] * static_cast<std::uint64_t>(draws.capacity) >> 32);
    }
};

struct PoolDrawsKernels {
    using Params = PoolDraws;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        launch.elements(PoolDrawsElement<T>{call.out[0], call.attributes.template as<Params>()}, 1, call.out[0].cols);
    }
};

template <class T> struct FillElement {
    View<T> out;
    T value;

    POSEAUG_HD void operator()(int r, int c) const { out(r, c) = value; }
};

struct FillKernels {
    using Params = Fill;

    template <class T, class L> static void value(L& launch, const Call<T>& call) {
        const auto value = lit<T>(call.attributes.template as<Params>().value);
        launch.elements(FillElement<T>{call.out[0], value}, call.out[0].rows, call.out[0].cols);
    }
};

} // namespace poseaug
