#include "kernels/cuda/block/step_kernels.hpp"
#include "tests/kernels/cuda/compare.hpp"

#include <algorithm>
#include <numeric>

// Every procedure of a step: the GPU's kernels, run on the CPU, against the CPU's own, at every size of batch. A new
// procedure needs an overload of `prepare`, or this does not compile.

using namespace poseaug;
using namespace poseaug::testing;

namespace {

/// A call with what the procedure's parameters point to, each array an allocation of its own.
template <class T> struct Side {
    OwnCall<T> own{23};
    Call<T>& call = own.call;
    StepState state{(std::uint64_t{3} << 32) + 5, 2, 0};
    AdamState adam{7, 0.01};
    std::list<std::vector<T>> arrays;
    std::list<std::vector<std::int32_t>> counts;
    std::vector<double> sums = std::vector<double>(kMaxFigures, 1.5);
    std::vector<PoseRun> runs;

    T* array(std::int64_t size, T value = T(-7)) {
        return arrays.emplace_back(static_cast<std::size_t>(size), value).data();
    }
    std::int32_t* numbers(std::int64_t size, std::int32_t value) {
        return counts.emplace_back(static_cast<std::size_t>(size), value).data();
    }
    /// A batch of pose-major data, rows of one item after the other.
    T* items(int rows, int count) {
        const View<T> values = own.normal({count, rows});
        T* const data = array(static_cast<std::int64_t>(count) * rows);
        for (int i = 0; i < count; ++i) std::copy(values.row(i), values.row(i) + rows, data + i * rows);
        return data;
    }
};

template <class T> Gather prepare(Side<T>& s, Gather p, int batch) {
    constexpr int rows = 37;
    std::int32_t* const order = s.numbers(3 * batch, 0);
    std::iota(order, order + 3 * batch, 0);
    std::reverse(order, order + 3 * batch);
    p = {s.items(rows, 3 * batch), order, &s.state, batch};
    s.call.out[0] = s.own.empty({rows, batch});
    return p;
}
template <class T> Scatter prepare(Side<T>& s, Scatter p, int batch) {
    s.call.in[0] = s.own.normal({37, batch});
    p = {s.array(std::int64_t{3} * batch * 37), &s.state, batch};
    return p;
}
template <class T> Fetch prepare(Side<T>& s, Fetch, int batch) {
    constexpr int rows = 37;
    const int items = 4 * batch - batch / 2; // the batch ahead is not whole
    std::int32_t* const order = s.numbers(items, 0);
    std::iota(order, order + items, 0);
    std::reverse(order, order + items);
    s.call.out[0] = {s.array(std::int64_t{batch} * rows), batch, rows, rows};
    return {s.items(rows, items), order, &s.state, batch, items, 1};
}
template <class T> NormalDraws prepare(Side<T>& s, NormalDraws, int batch) {
    s.call.out[0] = s.own.empty({6, batch});
    return {{9, &s.state, 4}};
}
template <class T> PoolDraws prepare(Side<T>& s, PoolDraws, int batch) {
    s.call.out[0] = s.own.empty({2, batch});
    return {{9, &s.state, 4}, kMaxPoolCapacity};
}
template <class T> ReplayPool prepare(Side<T>& s, ReplayPool, int batch) {
    constexpr int rows = 5;
    const int capacity = batch + batch / 3;
    const View<T> fake = s.own.normal({rows, 3 * batch}), draws = s.own.normal({2, batch});
    for (int c = 0; c < batch; ++c) {
        draws(0, c) = T(c % 3 == 0 ? 0.75 : 0.25);
        draws(1, c) = T((c * 7) % capacity);
    }
    s.call.in[0] = View<const T>{fake.data, rows, batch, fake.stride};
    s.call.in[1] = draws;
    s.call.out[0] = s.own.empty({rows, batch});
    return {s.array(std::int64_t{capacity} * rows), s.numbers(1, batch / 2), capacity}; // fills up inside the batch
}
template <class T> AppendKept prepare(Side<T>& s, AppendKept, int batch) {
    const View<T> image = s.own.normal({32, batch});
    for (int r = 0; r < 32; ++r)
        for (int c = 0; c < batch; ++c) image(r, c) *= T(0.45);
    s.call.in[0] = image;
    s.call.in[1] = s.own.normal({48, batch});
    s.own.make_scratch(kAppendScratch);
    return {s.array(std::int64_t{batch} * 32), s.array(std::int64_t{batch} * 48), s.numbers(1, 0), 1};
}
template <class T> Adam prepare(Side<T>& s, Adam, int batch) {
    s.call.in[0] = s.own.normal({1, 5 * batch});
    for (auto& moments : s.call.state) moments = s.own.positive({1, 5 * batch});
    s.own.make_scratch(adam_scratch(5 * batch));
    return {.state = &s.adam, .decay = 0.9, .decay_steps = 2};
}
template <class T> EndStep prepare(Side<T>& s, EndStep, int batch) {
    int rows = 1;
    for (const int i : {0, 2, kMaxInputs - 1}) {
        const View<T> figures = s.own.empty({rows++, batch});
        for (int r = 0; r < figures.rows; ++r)
            for (int c = 0; c < batch; ++c) figures(r, c) = T((r * 13 + c * 7) % 31) / T(8); // sums are exact
        s.call.in[i] = figures;
    }
    return {s.sums.data(), s.numbers(kMaxFigures, -1), &s.state};
}
template <class T> SumErrors prepare(Side<T>& s, SumErrors, int batch) {
    const int of_first = batch / 2;
    s.call.in[0] = {s.items(35, batch), batch, 35, 35};
    for (const int i : {1, 2}) s.call.in[i] = {s.items(48, batch), batch, 48, 48};
    s.runs = {{0, of_first, 1}, {of_first, batch - of_first, 0}};
    if (of_first == 0) s.runs[1].still = 1;
    s.sums.assign(2 * 36, -7);
    return {s.runs.data(), s.sums.data(), 2};
}
template <class T> Fill prepare(Side<T>& s, Fill, int batch) {
    s.call.out[0] = s.own.empty({3, batch});
    return {2.5};
}

template <class K, class T> void check(const Procedure& procedure, int batch) {
    Side<T> expected, found;
    for (Side<T>* side : {&expected, &found})
        side->call.attributes = Attributes::of(prepare(*side, typename K::Params{}, batch));
    Queue queue = host_queue();
    procedure.entry<T>().cpu(queue, expected.call);
    HostRunner launch(3);
    K::value(launch, found.call);

    CAPTURE(procedure.name);
    CAPTURE(batch);
    // noise is made in floats whatever it is stored as
    const double allowed = procedure.name == NormalDraws::name ? tolerance<float> : tolerance<T>;
    for (int j = 0; j < kMaxOutputs; ++j)
        if (const auto& out = expected.call.out[j]) CHECK(difference(found.call.out[j], out) <= allowed);
    for (int k = 0; k < kMaxStates; ++k)
        if (const auto& state = expected.call.state[k]) CHECK(difference(found.call.state[k], state) <= tolerance<T>);
    CHECK(found.arrays == expected.arrays);
    CHECK(found.counts == expected.counts);
    REQUIRE(found.sums.size() == expected.sums.size());
    for (std::size_t i = 0; i < found.sums.size(); ++i)
        CHECK(found.sums[i] == doctest::Approx(expected.sums[i]).epsilon(1e-12));
    CHECK(found.state.counter == expected.state.counter);
    CHECK(found.state.batch == expected.state.batch);
    CHECK(found.adam.step == expected.adam.step);
}

} // namespace

TEST_CASE_TEMPLATE("every procedure's kernels do what the CPU does, at every size of batch", T, float, double) {
    for_each_type(StepKernels{}, []<class K>() {
        for (const Procedure* procedure : procedures())
            if (procedure->name == K::Params::name)
                for (const auto& batches : {kSmallBatches, kLargeBatches})
                    for (const int batch : batches) check<K, T>(*procedure, batch);
    });
}
