#include "data/npz.hpp"

#include "tests/data/files.hpp"
#include "tests/data/pickle_samples.hpp"

#include <doctest/doctest.h>
#include <zip.h>

using namespace poseaug;
using namespace poseaug::testing;

namespace {

void write_sample(const std::filesystem::path& path, bool compress) {
    NpzWriter writer(path, compress);
    writer.add("a", Array::of({2, 2}, std::vector<float>{1, 2, 3, 4}));
    writer.add_object("tree", Value{Dict{{Value{std::string("k")}, Value{Array::of({1}, std::vector<double>{5})}}}});
    writer.commit();
}

/// A zip archive of arbitrary members.
void write_zip(const std::filesystem::path& path, const std::vector<std::pair<std::string, std::string>>& members) {
    zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
    REQUIRE(archive != nullptr);
    for (const auto& [name, bytes] : members)
        zip_file_add(archive, name.c_str(), zip_source_buffer(archive, bytes.data(), bytes.size(), 0), 0);
    REQUIRE(zip_close(archive) == 0);
}

std::string float_header(const std::string& shape) {
    const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }\n";
    return "\x93NUMPY\1" + std::string(1, '\0') + static_cast<char>(header.size()) + '\0' + header;
}

std::string error_for(const std::filesystem::path& path) {
    return error_of([&] { read_npz(path); });
}

} // namespace

TEST_CASE("npz: what is written is read back, deflated and stored") {
    const TemporaryFolder folder;
    for (const bool compress : {true, false}) {
        write_sample(folder / "a.npz", compress);
        CHECK(npz_members(folder / "a.npz") == std::vector<std::string>{"a", "tree"});
        const auto contents = read_npz(folder / "a.npz");
        REQUIRE(contents.size() == 2);
        CHECK(contents.at("a").array.floats() == std::vector<float>{1, 2, 3, 4});
        const NpyContent& tree = contents.at("tree");
        REQUIRE(tree.is_object);
        REQUIRE(tree.objects.size() == 1);
        REQUIRE(tree.objects[0].find("k") != nullptr);
        CHECK(tree.objects[0].find("k")->array("k").doubles() == std::vector<double>{5});
        CHECK(read_npz_member(folder / "a.npz", "a").array.shape == std::vector<std::int64_t>{2, 2});
    }
    CHECK(folder.count() == 1);
}

TEST_CASE("npz: files that NumPy wrote, deflated and with a zip64 directory") {
    const TemporaryFolder folder;
    write_file(folder / "deflated.npz", from_hex(samples::npz_deflated));
    const auto contents = read_npz(folder / "deflated.npz");
    CHECK(contents.at("a").array.describe() == "(3,) int32");
    CHECK(contents.at("a").array.integers() == std::vector<std::int64_t>{0, 1, 2});
    CHECK(contents.at("t").array.text == std::vector<std::string>{"x", "yz\xC3\xA9"});
    write_file(folder / "zip64.npz", from_hex(samples::npz_zip64));
    CHECK(read_npz_member(folder / "zip64.npz", "a").array.integers() == std::vector<std::int64_t>{0, 1, 2});
}

TEST_CASE("npz: a bare .npy has the single key \"\"") {
    const TemporaryFolder folder;
    write_file(folder / "a.npy", from_hex(samples::npy_object));
    CHECK(npz_members(folder / "a.npy") == std::vector<std::string>{""});
    CHECK(read_npz(folder / "a.npy").at("").objects.size() == 1);
    CHECK(read_npz_member(folder / "a.npy", "").is_object);
    CHECK(contains(error_of([&] { read_npz_member(folder / "a.npy", "x"); }), "single array"));
}

TEST_CASE("npz: the same members give the same bytes") {
    const TemporaryFolder folder;
    write_sample(folder / "a.npz", true);
    write_sample(folder / "b.npz", true);
    CHECK(read_file(folder / "a.npz") == read_file(folder / "b.npz"));
    zip_stat_t stat;
    zip_t* archive = zip_open((folder / "a.npz").c_str(), ZIP_RDONLY, nullptr);
    REQUIRE(archive != nullptr);
    REQUIRE(zip_stat_index(archive, 0, 0, &stat) == 0);
    CHECK(stat.comp_method == ZIP_CM_DEFLATE);
    tm date{};
    localtime_r(&stat.mtime, &date);
    CHECK(date.tm_year == 80);
    zip_discard(archive);
}

TEST_CASE("npz: a missing member is an Error that lists what is there") {
    const TemporaryFolder folder;
    write_sample(folder / "a.npz", true);
    const std::string message = error_of([&] { read_npz_member(folder / "a.npz", "positions_3d"); });
    CHECK(contains(message, (folder / "a.npz").string()));
    CHECK(contains(message, "'positions_3d'; it holds 'a', 'tree'"));
}

TEST_CASE("npz: truncated and foreign files") {
    const TemporaryFolder folder;
    CHECK(contains(error_for(folder / "missing.npz"), "no such file"));
    CHECK(contains(error_for(folder / "."), "not a regular file"));
    CHECK(contains(error_for("/dev/zero"), "not a regular file"));
    write_sample(folder / "a.npz", true);
    const std::string whole = read_file(folder / "a.npz");
    for (std::size_t size = 0; size < whole.size(); size += 7) {
        write_file(folder / "cut.npz", whole.substr(0, size));
        CHECK(contains(error_for(folder / "cut.npz"), "cut.npz: "));
    }
    write_zip(folder / "other.zip", {{"readme.txt", "hello"}});
    CHECK(contains(error_for(folder / "other.zip"), "without any .npy"));
    write_zip(folder / "text.zip", {{"readme.npy", "hello, this is text"}});
    CHECK(contains(error_for(folder / "text.zip"), "member 'readme': is not a NumPy array"));
}

TEST_CASE("npz: headers that claim more or less than the member holds") {
    const TemporaryFolder folder;
    const std::filesystem::path path = folder / "a.npz";
    write_zip(path, {{"a.npy", float_header("(1152921504606846976,)") + "12345678"}});
    CHECK(contains(error_for(path), "member 'a': the shape (1152921504606846976,) is too large"));
    write_zip(path, {{"a.npy", float_header("(1099511627776,)") + "12345678"}});
    CHECK(contains(error_for(path), "but 8 are there"));
    write_zip(path, {{"a.npy", float_header("(2,)") + std::string(50'000'000, '\0')}});
    CHECK(std::filesystem::file_size(path) < 100'000);
    CHECK(contains(error_for(path), "more data"));
    write_zip(path, {{"a.npy", float_header("(2,)") + "12345678"}, {"notes.txt", "x"}});
    CHECK(read_npz(path).size() == 1);
}

TEST_CASE("npz: damaged content is noticed by its check sum") {
    const TemporaryFolder folder;
    NpzWriter writer(folder / "a.npz", false);
    writer.add("a", Array::of({2}, std::vector<float>{1, 2}));
    writer.commit();
    std::string bytes = read_file(folder / "a.npz");
    const std::size_t place = bytes.find("\n\0\0\x80\x3F", 0, 5);
    REQUIRE(place != std::string::npos);
    bytes[place + 1] = 1;
    write_file(folder / "a.npz", bytes);
    CHECK(contains(error_for(folder / "a.npz"), "member 'a': cannot be unpacked"));
}

TEST_CASE("npz: a full disk is an Error, the target stays as it was and nothing else is left") {
    const TemporaryFolder folder;
    write_file(folder / "a.npz", "old");
    std::vector<std::int64_t> noise(100'000);
    std::mt19937_64 random(1);
    for (auto& value : noise) value = static_cast<std::int64_t>(random());
    for (const bool compress : {true, false}) {
        const std::string message = error_of([&] {
            const FileSizeLimit limit(100'000);
            NpzWriter writer(folder / "a.npz", compress);
            writer.add("a", Array::of({100'000}, noise));
            writer.commit();
        });
        CHECK(contains(message, "a.npz: cannot be written"));
        CHECK(read_file(folder / "a.npz") == "old");
        CHECK(folder.count() == 1);
    }
}

TEST_CASE("npz: misuse of the writer") {
    const TemporaryFolder folder;
    CHECK(contains(error_of([&] { NpzWriter(folder / "missing/a.npz"); }), "there is no folder"));
    CHECK(contains(error_of([&] { NpzWriter("/dev/null"); }), "not a regular file"));
    CHECK(contains(error_of([&] { NpzWriter(folder / "a.npz").commit(); }), "no members"));
    NpzWriter writer(folder / "a.npz");
    writer.add("a", Array::of({}, std::vector<float>{1}));
    CHECK(contains(error_of([&] { writer.add("a", Array::of({}, std::vector<float>{1})); }), "given twice"));
    CHECK(folder.count() == 0);
}

TEST_CASE("npz: damaged archives are read or refused, never worse") {
    const TemporaryFolder folder;
    write_sample(folder / "a.npz", false);
    int refused = 0;
    for (const std::string& bytes : {read_file(folder / "a.npz"), from_hex(samples::npz_deflated)})
        refused += refused_mutations(bytes, 1000, [&](const std::string& damaged) {
            write_file(folder / "damaged.npz", damaged);
            read_npz(folder / "damaged.npz");
        });
    CHECK(refused > 500);
    CHECK(refused < 2000);
}
