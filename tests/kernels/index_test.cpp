#include "engine/arena.hpp"
#include "engine/blas.hpp"
#include "engine/cudnn.hpp"
#include "kernels/column_driver.hpp"
#include "kernels/cuda/block/adam.hpp"
#include "kernels/cuda/block/append_kept.hpp"
#include "kernels/cuda/block/batches.hpp"
#include "kernels/cuda/block/dropout_mask.hpp"
#include "kernels/cuda/block/grid.hpp"
#include "kernels/cuda/block/node_attention.hpp"
#include "kernels/cuda/block/replay_pool.hpp"
#include "kernels/network/joint_adjacency.hpp"
#include "kernels/network/node_columns.hpp"
#include "kernels/pose/adversarial.hpp"
#include "kernels/pose/feedback.hpp"
#include "kernels/step/shuffle.hpp"
#include "tests/kernels/cuda/compare.hpp"
#include "tests/workbench.hpp"

#include <limits>
#include <type_traits>

// Indices beyond 2^31 elements: by the types of the arithmetic, by numbers, and by kernels on addresses of which only the
// touched pages take memory.

using namespace poseaug;
using namespace poseaug::testing;

namespace {

constexpr std::int64_t kTwo31 = std::int64_t{1} << 31, kTwo32 = std::int64_t{1} << 32;
constexpr int kMost = static_cast<int>(kMaxExtent);

template <class T> constexpr bool is_wide = std::is_same_v<T, std::int64_t>;
static_assert(is_wide<decltype(View<float>{}.stride)>);
static_assert(is_wide<decltype(View<float>{}.offset(0, 0))>);
static_assert(is_wide<decltype(View<float>{}.size())>);
static_assert(is_wide<decltype(padded_stride<float>(0))>);
static_assert(is_wide<decltype(first_item(nullptr, 0))>);
static_assert(is_wide<decltype(item_at(nullptr, 0))>);
static_assert(is_wide<decltype(item_element(0, 0, 0))>);
static_assert(is_wide<decltype(PoseMatrix<float>::along)>);
static_assert(is_wide<decltype(tiles_of(0, 0))>);
static_assert(is_wide<decltype(norm_chunks(0))>);
static_assert(is_wide<decltype(semantic_graph_scratch(0))>);

// The last row of a large matrix, and what is not a constant expression where an int overflows.
static_assert(View<float>{nullptr, 3, kMost, kTwo31}.offset(2, 5) == kTwo32 + 5);
static_assert(View<double>{nullptr, 65536, 65536, 65536}.offset(65535, 65535) == kTwo32 - 1);
static_assert(padded_stride<float>(kMost) == kMaxExtent);
static_assert(padded_stride<double>(kMost - 1) == kMaxExtent);
static_assert(item_element(50'000'000, 48, 47) == 2'400'000'047);
static_assert(item_element(kMaxExtent - 1, 48, 47) == kMaxExtent * 48 - 1);
static_assert(tiles_of(kMost, kMost) == (kTwo31 / 32 - 2048) * (kTwo31 / 32 - 2048));
static_assert(norm_chunks(kTwo32) == 1'048'576);
static_assert(adam_scratch(kMaxExtent) == 524'272);
static_assert(semantic_graph_scratch(kMost) == 256 + kMaxExtent * 46);

// A grid over the longest row: every column once, in 32 bits, and the last block's threads do not begin anew.
template <int Threads> constexpr bool covers_longest_row() {
    const std::int64_t blocks = blocks_along(kMost, Threads);
    return blocks * Threads >= kMaxExtent && (blocks - 1) * Threads < kMaxExtent && blocks <= kTwo31 - 1 &&
           column_of_thread(static_cast<unsigned>(blocks) - 1, Threads, Threads - 1) == blocks * Threads - 1;
}
static_assert(covers_longest_row<kElementThreads>() && covers_longest_row<kColumnThreads>());
static_assert(blocks_down(kMost) == 65535 && blocks_down(7) == 7);
static_assert(kMaxExtent + kMostBlocksDown < kTwo31, "the loop over rows must not overflow at its end");

Shape result_of(const Op& op, const Attributes& attributes, std::vector<Shape> in) {
    in.resize(kMaxInputs);
    Shape out[kMaxOutputs];
    op.shapes(attributes, in.data(), out);
    return out[0];
}
const Op& network_op_of(std::string_view name) {
    static const std::vector<Op> ops = network_ops();
    return *std::find_if(ops.begin(), ops.end(), [&](const Op& op) { return op.name == name; });
}

} // namespace

TEST_CASE("items of a large data set are found by 64-bit numbers") {
    const StepState state{0, 2'000'000, 0};
    CHECK(first_item(&state, 1024) == 2'048'000'000);
    CHECK(first_item(&state, 4096) == 8'192'000'000);
    CHECK(first_item(nullptr, 4096) == 0);
    CHECK(item_at(nullptr, 3'000'000'000) == 3'000'000'000);
    const std::vector<std::int32_t> order = {7, kMost};
    CHECK(item_at(order.data(), 1) == kMaxExtent);
}

TEST_CASE("matrices of poses' nodes are found by 64-bit numbers") {
    const PoseMatrix<const char> m{nullptr, kTwo31, 17, kTwo32};
    CHECK(m.offset(3, 5, 2, 9) == 3 * kTwo31 + 5 * 17 + 2 * kTwo32 + 9);
    const NodeColumns at(17, 3, kMost / 51 * 51);
    CHECK(at.first(2, 16) == 50 * (kMost / 51));
    const auto place = at.place(51 * (kMost / 51) - 1);
    CHECK(place.group == 2);
    CHECK(place.node == 16);
    CHECK(place.pose == kMost / 51 - 1);
    expect_nodes("an op", 0, 17, 17, 1);
    CHECK_THROWS_AS(expect_nodes("an op", 0, 17, 65536, 65536), Error); // whose product is 0 in 32 bits
}

TEST_CASE("a result that would have more rows or columns than an int counts is refused by name") {
    const auto refused = [](const char* name, const Attributes& attributes, const std::vector<Shape>& in) {
        const std::string error = test::error_of([&] { result_of(network_op_of(name), attributes, in); });
        CHECK_MESSAGE(error.find(std::string(name) + ": ") == 0, name);
        CHECK(test::contains(error, "2147418112 are the most"));
    };
    const int half = 1 << 30;
    refused("spread_nodes", Attributes::of(SpreadNodes{17, 1}), {{34, half}});
    refused("stack_nodes", Attributes::of(StackNodes{17, 1}), {{half, 34}});
    refused("select_nodes", Attributes::of(SelectNodes{1, 17, 1, {}}), {{4, half}});
    refused("concat_rows", {}, {{half, 2}, {half, 2}});
    refused("concat_columns", {}, {{2, half}, {2, half}, {2, half}, {2, half}});
    refused("semantic_graph", Attributes::of(SemanticGraph{1}), {{half, 16}, {1, 46}});
    CHECK(result_of(network_op_of("spread_nodes"), Attributes::of(SpreadNodes{17, 1}), {{34, half / 17}}).cols ==
          half / 17 * 17);
}

TEST_CASE("memory of a matrix is counted in 64 bits, and refused beyond") {
    CHECK(matrix_bytes({48, kMost}, kMaxExtent, 8) == 48ULL * kMaxExtent * 8);
    CHECK(matrix_bytes({0, 0}, 0, 4) == 0);
    const std::string error = test::error_of([] { matrix_bytes({kMost, kMost}, kMaxExtent, 8); });
    CHECK(test::contains(error, "2147418112 x 2147418112"));
    CHECK_THROWS_AS(matrix_bytes({1, kMost + 1}, kMaxExtent + 1, 4), Error);
    CHECK_THROWS_AS(matrix_bytes({-1, 4}, 32, 4), Error);
    CHECK_THROWS_AS(matrix_bytes({4, -1}, 32, 4), Error);
}

TEST_CASE("libraries that count in ints are asked for no more") {
    CHECK(leading_dimension(kTwo31 - 1) == std::numeric_limits<int>::max());
    CHECK(test::contains(test::error_of([] { leading_dimension(kTwo31); }), "2147483648"));
    CHECK(cudnn_elements("an op", 1024, 2'000'000) == 2'048'000'000);
    CHECK(
        test::contains(test::error_of([] { cudnn_elements("an op", 1024, 1 << 21); }), "an op: cuDNN takes no tensor"));
    CHECK(block_count(kTwo31 - 1) == std::numeric_limits<int>::max());
    CHECK(test::contains(test::error_of([] { block_count(kTwo31); }), "2147483648 blocks"));
    CHECK_NOTHROW(expect_items(kMaxExtent));
    CHECK(test::contains(test::error_of([] { expect_items(kMaxExtent + 1); }), "2147418113 poses"));
    Queue queue = host_queue();
    CHECK_THROWS_AS(permutation_scratch(queue, kTwo31), Error);
    CHECK_THROWS_AS(random_permutation(queue, {}, nullptr, kTwo31, nullptr), Error);
    CHECK_THROWS_AS(random_choice(queue, {}, nullptr, kTwo31, 3), Error);
}

TEST_CASE("columns of losses and of batches side by side are counted without overflow") {
    CHECK(loss_runs(kMost) == kMost / kLossRun);
    CHECK(loss_runs(kMost - 1) == kMost / kLossRun);
    CHECK(loss_runs(kMost - kLossRun) == kMost / kLossRun - 1);
    const Op feedback = column_op<Feedback>();
    CHECK(test::contains(test::error_of([&] {
                             result_of(feedback, {}, {{48, kMost}, {48, kMost}, {48, kMost}});
                         }),
                         "feedback: 4294836224 rows or columns"));
    const std::string error = test::error_of([&] { result_of(column_op<DiscriminatorLoss<5>>(), {}, {{5, 7}}); });
    CHECK(error == "discriminator_loss_5: input 0 is 5 x 7, expected 5 x 6");
    const View<const char> matrix{nullptr, 48, 4, kTwo32};
    CHECK(input_element<Feedback, 2>(matrix, 48 + 3, 1, 2) - matrix.data == 3 * kTwo32 + 2 + 1);
    CHECK(input_element<Feedback, 5>(matrix, 1, 9, 2) - matrix.data == kTwo32);
}

TEST_CASE("random numbers of far elements differ from those of near ones") {
    const RandomKey key{3, nullptr, 1};
    for (const std::int64_t i : {std::int64_t{0}, std::int64_t{5}}) {
        CHECK(permutation_key(key, i) != permutation_key(key, i + kTwo31));
        CHECK(permutation_key(key, i) != permutation_key(key, i + kTwo32));
        CHECK(permutation_key(key, i) != permutation_key(key, i + 2 * kTwo32)); // the same low half of the counter
        CHECK(choice_of(key, i, kMost) != choice_of(key, i + 4 * kTwo32, kMost));
    }
    CHECK(choice_of(key, kMaxExtent - 1, kMost) >= 0);
    // slots of a pool: the largest is still a float, and lies within
    CHECK(static_cast<float>(0xFFFFFFFFULL * kMaxPoolCapacity >> 32) == static_cast<float>(kMaxPoolCapacity - 1));
}

TEST_CASE("dropout draws the same for far elements on either side") {
    const StepState state{(std::uint64_t{1} << 40) + 9, 0, 0};
    const Dropout dropout{0.5, {5, &state, 8}};
    const DropoutMask<float> mask(dropout, View<const float>{});
    const std::uint32_t first = (static_cast<std::uint32_t>(kMost) / 8 - kPhiloxRun);
    std::uint32_t words[4 * kPhiloxRun];
    philox_run(dropout.key, first, static_cast<std::uint32_t>(kMost), words);
    int kept = 0;
    for (int c = 0; c < 8 * kPhiloxRun; ++c) {
        const bool keep = (words[c / 2] >> (16 * (c & 1)) & 0xFFFFU) >= dropout_threshold(dropout.rate);
        CHECK((mask(kMost, static_cast<int>(8 * first) + c) != 0) == keep);
        kept += keep ? 1 : 0;
    }
    CHECK(kept > 8 * kPhiloxRun / 3);
    CHECK(kept < 8 * kPhiloxRun * 2 / 3);
}

namespace {

/// Pose-major data of more than 2^31 elements, of which almost all are zero and take no memory.
template <class T> class LargeSet {
public:
    explicit LargeSet(std::int64_t items, int rows)
        : rows_(rows), memory_(static_cast<std::size_t>(items * rows) * sizeof(T)) {}
    T* data() const { return static_cast<T*>(memory_.data()); }
    T* item(std::int64_t i) const { return data() + i * rows_; }

private:
    int rows_;
    SparseMemory memory_;
};

template <class K, class T> void run_on(bool kernels, const Procedure& procedure, const Call<T>& call) {
    Queue queue = host_queue();
    HostRunner launch(1);
    if (kernels) K::value(launch, call);
    else procedure.entry<T>().cpu(queue, call);
}

constexpr std::int64_t kPoses = 50'000'000;

} // namespace

TEST_CASE("batches are gathered from and scattered to a set of more than 2^31 elements") {
    for (const bool kernels : {false, true}) {
        const LargeSet<float> set(kPoses, 48);
        for (const std::int64_t i : {std::int64_t{0}, kPoses / 2, kPoses - 2, kPoses - 1})
            for (int r = 0; r < 48; ++r) set.item(i)[r] = static_cast<float>(i / 1000 + r);
        OwnCall<float> own(1);
        const View<float> batch = own.call.out[0] = own.empty({48, 3});
        const std::int32_t order[] = {kPoses - 1, 0, kPoses / 2};
        own.call.attributes = Attributes::of(Gather{set.data(), order, nullptr, 3});
        run_on<GatherKernels>(kernels, gather_procedure(), own.call);
        CHECK(batch(47, 0) == 49'999 + 47);
        CHECK(batch(47, 1) == 47);
        CHECK(batch(1, 2) == 25'000 + 1);

        const StepState last{0, static_cast<std::int32_t>(kPoses / 2 - 1), 0}; // batches of two
        own.call.attributes = Attributes::of(Gather{set.data(), nullptr, &last, 2});
        const View<float> pair = own.call.out[0] = own.empty({48, 2});
        run_on<GatherKernels>(kernels, gather_procedure(), own.call);
        CHECK(pair(40, 1) == 49'999 + 40);

        for (int r = 0; r < 48; ++r) pair(r, 0) = static_cast<float>(-r);
        own.call.in[0] = pair;
        own.call.attributes = Attributes::of(Scatter{set.data(), &last, 2});
        run_on<ScatterKernels>(kernels, scatter_procedure(), own.call);
        CHECK(set.item(kPoses - 2)[47] == -47);
        CHECK(set.item(kPoses - 1)[47] == 49'999 + 47);
    }
}

TEST_CASE("kept poses are appended behind more than 2^31 elements") {
    for (const bool kernels : {false, true}) {
        const LargeSet<float> images(kPoses + 2, 32), poses(kPoses + 2, 48);
        OwnCall<float> own(1);
        const View<float> image = own.normal({32, 2}), pose = own.normal({48, 2});
        for (int r = 0; r < 32; ++r) image(r, 0) = image(r, 1) = 0.5F;
        own.call.in[0] = image;
        own.call.in[1] = pose;
        std::int32_t count = kPoses;
        own.make_scratch(kAppendScratch);
        own.call.attributes = Attributes::of(AppendKept{images.data(), poses.data(), &count, 1});
        run_on<AppendKeptKernels>(kernels, append_kept_procedure(), own.call);
        CHECK(count == kPoses + 2);
        CHECK(images.item(kPoses + 1)[31] == 0.5F);
        CHECK(poses.item(kPoses)[47] == pose(47, 0));
        CHECK(poses.item(kPoses + 1)[0] == pose(0, 1));
    }
}

TEST_CASE("a replay pool of more than 2^31 elements trades its last item") {
    constexpr int rows = 200;
    for (const bool kernels : {false, true}) {
        const LargeSet<float> pool(kMaxPoolCapacity, rows);
        pool.item(kMaxPoolCapacity - 1)[rows - 1] = 9;
        OwnCall<float> own(1);
        const View<float> fake = own.normal({rows, 2}), draws = own.empty({2, 2});
        for (const int c : {0, 1}) {
            draws(0, c) = 0.75F;
            draws(1, c) = static_cast<float>(kMaxPoolCapacity - 1 - c);
        }
        own.call.in[0] = fake;
        own.call.in[1] = draws;
        const View<float> shown = own.call.out[0] = own.empty({rows, 2});
        std::int32_t filled = static_cast<std::int32_t>(kMaxPoolCapacity);
        own.call.attributes = Attributes::of(ReplayPool{pool.data(), &filled, kMaxPoolCapacity});
        run_on<ReplayPoolKernels>(kernels, replay_pool_procedure(), own.call);
        CHECK(shown(rows - 1, 0) == 9);
        CHECK(shown(rows - 1, 1) == 0);
        CHECK(pool.item(kMaxPoolCapacity - 1)[rows - 1] == fake(rows - 1, 0));
        CHECK(pool.item(kMaxPoolCapacity - 2)[0] == fake(0, 1));
    }
}
