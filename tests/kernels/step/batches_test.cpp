#include "kernels/step/procedures.hpp"
#include "tests/workbench.hpp"

#include <limits>

using namespace poseaug;
using test::Workbench;

namespace {

/// A pool as the method words it, on plain vectors.
struct ReferencePool {
    std::size_t capacity;
    std::vector<std::vector<double>> items;

    std::vector<double> exchange(const std::vector<double>& fake, double coin, std::size_t slot) {
        if (items.size() < capacity) {
            items.push_back(fake);
            return fake;
        }
        if (coin <= 0.5) return fake;
        std::vector<double> old = items[slot];
        items[slot] = fake;
        return old;
    }
};

std::vector<double> column(const std::vector<double>& matrix, int cols, int c) {
    std::vector<double> values;
    for (std::size_t i = static_cast<std::size_t>(c); i < matrix.size(); i += static_cast<std::size_t>(cols))
        values.push_back(matrix[i]);
    return values;
}

} // namespace

TEST_CASE("the replay pool fills, then trades in batch order, with slots that repeat within a batch") {
    for (const auto& device : test::devices()) {
        constexpr int rows = 3, capacity = 10;
        Workbench<double> bench(*device);
        DeviceArray<double> items(*device, std::vector<double>(capacity * rows, -1));
        DeviceArray<std::int32_t> filled(*device, std::vector<std::int32_t>(1));
        ReferencePool reference{capacity, {}};
        std::mt19937 random(4);
        int repeats = 0;
        for (const int batch : {7, 6, 25, 1, 40}) { // the second fills up in the middle
            Call<double> call;
            call.attributes = Attributes::of(ReplayPool{items.data(), filled.data(), capacity});
            const auto fake = bench.normal(rows, batch, random());
            std::vector<double> draws;
            for (int c = 0; c < batch; ++c) draws.push_back(std::uniform_real_distribution<double>()(random));
            for (int c = 0; c < batch; ++c)
                draws.push_back(std::uniform_int_distribution<int>(0, capacity - 1)(random));
            call.in[0] = fake;
            call.in[1] = bench.put(2, batch, draws);
            call.out[0] = bench.filled(rows, batch, 0);
            call.scratch = bench.filled(2, batch, 0).data;
            bench.stream.run(replay_pool_procedure(), call);
            const auto given = bench.get(fake), shown = bench.get(call.out[0]);
            for (int c = 0; c < batch; ++c) {
                const auto b = static_cast<std::size_t>(batch), i = static_cast<std::size_t>(c);
                const auto expected =
                    reference.exchange(column(given, batch, c), draws[i], static_cast<std::size_t>(draws[b + i]));
                CHECK(column(shown, batch, c) == expected);
                for (int k = 0; k < c; ++k) repeats += draws[b + i] == draws[b + static_cast<std::size_t>(k)] ? 1 : 0;
            }
            CHECK(filled.download()[0] == static_cast<int>(reference.items.size()));
        }
        CHECK(repeats > 10);
        std::vector<double> kept;
        for (const auto& item : reference.items) kept.insert(kept.end(), item.begin(), item.end());
        CHECK(items.download() == kept);
    }
}

TEST_CASE("columns within the image are appended in order, one-sided or two-sided") {
    for (const auto& device : test::devices())
        for (const bool two_sided : {false, true}) {
            constexpr int batch = 6;
            Workbench<double> bench(*device);
            std::vector<double> image(32 * batch, 0.5), pose(48 * batch);
            for (std::size_t i = 0; i < pose.size(); ++i) pose[i] = static_cast<double>(i % batch);
            const auto at = [&](int r, int c) -> double& { return image[static_cast<std::size_t>(r * batch + c)]; };
            at(3, 1) = 1.001;
            at(31, 2) = -1.001;
            at(0, 3) = 1;
            at(1, 3) = -1;
            at(7, 4) = NAN;
            DeviceArray<double> images(*device, std::vector<double>(3 * batch * 32)),
                poses(*device, std::vector<double>(3 * batch * 48));
            DeviceArray<std::int32_t> count(*device, std::vector<std::int32_t>(1));
            Call<double> call;
            call.attributes = Attributes::of(AppendKept{images.data(), poses.data(), count.data(), two_sided ? 1 : 0});
            call.in[0] = bench.put(32, batch, image);
            call.in[1] = bench.put(48, batch, pose);
            call.scratch = bench.filled(1, kAppendScratch, 0).data;
            std::vector<double> expected;
            for (int again = 0; again < 2; ++again) {
                bench.stream.run(append_kept_procedure(), call);
                for (const int c : {0, 2, 3, 5})
                    if (c != 2 || !two_sided) expected.push_back(c);
            }
            CHECK(count.download()[0] == static_cast<int>(expected.size()));
            const auto kept = poses.download(), seen = images.download();
            for (std::size_t i = 0; i < expected.size(); ++i) {
                CHECK(kept[i * 48] == expected[i]);
                CHECK(kept[i * 48 + 47] == expected[i]);
                if (expected[i] == 3) CHECK(seen[i * 32 + 1] == -1);
            }
        }
}

TEST_CASE("a batch is gathered by the order and scattered to its own place") {
    for (const auto& device : test::devices()) {
        constexpr int rows = 3, items = 7, batch = 4;
        Workbench<double> bench(*device);
        std::vector<double> values(items * rows);
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
        DeviceArray<double> data(*device, values);
        DeviceArray<std::int32_t> order(*device, {6, 0, 5, 1, 4, 2, 3});
        DeviceArray<StepState> state(*device, {StepState{0, 1, 0}});
        Call<double> call;
        call.attributes = Attributes::of(Gather{data.data(), order.data(), state.data(), batch});
        call.out[0] = bench.filled(rows, 3, 0); // the second batch is the last, of three
        bench.stream.run(gather_procedure(), call);
        CHECK(bench.get(call.out[0]) == std::vector<double>{12, 6, 9, 13, 7, 10, 14, 8, 11});

        // of the same order, three batches of three: the second, the third, which has one item, and none
        DeviceArray<double> near(*device, std::vector<double>(3 * rows, -1));
        Call<double> fetch;
        fetch.out[0] = {near.data(), 3, rows, rows};
        const auto fetched = [&](std::int64_t ahead) {
            near.upload(std::vector<double>(3 * rows, -1));
            fetch.attributes = Attributes::of(Fetch{data.data(), order.data(), state.data(), 3, items, ahead});
            bench.stream.run(fetch_procedure(), fetch);
            return near.download();
        };
        CHECK(fetched(0) == std::vector<double>{3, 4, 5, 12, 13, 14, 6, 7, 8});
        CHECK(fetched(1) == std::vector<double>{9, 10, 11, -1, -1, -1, -1, -1, -1});
        CHECK(fetched(2) == std::vector<double>(9, -1));

        DeviceArray<double> target(*device, std::vector<double>(items * rows, -1));
        Call<double> back;
        back.attributes = Attributes::of(Scatter{target.data(), state.data(), batch});
        back.in[0] = call.out[0];
        bench.stream.run(scatter_procedure(), back);
        const auto scattered = target.download();
        CHECK(std::vector<double>(scattered.begin() + 12, scattered.end()) ==
              std::vector<double>{12, 13, 14, 6, 7, 8, 9, 10, 11});
        CHECK(std::vector<double>(scattered.begin(), scattered.begin() + 12) == std::vector<double>(12, -1));
    }
}
