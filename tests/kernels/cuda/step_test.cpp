#include "kernels/cuda/block/step_kernels.hpp"
#include "tests/kernels/cuda/compare.hpp"
#include "tests/kernels/pack_bits.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

// The GPU's kernels of a step's procedures, run on the CPU, against the CPU's own.

using namespace poseaug;
using namespace poseaug::testing;

namespace {

template <class T> void run_cpu(const Procedure& procedure, const Call<T>& call) {
    Queue queue = host_queue();
    procedure.entry<T>().cpu(queue, call);
}
template <class K, class T> void run_kernels(const Call<T>& call, unsigned seed = 1) {
    HostRunner launch(seed);
    K::value(launch, call);
}

std::vector<std::int32_t> shuffled(int n) {
    std::vector<std::int32_t> order(static_cast<std::size_t>(n));
    std::iota(order.begin(), order.end(), 0);
    std::mt19937 random(5);
    std::shuffle(order.begin(), order.end(), random);
    return order;
}

/// Two pools alike, one kept by the CPU's procedure and one by the GPU's kernels, batch after batch.
template <class T> void compare_pools(std::int64_t capacity, int slots, const std::vector<int>& batches) {
    constexpr int rows = 5;
    std::vector<T> items[2];
    std::int32_t filled[2] = {0, 0};
    for (auto& i : items) i.assign(static_cast<std::size_t>(capacity * rows), T(-7));
    std::mt19937 random(11);
    for (const int batch : batches) {
        OwnCall<T> own(random());
        const View<T> fake = own.normal({rows, batch}), draws = own.empty({2, batch});
        for (int c = 0; c < batch; ++c) {
            draws(0, c) = static_cast<T>(std::uniform_real_distribution<double>()(random));
            draws(1, c) = static_cast<T>(std::uniform_int_distribution<int>(0, slots - 1)(random));
        }
        View<T> shown[2];
        for (int side = 0; side < 2; ++side) {
            own.call.attributes = Attributes::of(ReplayPool{items[side].data(), &filled[side], capacity});
            own.call.in[0] = fake;
            own.call.in[1] = draws;
            own.call.out[0] = shown[side] = own.empty({rows, batch});
            if (side == 0) run_cpu(replay_pool_procedure(), own.call);
            else run_kernels<ReplayPoolKernels>(own.call, static_cast<unsigned>(batch));
        }
        CAPTURE(capacity);
        CAPTURE(batch);
        REQUIRE(filled[1] == filled[0]);
        REQUIRE(difference(shown[1], shown[0]) == 0);
        REQUIRE(items[1] == items[0]);
    }
}

} // namespace

TEST_CASE_TEMPLATE("the replay pool's kernels take a batch's items in order", T, float, double) {
    SUBCASE("filling ends inside a batch") { compare_pools<T>(50, 50, {31, 33, 32, 2, 1}); }
    SUBCASE("a batch larger than the pool") { compare_pools<T>(5, 5, {33, 33, 1}); }
    SUBCASE("most items want one of two slots") { compare_pools<T>(40, 2, {100, 100, 1000}); }
    SUBCASE("batches of several stretches") { compare_pools<T>(1500, 1500, {1000, 1024, 1025, 4097}); }
    SUBCASE("traded with an item that filled in the same batch") { compare_pools<T>(2100, 2100, {4097}); }
}

TEST_CASE_TEMPLATE("kept columns are appended in order", T, float, double) {
    constexpr int kSeveralTiles = 128 * kAppendBlocks + 200; // for each block
    for (const std::int32_t two_sided : {0, 1})
        for (const int batch : {1, 2, 31, 32, 33, 127, 128, 129, 1000, 1023, 1024, 1025, 4097, kSeveralTiles}) {
            CAPTURE(batch);
            OwnCall<T> own(static_cast<unsigned>(batch));
            const View<T> image = own.normal({32, batch}), pose = own.normal({48, batch});
            for (int c = 0; c < batch; ++c)
                for (int r = 0; r < 32; ++r) image(r, c) *= T(0.45);
            image(7, batch / 2) = std::numeric_limits<T>::quiet_NaN();
            own.call.in[0] = image;
            own.call.in[1] = pose;
            own.make_scratch(kAppendScratch);
            std::vector<T> images[2], poses[2];
            std::int32_t count[2] = {0, 0};
            for (int side = 0; side < 2; ++side) {
                images[side].assign(static_cast<std::size_t>(2 * batch * 32), T(0));
                poses[side].assign(static_cast<std::size_t>(2 * batch * 48), T(0));
                own.call.attributes =
                    Attributes::of(AppendKept{images[side].data(), poses[side].data(), &count[side], two_sided});
                for (int again = 0; again < 2; ++again) {
                    if (side == 0) run_cpu(append_kept_procedure(), own.call);
                    else run_kernels<AppendKeptKernels>(own.call);
                }
            }
            if (batch > 31) CHECK((count[0] > 0 && count[0] < 2 * batch));
            CHECK(count[1] == count[0]);
            CHECK(images[1] == images[0]);
            CHECK(poses[1] == poses[0]);
        }
}

TEST_CASE_TEMPLATE("gather and scatter transpose any shape", T, float, double) {
    const StepState state{0, 1, 0};
    for (const int rows : {1, 9, 32, 48})
        for (const int batch : kBatches) {
            const auto order = shuffled(2 * batch);
            OwnCall<T> own(1);
            const View<T> data = own.normal({2 * batch, rows});
            std::vector<T> dense;
            for (int i = 0; i < 2 * batch; ++i) dense.insert(dense.end(), data.row(i), data.row(i) + rows);
            for (const bool ordered : {false, true}) {
                own.call.attributes =
                    Attributes::of(Gather{dense.data(), ordered ? order.data() : nullptr, &state, batch});
                const View<T> expected = own.call.out[0] = own.empty({rows, batch});
                run_cpu(gather_procedure(), own.call);
                const View<T> found = own.call.out[0] = own.empty({rows, batch});
                run_kernels<GatherKernels>(own.call);
                CHECK(difference(found, expected) == 0);
            }
            std::vector<T> scattered[2] = {std::vector<T>(dense.size()), std::vector<T>(dense.size())};
            own.call.in[0] = own.call.out[0];
            own.call.attributes = Attributes::of(Scatter{scattered[0].data(), &state, batch});
            run_cpu(scatter_procedure(), own.call);
            own.call.attributes = Attributes::of(Scatter{scattered[1].data(), &state, batch});
            run_kernels<ScatterKernels>(own.call);
            CHECK(scattered[1] == scattered[0]);
        }
}

TEST_CASE_TEMPLATE("draws, fills and the step's counter are the CPU's", T, float, double) {
    StepState state{41, 2, 0};
    const auto compare = [&]<class K>(K, const Procedure& procedure, const Attributes& attributes, Shape shape) {
        OwnCall<T> own(1);
        own.call.attributes = attributes;
        const View<T> expected = own.call.out[0] = own.empty(shape);
        run_cpu(procedure, own.call);
        const View<T> found = own.call.out[0] = own.empty(shape);
        run_kernels<K>(own.call);
        CHECK_MESSAGE(difference(found, expected) <= (test::packs_fuse<T>() ? 0 : 1e-5),
                      procedure.name); // the same bits
    };
    for (const int batch : kBatches) {
        for (const int rows : {1, 3, 4, 45})
            compare(NormalDrawsKernels{}, normal_draws_procedure(), Attributes::of(NormalDraws{{9, &state, 4}}),
                    {rows, batch});
        compare(PoolDrawsKernels{}, pool_draws_procedure(), Attributes::of(PoolDraws{{9, &state, 4}, 4096}),
                {2, batch});
        compare(FillKernels{}, fill_procedure(), Attributes::of(Fill{2.5}), {3, batch});
    }
}

TEST_CASE_TEMPLATE("Adam's kernels take the CPU's steps", T, float, double) {
    for (const int n : {1, 33, kBlockNormChunk, kBlockNormChunk + 1, 5 * kBlockNormChunk - 1})
        for (const double clip : {1.0, 1e9}) {
            CAPTURE(n);
            OwnCall<T> expected(3), found(3);
            AdamState states[2] = {{0, 0.01}, {0, 0.01}};
            for (int side = 0; side < 2; ++side) {
                OwnCall<T>& own = side == 0 ? expected : found;
                own.call.attributes =
                    Attributes::of(Adam{.state = &states[side], .clip = clip, .decay = 0.9, .decay_steps = 2});
                own.call.in[0] = own.normal({1, n});
                for (auto& moments : own.call.state) moments = own.positive({1, n});
                own.make_scratch(adam_scratch(n));
            }
            for (int step = 0; step < 5; ++step) {
                run_cpu(adam_procedure(), expected.call);
                run_kernels<AdamKernels>(found.call);
            }
            CHECK(states[1].step == 5);
            for (int k = 0; k < 3; ++k) CHECK(difference(found.call.state[k], expected.call.state[k]) <= tolerance<T>);
        }
}

TEST_CASE("Adam's kernels add up more chunks than a block has threads") {
    const int n = 300 * kBlockNormChunk;
    std::vector<float> gradient(static_cast<std::size_t>(n), 1.0F), parameter(gradient.size()), first(gradient.size()),
        second(gradient.size()), scratch(static_cast<std::size_t>(adam_scratch(n)));
    AdamState state{0, 0.5};
    Call<float> call;
    // without momentum a first step moves by the rate, whatever the gradient; with eps = 1 the clipped gradient shows
    call.attributes = Attributes::of(Adam{.state = &state, .beta1 = 0, .beta2 = 0, .eps = 1.0, .clip = 1.0});
    call.in[0] = {gradient.data(), 1, n, n};
    call.state[0] = {parameter.data(), 1, n, n};
    call.state[1] = {first.data(), 1, n, n};
    call.state[2] = {second.data(), 1, n, n};
    call.scratch = scratch.data();
    run_kernels<AdamKernels>(call);
    const double clipped = 1 / std::sqrt(static_cast<double>(n));
    CHECK(state.step == 1);
    for (const std::size_t i : {std::size_t{0}, gradient.size() - 1}) {
        CHECK(first[i] == doctest::Approx(clipped));
        CHECK(parameter[i] == doctest::Approx(-0.5 * clipped / (clipped + 1)));
    }
}

TEST_CASE_TEMPLATE("a step's end sums its figures, notes the first batch that is not finite and counts on", T, float,
                   double) {
    StepState state{41, 6, 0};
    double sums[kMaxFigures] = {1, 1, 1, 1};
    std::int32_t first_bad[kMaxFigures];
    std::fill(first_bad, first_bad + kMaxFigures, -1);
    OwnCall<T> own(5);
    own.call.attributes = Attributes::of(EndStep{sums, first_bad, &state});
    const View<T> first = own.empty({2, 70}), third = own.empty({2, 1});
    for (int c = 0; c < 70; ++c) {
        first(0, c) = T(0.5);
        first(1, c) = c == 69 ? std::numeric_limits<T>::quiet_NaN() : T(1);
    }
    third(0, 0) = T(2);
    third(1, 0) = std::numeric_limits<T>::infinity();
    own.call.in[0] = first;
    own.call.in[2] = third; // figures are numbered by rows that are there
    for (int step = 0; step < 2; ++step) run_kernels<EndStepKernels>(own.call);
    CHECK(sums[0] == 71);
    CHECK(std::isnan(sums[1]));
    CHECK(sums[2] == 5);
    CHECK(sums[4] == 0);
    CHECK(first_bad[0] == -1);
    CHECK(first_bad[1] == 6);
    CHECK(first_bad[2] == -1);
    CHECK(first_bad[3] == 6);
    CHECK(state.counter == 43);
    CHECK(state.batch == 8);
}

TEST_CASE("every procedure has kernels") {
    std::vector<std::string_view> names;
    for_each_type(StepKernels{}, [&]<class K>() { names.push_back(K::Params::name); });
    for (const Procedure* p : procedures())
        CHECK_MESSAGE(std::count(names.begin(), names.end(), p->name) == 1, p->name);
}
