#include "kernels/thread_pool.hpp"

#include <doctest/doctest.h>

#include <set>
#include <stdexcept>
#include <vector>

using namespace poseaug;

TEST_CASE("a pool calls every index once, whatever the number of threads") {
    for (const int threads : {1, 2, 5}) {
        ThreadPool pool(threads);
        CHECK(pool.size() == threads);
        for (const int count : {0, 1, 2, 3, 100, 1000}) {
            std::vector<int> calls(static_cast<std::size_t>(count));
            for (int repeat = 0; repeat < 20; ++repeat)
                pool.parallel_for(count, [&](int i) { ++calls[static_cast<std::size_t>(i)]; });
            CHECK(calls == std::vector<int>(static_cast<std::size_t>(count), 20));
        }
    }
}

TEST_CASE("short jobs that follow one another are each done once, though most workers come too late") {
    ThreadPool pool(6);
    std::vector<int> calls(3);
    constexpr int jobs = 20'000;
    for (int job = 0; job < jobs; ++job) pool.parallel_for(3, [&](int i) { ++calls[static_cast<std::size_t>(i)]; });
    CHECK(calls == std::vector<int>(3, jobs));
}

TEST_CASE("an exception reaches the caller, and the pool goes on") {
    ThreadPool pool(3);
    for (int repeat = 0; repeat < 10; ++repeat) {
        CHECK_THROWS_WITH_AS(pool.parallel_for(50,
                                               [](int i) {
                                                   if (i == 17) throw std::runtime_error("seventeen");
                                               }),
                             "seventeen", std::runtime_error);
        std::atomic<int> sum{0};
        pool.parallel_for(50, [&](int i) { sum += i; });
        CHECK(sum == 1225);
    }
}

TEST_CASE("several threads take part") {
    ThreadPool pool(2);
    std::mutex mutex;
    std::set<std::thread::id> seen;
    // one index waits for the other, so two threads must be at work
    std::atomic<int> arrived{0};
    pool.parallel_for(2, [&](int) {
        ++arrived;
        while (arrived < 2) std::this_thread::yield();
        const std::lock_guard lock(mutex);
        seen.insert(std::this_thread::get_id());
    });
    CHECK(seen.size() == 2);
}
