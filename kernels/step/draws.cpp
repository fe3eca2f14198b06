#include "kernels/row_driver.hpp"
#include "kernels/step/procedure.hpp"
#include "kernels/step/procedures.hpp"

namespace poseaug {
namespace {

struct NormalDrawsCpu {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto p = call.attributes.template as<NormalDraws>();
        const auto& out = call.out[0];
        for_column_runs(queue, out.cols, [&](int begin, int end) {
            for (int q = 0; 4 * q < out.rows; ++q)
                for (int first = begin; first < end; first += kPhiloxRun) {
                    const View<T> rows{out.row(4 * q) + first, std::min(4, out.rows - 4 * q),
                                       std::min(kPhiloxRun, end - first), out.stride};
                    draw(blocks_of_rows(p, q), rows, first);
                }
        });
    }

private:
    /// Four rows, or what there is of them, of up to kPhiloxRun columns.
    template <class T> static void draw(const RowBlocks& blocks, const View<T>& out, int first_column) {
        std::uint32_t words[4 * kPhiloxRun];
        float u[kPhiloxRun], v[kPhiloxRun], draws[4][kPhiloxRun];
        philox_run(blocks.key, static_cast<std::uint32_t>(first_column), blocks.number, words);
        for (int r = 0; r < out.rows; r += 2) {
            for (int k = 0; k < kPhiloxRun; ++k) {
                u[k] = positive_uniform24(words[4 * k + r]);
                v[k] = uniform24(words[4 * k + r + 1]);
            }
            for_lanes<float>(0, kPhiloxRun, [&](int k, auto lanes) {
                using L = decltype(lanes);
                typename L::type even, odd;
                normal_pair(L::load(u + k), L::load(v + k), even, odd);
                L::store(even, draws[r] + k);
                L::store(odd, draws[r + 1] + k);
            });
        }
        for (int r = 0; r < out.rows; ++r)
            for (int c = 0; c < out.cols; ++c) out(r, c) = static_cast<T>(draws[r][c]);
    }
};

struct PoolDrawsCpu {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto p = call.attributes.template as<PoolDraws>();
        const auto& out = call.out[0];
        for_column_runs(queue, out.cols, [&](int begin, int end) {
            for (int c = begin; c < end; ++c) {
                const PhiloxBlock b = p.key.block(static_cast<std::uint32_t>(c), 0);
                out(0, c) = static_cast<T>(uniform24(b.word[0]));
                out(1, c) = static_cast<T>(b.word[1] * static_cast<std::uint64_t>(p.capacity) >> 32);
            }
        });
    }
};

struct FillCpu {
    template <class T> static void run(Queue&, const Call<T>& call) {
        const T value = static_cast<T>(call.attributes.template as<Fill>().value);
        for (int r = 0; r < call.out[0].rows; ++r)
            std::fill(call.out[0].row(r), call.out[0].row(r) + call.out[0].cols, value);
    }
};

} // namespace

const Procedure& normal_draws_procedure() {
    static const Procedure procedure = [] {
        Procedure p = make_procedure<NormalDraws, NormalDrawsCpu>(
            "Philox4x32-10 (Salmon et al. 2011), Box and Muller 1958",
            [](int batch) {
                return UsualShapes{{}, {{4 * 48, batch}}, {}};
            },
            {"Standard normal draws: the augmentor's noise.",
             "four words of Philox of (seed, stream, step, column, row / 4) make rows 4q ... 4q + 3 of a column, in "
             "pairs:\n"
             "radius = sqrt(-2 log(u1)),  angle = 2 pi u2,  draws = radius cos(angle), radius sin(angle)",
             "Uniform draws, their transformation and the split in two; no generator's state is read or written.",
             {},
             {{"draws", "(R, B)"}},
             {}});
        p.flops = 6; // 12 a pair, random words not counted
        return p;
    }();
    return procedure;
}
const Procedure& pool_draws_procedure() {
    static const Procedure procedure = make_procedure<PoolDraws, PoolDrawsCpu>(
        "Philox4x32-10 (Salmon et al. 2011)",
        [](int batch) {
            return UsualShapes{{}, {{2, batch}}, {}};
        },
        {"What the replay pool decides by: for each item of a batch a coin and a slot.",
         "coin uniform in [0, 1),  slot uniform in 0 ... capacity - 1, both of one block of Philox",
         "Two draws and the conversion to whole numbers.",
         {},
         {{"draws", "(2, B)"}},
         {}});
    return procedure;
}
const Procedure& fill_procedure() {
    static const Procedure procedure = make_procedure<Fill, FillCpu>(
        "a constant",
        [](int batch) {
            return UsualShapes{{}, {{1, batch}}, {}};
        },
        {"Sets every element to one value.", "out[r, c] = value", "Nothing.", {}, {{"out", "(R, C)"}}, {}});
    return procedure;
}

} // namespace poseaug
