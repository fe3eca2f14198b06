#include "training/background_writer.hpp"

#include "kernels/error.hpp"
#include "tests/workbench.hpp"

#include <atomic>
#include <thread>

using namespace poseaug;

TEST_CASE("files are written in order on another thread, a lot at a time") {
    std::vector<int> written;
    std::atomic<bool> go{false};
    const auto caller = std::this_thread::get_id();
    BackgroundWriter files;
    files.add([&] {
        while (!go) std::this_thread::yield();
        CHECK(std::this_thread::get_id() != caller);
        written.push_back(1);
    });
    files.add([&] { written.push_back(2); });
    CHECK(written.empty()); // nothing is started by itself
    files.start();
    files.add([&] { written.push_back(3); });
    go = true;
    files.wait();
    CHECK(written == std::vector<int>{1, 2});
    files.start();
    files.wait();
    CHECK(written == std::vector<int>{1, 2, 3});
}

TEST_CASE("an error of a file ends its lot and is thrown by the next start or wait, once") {
    for (const bool by_start : {false, true}) {
        bool behind = false;
        BackgroundWriter files;
        files.add([] { throw Error("the disk is full"); });
        files.add([&] { behind = true; });
        files.start();
        CHECK(test::error_of([&] { by_start ? files.start() : files.wait(); }) == "the disk is full");
        CHECK_FALSE(behind);
        files.wait();
    }
}

TEST_CASE("what was started is finished when the writer goes") {
    std::atomic<bool> written{false};
    {
        BackgroundWriter files;
        files.add([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            written = true;
        });
        files.start();
        files.add([] { FAIL("was never started"); });
    }
    CHECK(written);
}
