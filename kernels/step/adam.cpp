#include "kernels/row_driver.hpp"
#include "kernels/step/procedure.hpp"
#include "kernels/step/procedures.hpp"

#include <cmath>

namespace poseaug {
namespace {

template <class F> void for_norm_chunks(Queue& queue, std::int64_t n, const F& f) {
    queue.pool->parallel_for(static_cast<int>((n + kNormChunk - 1) / kNormChunk), [&](int k) {
        const std::int64_t begin = static_cast<std::int64_t>(k) * kNormChunk;
        f(k, begin, static_cast<int>(std::min<std::int64_t>(kNormChunk, n - begin)));
    });
}

template <class T> double gradient_norm(Queue& queue, const Call<T>& call) {
    const std::int64_t n = call.in[0].cols;
    for_norm_chunks(queue, n, [&](int k, std::int64_t begin, int count) {
        const T* g = call.in[0].data + begin;
        call.scratch[k] = sum_over<T>(0, count, [&](int c, auto lanes) {
            using L = decltype(lanes);
            return typename L::type(L::load(g + c) * L::load(g + c));
        });
    });
    double square = 0;
    for (std::int64_t k = 0; k * kNormChunk < n; ++k) square += static_cast<double>(call.scratch[k]);
    return std::sqrt(square);
}

struct AdamCpu {
    template <class T> static void run(Queue& queue, const Call<T>& call) {
        const auto p = call.attributes.template as<Adam>();
        const auto n = static_cast<std::int64_t>(call.in[0].cols);
        const double scale = std::min(1.0, p.clip / (gradient_norm(queue, call) + 1e-6));
        const AdamCoefficients k = adam_coefficients(p, p.state->step++, p.state->rate);
        for_norm_chunks(queue, n, [&](int, std::int64_t begin, int count) {
            const T* gradient = call.in[0].data + begin;
            T* parameter = call.state[0].data + begin;
            T* first = call.state[1].data + begin;
            T* second = call.state[2].data + begin;
            for_lanes<T>(0, count, [&](int c, auto lanes) {
                using L = decltype(lanes);
                using P = typename L::type;
                using std::sqrt;
                const P g = L::load(gradient + c) * lit<P>(scale);
                const P m = L::load(first + c) * lit<P>(p.beta1) + g * lit<P>(1 - p.beta1);
                const P v = L::load(second + c) * lit<P>(p.beta2) + g * g * lit<P>(1 - p.beta2);
                L::store(m, first + c);
                L::store(v, second + c);
                const P step = m * lit<P>(k.step) / (sqrt(v) * lit<P>(k.inverse_root) + lit<P>(p.eps));
                L::store(L::load(parameter + c) - step, parameter + c);
            });
        });
    }
};

UsualShapes adam_usual(int) {
    const Shape parameters{1, 1 << 22}; // about those of the MLP
    return {{parameters}, {}, {parameters, parameters, parameters}};
}

} // namespace

const Procedure& adam_procedure() {
    static const Procedure procedure = [] {
        Procedure p = make_procedure<Adam, AdamCpu>(
            "Kingma and Ba 2015; gradient clipping by norm: PoseAug section 4, public training procedure", adam_usual,
            {"Adam behind a clip of the gradient's norm, over all parameters of a network at once.",
             "g = gradient * min(1, clip / (|gradient| + 1e-6))\n"
             "m = beta1 m + (1 - beta1) g,  v = beta2 v + (1 - beta2) g^2\n"
             "parameter -= rate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + eps)\n"
             "rate decays by `decay` every `decay_steps` steps",
             "The norm, the clip, both moments, their bias corrections and the step, each of which would be a pass "
             "over "
             "every array; rate and step count are on the device.",
             {{"gradient", "(1, n)"}},
             {},
             {{"parameters", "(1, n)"}, {"first_moment", "(1, n)"}, {"second_moment", "(1, n)"}}});
        p.moved_elsewhere = 1; // the gradient again, since its norm has to be known first
        p.flops = 16;          // 2 of the norm, 8 of the clip and the moments, 6 of the step
        return p;
    }();
    return procedure;
}

std::string missing_text(const Procedure& procedure) {
    if (procedure.source.empty()) return "no source of the formula";
    if (procedure.usual == nullptr) return "no usual shapes";
    const UsualShapes usual = procedure.usual(1);
    const auto count = [](const std::vector<Shape>& shapes) { return static_cast<int>(shapes.size()); };
    return missing_text(procedure.text, count(usual.in), count(usual.out), count(usual.state));
}

std::vector<const Procedure*> procedures() {
    return {&gather_procedure(),     &scatter_procedure(),     &fetch_procedure(),       &normal_draws_procedure(),
            &pool_draws_procedure(), &replay_pool_procedure(), &append_kept_procedure(), &adam_procedure(),
            &sum_errors_procedure(), &fill_procedure(),        &end_step_procedure()};
}

} // namespace poseaug
