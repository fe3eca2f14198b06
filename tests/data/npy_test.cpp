#include "data/npy.hpp"

#include "tests/data/files.hpp"
#include "tests/data/pickle_samples.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <doctest/doctest.h>

using namespace poseaug;
using namespace poseaug::testing;

namespace {

ByteReader reader_of(const std::string& bytes, std::size_t& position) {
    return [&bytes, &position](std::byte* target, std::size_t count) {
        const std::size_t got = std::min(count, bytes.size() - position);
        std::memcpy(target, bytes.data() + position, got);
        position += got;
        return got;
    };
}

NpyContent parse(const std::string& bytes) {
    std::size_t position = 0;
    return read_npy(reader_of(bytes, position), "x.npy");
}

std::string with_header(const std::string& header, const std::string& payload, int version = 1) {
    std::string file = "\x93NUMPY" + std::string{static_cast<char>(version), '\0'};
    const auto size = static_cast<std::uint32_t>(header.size());
    file.append(reinterpret_cast<const char*>(&size), version == 1 ? 2 : 4);
    return file + header + payload;
}

std::string npy(const std::string& type, const std::string& shape, const std::string& payload, bool fortran = false) {
    return with_header("{'descr': '" + type + "', 'fortran_order': " + (fortran ? "True" : "False") +
                           ", 'shape': " + shape + ", }\n",
                       payload);
}

template <class T> std::string bytes_of(std::vector<T> values, bool swap = false) {
    std::string bytes(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
    if (swap)
        for (std::size_t i = 0; i < bytes.size(); i += sizeof(T))
            std::reverse(bytes.begin() + std::ptrdiff_t(i), bytes.begin() + std::ptrdiff_t(i + sizeof(T)));
    return bytes;
}

template <class T> void check_type(const std::string& name, ElementType type) {
    for (const bool swap : {false, true}) {
        const NpyContent content =
            parse(npy((swap ? ">" : "<") + name, "(3,)", bytes_of<T>({T(1), T(2), T(100)}, swap)));
        CHECK(content.array.type == type);
        CHECK(content.array.doubles() == std::vector<double>{1, 2, 100});
    }
}

std::string written(const Array& array) {
    std::string bytes;
    write_npy(array, [&](const void* data, std::size_t count) { bytes.append(static_cast<const char*>(data), count); });
    return bytes;
}

std::string error_for(const std::string& bytes) {
    return error_of([&] { parse(bytes); });
}

} // namespace

TEST_CASE("npy: every number type in both byte orders") {
    check_type<std::int8_t>("i1", ElementType::i8);
    check_type<std::int16_t>("i2", ElementType::i16);
    check_type<std::int32_t>("i4", ElementType::i32);
    check_type<std::int64_t>("i8", ElementType::i64);
    check_type<std::uint8_t>("u1", ElementType::u8);
    check_type<std::uint16_t>("u2", ElementType::u16);
    check_type<std::uint32_t>("u4", ElementType::u32);
    check_type<std::uint64_t>("u8", ElementType::u64);
    check_type<float>("f4", ElementType::f32);
    check_type<double>("f8", ElementType::f64);
    CHECK(parse(npy("|b1", "(2,)", std::string("\1\0", 2))).array.integers() == std::vector<std::int64_t>{1, 0});
}

TEST_CASE("npy: half floats are widened") {
    const std::vector<std::uint16_t> bits{0x3C00, 0xC000, 0x0001, 0x7BFF, 0x7C00, 0x8000, 0x3555};
    const std::vector<float> expected{1.0f, -2.0f, 0x1p-24f, 65504.0f, INFINITY, -0.0f, 0.333251953125f};
    CHECK(parse(npy("<f2", "(7,)", bytes_of(bits))).array.floats() == expected);
    CHECK(parse(npy(">f2", "(7,)", bytes_of(bits, true))).array.floats() == expected);
    CHECK(std::isnan(parse(npy("<f2", "()", bytes_of<std::uint16_t>({0x7E00}))).array.floats()[0]));
}

TEST_CASE("npy: Fortran order becomes C order") {
    // a[i][j][k] = 100 i + 10 j + k of shape (2, 3, 2)
    std::vector<std::int16_t> stored, expected;
    for (int k = 0; k < 2; ++k)
        for (int j = 0; j < 3; ++j)
            for (int i = 0; i < 2; ++i) stored.push_back(static_cast<std::int16_t>(100 * i + 10 * j + k));
    for (int i = 0; i < 2; ++i)
        for (int j = 0; j < 3; ++j)
            for (int k = 0; k < 2; ++k) expected.push_back(static_cast<std::int16_t>(100 * i + 10 * j + k));
    const Array array = parse(npy(">i2", "(2, 3, 2)", bytes_of(stored, true), true)).array;
    CHECK(array.shape == std::vector<std::int64_t>{2, 3, 2});
    CHECK(array.integers() == std::vector<std::int64_t>(expected.begin(), expected.end()));
    CHECK(parse(npy("<f4", "(0, 4)", "", true)).array.shape == std::vector<std::int64_t>{0, 4});
}

TEST_CASE("npy: text in both byte orders, and byte strings") {
    const std::vector<char32_t> points{U'a', 0, 0, 0xE9, 0x20AC, 0x1F600};
    const std::vector<std::string> expected{"a", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"};
    CHECK(parse(npy("<U3", "(2,)", bytes_of(points))).array.text == expected);
    CHECK(parse(npy(">U3", "(2,)", bytes_of(points, true))).array.text == expected);
    CHECK(parse(npy("|S2", "(2,)", std::string("a\0\xE9z", 4))).array.text ==
          std::vector<std::string>{"a", "\xC3\xA9z"});
    CHECK(contains(error_for(npy("<U1", "()", bytes_of<std::uint32_t>({0x110000}))), "not Unicode"));
    CHECK(contains(error_for(npy("<U1", "()", bytes_of<std::uint32_t>({0xD800}))), "not Unicode"));
}

TEST_CASE("npy: versions 1 to 3, any spacing and key order, Python 2 long integers") {
    const std::string payload = bytes_of<float>({1, 2});
    for (int version = 1; version <= 3; ++version)
        CHECK(parse(with_header("{\"shape\":(1,2L),'fortran_order' :False , 'descr':'<f4'}  \n", payload, version))
                  .array.shape == std::vector<std::int64_t>{1, 2});
    CHECK(contains(error_for(with_header("{}", "", 4)), "version 4"));
    CHECK(contains(error_for(with_header("{}", "", 0)), "version 0"));
}

TEST_CASE("npy: claims that the content does not keep") {
    const std::string two = bytes_of<float>({1, 2});
    CHECK(contains(error_for(npy("<f4", "(3,)", two)), "needs 12 bytes, but 8"));
    CHECK(contains(error_for(npy("<f4", "(1,)", two)), "more data"));
    CHECK(contains(error_for(npy("<f4", "(1152921504606846976,)", two)), "too large"));
    CHECK(contains(error_for(npy("<f4", "(1099511627776,)", two)), "but 8 are there"));
    CHECK(contains(error_for(npy("<U1099511627776", "(1,)", two)), "U1099511627776"));
    CHECK(contains(error_for(npy("<U1000000000", "(1000000000,)", two)), "too large"));
    CHECK(contains(error_for(npy("<f4", "(4294967296, 4294967296, 4294967296)", two)), "too large"));
    CHECK(contains(error_for(npy("<f4", "(99999999999999999999,)", two)), "whole numbers"));
    CHECK(contains(error_for(npy("<f4", "(-1,)", two)), "whole numbers"));
    CHECK(contains(error_for(npy("|S0", "(1000000000000,)", "")), "no width"));
}

TEST_CASE("npy: damaged headers and unsupported types") {
    const std::string whole = npy("<f4", "(2,)", bytes_of<float>({1, 2}));
    for (std::size_t size = 0; size < whole.size(); ++size) CHECK(error_for(whole.substr(0, size)) != "no error");
    CHECK(contains(error_for("PK\3\4 something else"), "not a NumPy array"));
    CHECK(contains(error_for(with_header("{'descr': '<f4', 'shape': (2,)}", "")), "not complete"));
    CHECK(contains(error_for(with_header("{'descr': '<f4', 'descr': '<f4'}", "")), "repeated key"));
    CHECK(contains(error_for(with_header("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': ()}", "")),
                   "structured"));
    CHECK(contains(error_for(with_header("__import__('os')", "")), "lacks a '{'"));
    CHECK(contains(error_for(with_header("", "", 2).replace(8, 4, "\xFF\xFF\xFF\xFF")), "claims 4294967295 bytes"));
    for (const char* type : {"<c8", "<M8[ns]", "|V4", "<f16", "<f3", "<i3", "b2", "", "<", "U", "<U-1", "f"})
        CHECK(contains(error_for(npy(type, "(1,)", "")), "has elements of type"));
    std::string axes = "(";
    for (int i = 0; i < 65; ++i) axes += "1,";
    CHECK(contains(error_for(npy("<f4", axes + ")", "")), "64 dimensions"));
}

TEST_CASE("npy: object arrays hold what they pickle, and shapes are checked") {
    const NpyContent one = parse(from_hex(samples::npy_object));
    REQUIRE(one.is_object);
    CHECK(one.object_shape.empty());
    REQUIRE(one.objects.size() == 1);
    REQUIRE(one.objects[0].find("k") != nullptr);
    CHECK(std::get<std::int64_t>(one.objects[0].find("k")->list("k")[1].data) == 2);
    const NpyContent four = parse(from_hex(samples::npy_objects));
    CHECK(four.object_shape == std::vector<std::int64_t>{2, 2});
    REQUIRE(four.objects.size() == 4);
    CHECK(four.objects[3].text("") == "b");
    CHECK(contains(error_for(replaced(from_hex(samples::npy_objects), "(2, 2)", "(2, 3)")), "object array (2, 3)"));
    CHECK(contains(error_for(from_hex(samples::npy_object) + "x"), "followed by other data"));
    CHECK(contains(error_for(npy("|O", "()", "")), "ends too early"));
}

TEST_CASE("npy: what is written is read back, in the layout NumPy writes") {
    Array flags{ElementType::boolean, {2}, {std::byte(1), std::byte(0)}, {}};
    for (const Array& array :
         {Array::of({2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6}), Array::of({}, std::vector<double>{1}),
          Array::of({0, 2}, std::vector<std::int64_t>{}), flags}) {
        const std::string bytes = written(array);
        CHECK(bytes.find('\n') % 64 == 63);
        const Array back = parse(bytes).array;
        CHECK(back.type == array.type);
        CHECK(back.shape == array.shape);
        CHECK(back.bytes == array.bytes);
    }
    CHECK(contains(written(Array::of({2}, std::vector<float>{1, 2})),
                   "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }  "));
    const Array text = Array::of({2}, std::vector<std::string>{"a\xC3\xA9", ""});
    CHECK(parse(written(text)).array.text == text.text);
    CHECK(contains(error_of([] { written(Array::of({1}, std::vector<std::string>{"\xFF"})); }), "UTF-8"));
    Array broken = flags;
    broken.bytes.clear();
    CHECK(contains(error_of([&] { written(broken); }), "does not hold"));
}

TEST_CASE("npy: damaged files are read or refused, never worse") {
    int refused = 0;
    for (const std::string& bytes :
         {npy("<f4", "(2, 3)", bytes_of<float>({1, 2, 3, 4, 5, 6}), true), npy("<U3", "(2,)", std::string(24, '\0')),
          from_hex(samples::npy_object), from_hex(samples::npy_objects)})
        refused += refused_mutations(bytes, 1000, [](const std::string& damaged) { parse(damaged); });
    CHECK(refused > 1000);
    CHECK(refused < 4000);
}
