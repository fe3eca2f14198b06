#include "data/array.hpp"

#include "tests/data/files.hpp"

#include <doctest/doctest.h>
#include <limits>

using namespace poseaug;
using namespace poseaug::testing;

namespace {

template <class T> Array raw_array(ElementType type, const std::vector<T>& values) {
    Array array{
        type, {static_cast<std::int64_t>(values.size())}, std::vector<std::byte>(values.size() * sizeof(T)), {}};
    std::copy_n(reinterpret_cast<const std::byte*>(values.data()), array.bytes.size(), array.bytes.data());
    return array;
}

} // namespace

TEST_CASE("array: every element type converts to floats, doubles and integers") {
    const std::vector<double> expected{0, 1, 100};
    const auto check = [&]<class T>(ElementType type, T) {
        const Array array = raw_array<T>(type, {T(0), T(1), T(100)});
        CHECK(array.doubles() == expected);
        CHECK(array.floats() == std::vector<float>{0, 1, 100});
        CHECK(array.integers() == std::vector<std::int64_t>{0, 1, 100});
    };
    check(ElementType::i8, std::int8_t());
    check(ElementType::i16, std::int16_t());
    check(ElementType::i32, std::int32_t());
    check(ElementType::i64, std::int64_t());
    check(ElementType::u8, std::uint8_t());
    check(ElementType::u16, std::uint16_t());
    check(ElementType::u32, std::uint32_t());
    check(ElementType::u64, std::uint64_t());
    check(ElementType::f32, float());
    check(ElementType::f64, double());
    CHECK(raw_array<std::uint8_t>(ElementType::boolean, {0, 1, 7}).floats() == std::vector<float>{0, 1, 1});
    CHECK(raw_array<std::int8_t>(ElementType::i8, {-5}).doubles() == std::vector<double>{-5});
}

TEST_CASE("array: integers are refused where a value is not a whole number that fits") {
    CHECK(contains(error_of([] { Array::of({1}, std::vector<double>{0.5}).integers(); }), "whole numbers"));
    CHECK(contains(error_of([] { Array::of({1}, std::vector<double>{1e300}).integers(); }), "whole numbers"));
    CHECK(contains(
        error_of([] { Array::of({1}, std::vector<float>{std::numeric_limits<float>::quiet_NaN()}).integers(); }),
        "whole numbers"));
    const Array huge = raw_array<std::uint64_t>(ElementType::u64, {~std::uint64_t(0)});
    CHECK(contains(error_of([&] { huge.integers(); }), "18446744073709551615"));
}

TEST_CASE("array: text holds no numbers, and shapes have to fit") {
    const Array text = Array::of({2}, std::vector<std::string>{"a", "b"});
    CHECK(contains(error_of([&] { text.floats(); }), "text"));
    CHECK(contains(error_of([] { Array::of({2, 2}, std::vector<float>{1, 2, 3}); }), "(2, 2) cannot hold 3"));
    CHECK(contains(error_of([] { element_count({1 << 30, 1 << 30, 1 << 30}, "here"); }), "here: the shape"));
    CHECK(contains(error_of([] { element_count({-1}, "here"); }), "negative"));
    CHECK(element_count({0, std::int64_t(1) << 60, std::int64_t(1) << 60}, "") == 0);
    CHECK(element_count({}, "") == 1);
    Array broken = Array::of({2}, std::vector<float>{1, 2});
    broken.bytes.pop_back();
    CHECK(contains(error_of([&] { broken.floats(); }), "holds 7 bytes"));
}

TEST_CASE("array: descriptions") {
    CHECK(Array::of({3, 16, 2}, std::vector<float>(96)).describe() == "(3, 16, 2) float32");
    CHECK(Array::of({1}, std::vector<std::int64_t>{4}).describe() == "(1,) int64");
    CHECK(Array::of({}, std::vector<double>{4}).describe() == "() float64");
    CHECK(Value{List(3)}.describe() == "a list of 3");
    CHECK(Value{std::string("abc")}.describe() == "the text 'abc'");
}

TEST_CASE("array: members of a value come as the expected kind or as an Error that names the place") {
    const Value tree{Dict{{Value{std::string("a")}, Value{List{Value{true}}}}, {Value{std::int64_t(1)}, Value{}}}};
    REQUIRE(tree.find("a") != nullptr);
    CHECK(tree.find("a")->list("a").size() == 1);
    CHECK(tree.find("b") == nullptr);
    CHECK(tree.find("a")->find("b") == nullptr);
    CHECK(error_of([&] { tree.find("a")->dict("file/a"); }) == "file/a should be a dict, but is a list of 1");
    CHECK(contains(error_of([&] { tree.array("file"); }), "file should be an array, but is a dict of 2"));
    CHECK(contains(error_of([&] { tree.text("file"); }), "file should be text"));
}
