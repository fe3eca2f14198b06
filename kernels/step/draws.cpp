#include "kernels/step/procedure.hpp"
#include "kernels/step/procedures.hpp"

namespace poseaug {
namespace {

struct NormalDrawsCpu {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto key = call.attributes.template as<NormalDraws>().key;
        const auto& out = call.out[0];
        for_column_runs(queue, out.cols, [&](int begin, int end) {
            for (int q = 0; 4 * q < out.rows; ++q)
                for (int c = begin; c < end; ++c) {
                    const PhiloxBlock b = key.block(static_cast<std::uint32_t>(c), static_cast<std::uint32_t>(q));
                    float draw[4];
                    normal_pair(b.word[0], b.word[1], draw[0], draw[1]);
                    normal_pair(b.word[2], b.word[3], draw[2], draw[3]);
                    for (int r = 4 * q; r < std::min(out.rows, 4 * q + 4); ++r)
                        out(r, c) = static_cast<T>(draw[r - 4 * q]);
                }
        });
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

struct AdvanceCpu {
    template <class T> static void run(Queue&, const Call<T>& call) {
        StepState& state = *call.attributes.template as<Advance>().state;
        ++state.counter;
        ++state.batch;
    }
};

} // namespace

const Procedure& normal_draws_procedure() {
    static const Procedure procedure = make_procedure<NormalDraws, NormalDrawsCpu>();
    return procedure;
}
const Procedure& pool_draws_procedure() {
    static const Procedure procedure = make_procedure<PoolDraws, PoolDrawsCpu>();
    return procedure;
}
const Procedure& fill_procedure() {
    static const Procedure procedure = make_procedure<Fill, FillCpu>();
    return procedure;
}
const Procedure& advance_procedure() {
    static const Procedure procedure = make_procedure<Advance, AdvanceCpu>();
    return procedure;
}

} // namespace poseaug
