#include "engine/gradcheck.hpp"

#include "engine/registry.hpp"
#include "kernels/column_driver.hpp"
#include "kernels/network/ops.hpp"
#include "kernels/pose/sampling.hpp"
#include "kernels/step/procedures.hpp"

#include <doctest/doctest.h>

using namespace poseaug;

namespace {

/// y = a^2 b, with a vjp that can be wrong in several ways.
enum class Mistake { none, sign, missing_term, small, not_finite };

template <Mistake M> struct Example {
    static constexpr std::string_view name = "example";
    static constexpr std::string_view source = "y = a^2 b", summary = "An example.";
    static constexpr std::string_view formula = "y = a^2 b,  z = a + b", fuses = "Two products and a sum.";
    static constexpr std::string_view inputs[] = {"a", "b"}, outputs[] = {"y", "z"};
    using Params = NoParams;
    using In = Rows<2, 2>;
    using Out = Rows<2, 2>;
    static constexpr unsigned differentiable = 0b11;
    static constexpr bool mean = false;

    template <class T> static void value(Params, const T (&a)[2], const T (&b)[2], T (&y)[2], T (&z)[2]) {
        for (int i = 0; i < 2; ++i) {
            y[i] = a[i] * a[i] * b[i];
            z[i] = a[i] + b[i];
        }
    }
    template <class T>
    static void vjp(Params, const T (&a)[2], const T (&b)[2], const T (&d_y)[2], const T (&d_z)[2], T (&d_a)[2],
                    T (&d_b)[2]) {
        for (int i = 0; i < 2; ++i) {
            d_a[i] = lit<T>(2) * a[i] * b[i] * d_y[i] + d_z[i];
            d_b[i] = a[i] * a[i] * d_y[i] + d_z[i];
            if (M == Mistake::sign) d_b[i] = -d_b[i];
            if (M == Mistake::missing_term) d_a[i] = lit<T>(2) * a[i] * b[i] * d_y[i];
            if (M == Mistake::small) d_a[i] *= lit<T>(1 + 1e-9);
            if (M == Mistake::not_finite) d_a[i] *= lit<T>(0) / lit<T>(0);
        }
    }
    static std::vector<Sample> samples() {
        return {sample("any", {}, {sampling::normal(2, 9), sampling::normal(2, 9)})};
    }
};

/// The mean of a^2 c over two batches a side by side, with a constant c of all columns, and of a.
template <Mistake M> struct ExampleLoss {
    static constexpr std::string_view name = "example_loss";
    static constexpr std::string_view source = "loss = mean a^2 c", summary = "An example.";
    static constexpr std::string_view formula = "loss = mean a^2 c", fuses = "Two products and a sum.";
    static constexpr std::string_view inputs[] = {"a", "c"}, outputs[] = {"loss"};
    using Params = NoParams;
    using In = Rows<2, 1>;
    using Out = Rows<2>;
    static constexpr unsigned differentiable = 0b01, side_by_side = 0b01, common = 0b10;
    static constexpr bool mean = true;
    static double weight(Params, int row) { return row == 0 ? 3 : M == Mistake::missing_term ? 0 : 0.5; }

    template <class T> static void value(Params, const T (&a)[2], const T (&c)[1], T (&loss)[2]) {
        loss[0] = (a[0] * a[0] + lit<T>(2) * a[1] * a[1]) * c[0];
        loss[1] = a[1];
    }
    template <class T>
    static void vjp(Params, const T (&a)[2], const T (&c)[1], const T (&d_loss)[2], T (&d_a)[2], T (&)[1]) {
        d_a[0] = lit<T>(M == Mistake::sign ? -2 : 2) * a[0] * c[0] * d_loss[0];
        d_a[1] = lit<T>(M == Mistake::small ? 4 + 1e-8 : 4) * a[1] * c[0] * d_loss[0] +
                 (M == Mistake::missing_term ? lit<T>(0.1) : d_loss[1]);
    }
    static std::vector<Sample> samples() {
        return {sample("any", {}, {sampling::normal(1, 180), sampling::filled(1, 1, 1.5)})};
    }
};

struct Host {
    ThreadPool pool{2};
    Queue queue;
    Host() { queue.pool = &pool; }
};

bool passes(const Op& op) {
    Host host;
    bool all = true;
    for (const auto& result : gradcheck(op, host.queue)) all = all && result.passed;
    return all;
}

std::string first_note(const Op& op) {
    Host host;
    for (const auto& result : gradcheck(op, host.queue))
        if (!result.passed) return result.note;
    return {};
}

void storing_vjp(Queue& queue, const Call<double>& call) {
    Call<double> storing = call;
    storing.accumulate = 0;
    column_vjp_cpu<Example<Mistake::none>, double>(queue, storing);
}

} // namespace

TEST_CASE("every op of the registry passes the sweep") {
    Host host;
    int samples = 0;
    for (const Op& op : registry())
        for (const auto& result : gradcheck(op, host.queue)) {
            ++samples;
            INFO(result.op << ", " << result.sample << ": " << result.note);
            INFO("dual error " << result.dual_error << ", difference error " << result.difference_error);
            CHECK(result.passed);
        }
    CHECK(samples > 80);
}

TEST_CASE("the sweep passes a right op and catches a wrong one") {
    CHECK(passes(column_op<Example<Mistake::none>>()));
    CHECK_FALSE(passes(column_op<Example<Mistake::sign>>()));
    CHECK_FALSE(passes(column_op<Example<Mistake::missing_term>>()));
    CHECK_FALSE(passes(column_op<Example<Mistake::small>>()));
    CHECK(first_note(column_op<Example<Mistake::not_finite>>()) == "a gradient is not finite");
}

TEST_CASE("the sweep catches a wrong float entry and a wrong calling convention") {
    Op op = column_op<Example<Mistake::none>>();
    op.f32.vjp = column_op<Example<Mistake::sign>>().f32.vjp;
    CHECK(first_note(op) == "the float gradient differs from the double one");

    op = column_op<Example<Mistake::none>>();
    op.f64.vjp.cpu = storing_vjp;
    CHECK(first_note(op) == "accumulate does not add");

    op = column_op<Example<Mistake::none>>();
    op.saved_in = 0b10; // yet the vjp reads input 0
    CHECK_FALSE(passes(op));
}

void loss_of_two_kinds(Queue& queue, const Call<double>& call) {
    column_loss_cpu<ExampleLoss<Mistake::none>, double>(queue, call);
    if (call.d_in[0]) call.out[0](0, 0) += 1;
}

TEST_CASE("the sweep passes a right loss and catches a wrong one") {
    CHECK(passes(column_op<ExampleLoss<Mistake::none>>()));
    CHECK_FALSE(passes(column_op<ExampleLoss<Mistake::sign>>()));
    CHECK_FALSE(passes(column_op<ExampleLoss<Mistake::small>>()));
    CHECK_FALSE(passes(column_op<ExampleLoss<Mistake::missing_term>>()));
    Op op = column_op<ExampleLoss<Mistake::none>>();
    op.f64.value.cpu = loss_of_two_kinds;
    CHECK(first_note(op) == "the loss is another one where gradients are written with it");
    op = column_op<ExampleLoss<Mistake::none>>();
    op.weight = [](const Attributes&, int) { return 2.0; };
    CHECK_FALSE(passes(op));
}

TEST_CASE("an incomplete row fails the sweep") {
    const Op whole = column_op<Example<Mistake::none>>();
    const auto without = [&](auto change) {
        Op op = whole;
        change(op);
        return first_note(op);
    };
    CHECK(without([](Op& op) { op.source = {}; }) == "incomplete registry row: no source of the formula");
    CHECK(without([](Op& op) { op.f32.value.cpu = nullptr; }) == "incomplete registry row: no value function");
    CHECK(without([](Op& op) { op.f64.vjp.cpu = nullptr; }) == "incomplete registry row: no vjp");
    CHECK(without([](Op& op) { op.dual = nullptr; }) == "incomplete registry row: no value on dual numbers");
    CHECK(without([](Op& op) { op.make_samples = nullptr; }) == "incomplete registry row: no samples");
    CHECK(without([](Op& op) { op.shapes = nullptr; }) == "incomplete registry row: no shape function");
    CHECK(without([](Op& op) { op.flops = nullptr; }) == "incomplete registry row: no count of operations");
    CHECK(without([](Op& op) { op.text.summary = {}; }) == "incomplete registry row: no summary");
    CHECK(without([](Op& op) { op.text.formula = {}; }) == "incomplete registry row: no formula");
    CHECK(without([](Op& op) { op.text.fuses = {}; }) == "incomplete registry row: no word on what it fuses");
    CHECK(without([](Op& op) { op.text.inputs.pop_back(); }) ==
          "incomplete registry row: no names and shapes of all inputs");
    CHECK(without([](Op& op) { op.text.outputs[1].name = {}; }) ==
          "incomplete registry row: no names and shapes of all outputs");
    CHECK(without([](Op& op) {
              op.text.states.push_back({"unknown", "(1, 1)"});
          }) == "incomplete registry row: no names and shapes of all states");
}

TEST_CASE("procedures say all that their pages must say") {
    for (const Procedure* procedure : procedures()) {
        CHECK_MESSAGE(missing_text(*procedure).empty(), procedure->name, ": ", missing_text(*procedure));
        Procedure changed = *procedure;
        changed.text.fuses = {};
        CHECK(missing_text(changed) == "no word on what it fuses");
        changed = *procedure;
        changed.text.outputs.push_back({"unknown", "(1, 1)"});
        CHECK(missing_text(changed) == "no names and shapes of all outputs");
        changed = *procedure;
        changed.source = {};
        CHECK(missing_text(changed) == "no source of the formula");
    }
}

TEST_CASE("the sweep gives an op its states and asks no gradient of auxiliary outputs") {
    const Op norm = find_op(BatchNorm::name);
    CHECK(passes(norm));
    Op op = norm;
    op.states = 1;
    op.text.states.pop_back();
    CHECK(first_note(op) == "the sample has 2 states, the op 1");
    op = norm;
    op.auxiliary = 0; // yet no gradient comes through the statistics
    op.make_samples = [] { return std::vector<Sample>{find_op(BatchNorm::name).samples().front()}; };
    CHECK_FALSE(passes(op));
    op = norm;
    op.f32.value.cpu = [](Queue& queue, const Call<float>& call) {
        find_op(BatchNorm::name).f32.value.cpu(queue, call);
        call.state[1](0, 0) += 1;
    };
    CHECK(first_note(op) == "the float value differs from the double one");
}
