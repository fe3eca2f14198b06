#include "data/atomic_file.hpp"

#include "tests/data/files.hpp"

#include <doctest/doctest.h>

using namespace poseaug;
using namespace poseaug::testing;

TEST_CASE("atomic file: the target changes at the commit, whole, and nothing else stays") {
    const TemporaryFolder folder;
    write_file(folder / "a", "old");
    {
        AtomicFile file(folder / "a");
        file.write("new ");
        file.write(std::string(100'000, 'x'));
        CHECK(read_file(folder / "a") == "old");
        CHECK(folder.count() == 2);
        file.commit();
    }
    CHECK(read_file(folder / "a") == "new " + std::string(100'000, 'x'));
    CHECK(folder.count() == 1);
}

TEST_CASE("atomic file: without a commit the target stays as it was") {
    const TemporaryFolder folder;
    write_file(folder / "a", "old");
    { AtomicFile(folder / "a").write("new"); }
    { AtomicFile(folder / "b").write("new"); }
    CHECK(read_file(folder / "a") == "old");
    CHECK(folder.count() == 1);
}

TEST_CASE("atomic file: a full disk is an Error and leaves nothing behind") {
    const TemporaryFolder folder;
    const std::string message = error_of([&] {
        const FileSizeLimit limit(1000);
        AtomicFile file(folder / "a");
        file.write(std::string(10'000, 'x'));
        file.commit();
    });
    CHECK(contains(message, (folder / "a").string() + ": cannot be written"));
    CHECK(folder.count() == 0);
}

TEST_CASE("atomic file: a missing folder, a folder or a device as target are refused at once") {
    const TemporaryFolder folder;
    CHECK(contains(error_of([&] { AtomicFile(folder / "missing/a"); }), "there is no folder"));
    std::filesystem::create_directory(folder / "sub");
    CHECK(contains(error_of([&] { AtomicFile(folder / "sub"); }), "not a regular file"));
    CHECK(contains(error_of([&] { AtomicFile("/dev/null"); }), "not a regular file"));
    CHECK(contains(error_of([&] { AtomicFile(""); }), "names no file"));
    CHECK(folder.count() == 1);
}

TEST_CASE("atomic file: what a killed run left is written over; a closed file takes no more") {
    const TemporaryFolder folder;
    for (const char* content : {"one", "two"}) {
        AtomicFile file(folder / "a");
        file.write(content);
        file.commit();
        CHECK(contains(error_of([&] { file.write("more"); }), "closed already"));
        CHECK(contains(error_of([&] { file.commit(); }), "closed already"));
        CHECK(read_file(folder / "a") == content);
    }
}
