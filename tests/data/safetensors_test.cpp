#include "data/safetensors.hpp"

#include "tests/data/files.hpp"

#include <cmath>
#include <cstdint>
#include <doctest/doctest.h>

using namespace poseaug;
using namespace poseaug::testing;

namespace {

std::string file_of(const std::string& header, const std::string& data) {
    const std::uint64_t length = header.size();
    return std::string(reinterpret_cast<const char*>(&length), 8) + header + data;
}

NamedTensors parse(const TemporaryFolder& folder, const std::string& bytes) {
    write_file(folder / "x.safetensors", bytes);
    return read_safetensors(folder / "x.safetensors");
}

std::string error_for(const std::string& bytes) {
    const TemporaryFolder folder;
    return error_of([&] { parse(folder, bytes); });
}

std::string tensor(const std::string& name, const std::string& type, const std::string& shape,
                   const std::string& offsets) {
    return "\"" + name + "\":{\"dtype\":\"" + type + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
}

NamedTensors sample() {
    NamedTensors content;
    content.tensors.emplace_back("w.weight", Array::of({2, 2}, std::vector<float>{1, 2, 3, 4}));
    content.tensors.emplace_back("a.flags",
                                 Array{ElementType::boolean, {3}, std::vector<std::byte>(3, std::byte(1)), {}});
    content.tensors.emplace_back("moment", Array::of({1}, std::vector<double>{0.1}));
    content.tensors.emplace_back("steps", Array::of({}, std::vector<std::int64_t>{-9}));
    content.tensors.emplace_back("none", Array::of({0, 4}, std::vector<float>{}));
    content.metadata = {{"model", "mlp"}, {"note", "\xC3\xA9 \"quoted\""}};
    return content;
}

} // namespace

TEST_CASE("safetensors: what is written is read back, in order, with an aligned start of the data") {
    const TemporaryFolder folder;
    const NamedTensors content = sample();
    write_safetensors(folder / "a.safetensors", content);
    const NamedTensors back = read_safetensors(folder / "a.safetensors");
    REQUIRE(back.tensors.size() == content.tensors.size());
    for (std::size_t i = 0; i < content.tensors.size(); ++i) {
        CHECK(back.tensors[i].first == content.tensors[i].first);
        CHECK(back.tensors[i].second.describe() == content.tensors[i].second.describe());
        CHECK(back.tensors[i].second.bytes == content.tensors[i].second.bytes);
    }
    CHECK(back.metadata == content.metadata);
    CHECK(back.find("moment")->doubles() == std::vector<double>{0.1});
    CHECK(back.find("missing") == nullptr);
    std::uint64_t length = 0;
    std::ifstream(folder / "a.safetensors", std::ios::binary).read(reinterpret_cast<char*>(&length), 8);
    CHECK(length % 8 == 0);
    CHECK(folder.count() == 1);
}

TEST_CASE("safetensors: every stored type") {
    const TemporaryFolder folder;
    const auto value = [&](const std::string& type, const std::string& bytes) {
        const std::string size = std::to_string(bytes.size());
        return parse(folder, file_of("{" + tensor("t", type, "[]", "[0," + size + "]") + "}", bytes)).tensors[0].second;
    };
    CHECK(value("F16", std::string("\x00\xC0", 2)).floats() == std::vector<float>{-2});
    CHECK(value("BF16", std::string("\x80\xBF", 2)).floats() == std::vector<float>{-1});
    CHECK(value("F32", std::string("\0\0\x80\x3F", 4)).floats() == std::vector<float>{1});
    CHECK(value("F64", std::string("\0\0\0\0\0\0\xF0\x3F", 8)).doubles() == std::vector<double>{1});
    CHECK(value("I64", std::string(8, '\xFF')).integers() == std::vector<std::int64_t>{-1});
    CHECK(value("I32", std::string(4, '\xFF')).integers() == std::vector<std::int64_t>{-1});
    CHECK(value("I16", std::string(2, '\xFF')).integers() == std::vector<std::int64_t>{-1});
    CHECK(value("I8", "\xFF").integers() == std::vector<std::int64_t>{-1});
    CHECK(value("U8", "\xFF").integers() == std::vector<std::int64_t>{255});
    CHECK(value("U16", "\xFF\xFF").integers() == std::vector<std::int64_t>{65535});
    CHECK(value("U32", std::string(4, '\xFF')).integers() == std::vector<std::int64_t>{4294967295});
    CHECK(value("BOOL", "\1").integers() == std::vector<std::int64_t>{1});
    CHECK(contains(error_of([&] { value("F8_E4M3", "x"); }), "tensor 't' has elements of type 'F8_E4M3'"));
}

TEST_CASE("safetensors: order in the file, not in the header, and padded headers") {
    const TemporaryFolder folder;
    const NamedTensors content = parse(
        folder,
        file_of("{" + tensor("a", "U8", "[1]", "[2,3]") + "," + tensor("z", "U8", "[2]", "[0,2]") + "}   ", "xyz"));
    CHECK(content.tensors[0].first == "z");
    CHECK(content.tensors[1].second.integers() == std::vector<std::int64_t>{'z'});
    CHECK(parse(folder, file_of("{}", "")).tensors.empty());
}

TEST_CASE("safetensors: headers that do not fit the file") {
    CHECK(contains(error_for(""), "too short"));
    CHECK(contains(error_for("\1"), "too short"));
    CHECK(contains(error_for(std::string(8, '\xFF')), "claims 18446744073709551615 bytes"));
    CHECK(contains(error_for(std::string("\x10\0\0\0\0\0\0\0{}", 10)), "claims 16 bytes, but the file holds 2"));
    CHECK(contains(error_for(file_of("{\"a\":", "")), "not valid JSON"));
    CHECK(contains(error_for(file_of("[]", "")), "not a JSON object"));
    CHECK(contains(error_for(file_of(std::string(100'000, '['), "")), "nested"));
    CHECK(contains(error_for(file_of("{\"__metadata__\":{\"a\":1}}", "")), "not text"));
    CHECK(contains(error_for(file_of("{\"__metadata__\":3}", "")), "not a JSON object"));
    CHECK(contains(error_of([] { read_safetensors("missing.safetensors"); }), "no such file"));
    CHECK(contains(error_of([] { read_safetensors("/dev/zero"); }), "not a regular file"));
}

TEST_CASE("safetensors: tensors that overlap, leave gaps, repeat or do not fit") {
    const auto error = [](const std::string& entries, const std::string& data) {
        return error_for(file_of("{" + entries + "}", data));
    };
    const std::string a = tensor("a", "U8", "[2]", "[0,2]");
    CHECK(contains(error(a + "," + tensor("b", "U8", "[2]", "[1,3]"), "xyz"), "'b' overlaps"));
    CHECK(contains(error(a + "," + tensor("b", "U8", "[1]", "[3,4]"), "wxyz"), "'b' follows a gap"));
    CHECK(contains(error(a, "xyz"), "holds 3 bytes of data, but its tensors take 2"));
    CHECK(contains(error(a, "x"), "'a' ends at byte 2"));
    CHECK(contains(error(a + "," + a, "xy"), "'a' twice"));
    CHECK(contains(error("\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}", "xy"),
                   "'dtype' twice"));
    CHECK(contains(error(tensor("a", "U8", "[3]", "[0,2]"), "xy"), "does not fit"));
    CHECK(contains(error(tensor("a", "U8", "[2]", "[2,0]"), "xy"), "'a' ends at byte 0"));
    CHECK(contains(error(tensor("a", "F32", "[1152921504606846976]", "[0,2]"), "xy"), "does not fit"));
    CHECK(contains(error(tensor("a", "U8", "[4611686018427387904,8]", "[0,2]"), "xy"), "too large"));
    CHECK(contains(error(tensor("a", "U8", "[-2]", "[0,2]"), "xy"), "whole number"));
    CHECK(contains(error(tensor("a", "U8", "[2.0]", "[0,2]"), "xy"), "whole number"));
    CHECK(contains(error(tensor("a", "U8", "[2]", "[0]"), "xy"), "data_offsets"));
    CHECK(contains(error(tensor("a", "U8", "2", "[0,2]"), "xy"), "shape"));
    CHECK(contains(error("\"a\":3", "xy"), "dtype"));
    CHECK(contains(error("\"a\":{\"dtype\":{\"b\":{\"c\":{}}}}", "xy"), "nested"));
}

TEST_CASE("safetensors: what the format cannot hold is not written, and nothing is left behind") {
    const TemporaryFolder folder;
    const auto error = [&](const std::string& name, const Array& array, int copies = 1) {
        NamedTensors content;
        for (int i = 0; i < copies; ++i) content.tensors.emplace_back(name, array);
        return error_of([&] { write_safetensors(folder / "a.safetensors", content); });
    };
    const Array one = Array::of({1}, std::vector<float>{1});
    CHECK(contains(error("t", Array::of({1}, std::vector<std::string>{"x"})), "holds text"));
    CHECK(contains(error("t", one, 2), "given twice"));
    CHECK(contains(error("__metadata__", one), "reserved"));
    CHECK(contains(error("\xFF", one), "UTF-8"));
    CHECK(contains(error("t", Array{ElementType::f32, {2}, one.bytes, {}}), "holds 4 bytes"));
    const std::string full = error_of([&] {
        const FileSizeLimit limit(1000);
        write_safetensors(folder / "a.safetensors", {{{"t", Array::of({1000}, std::vector<float>(1000))}}, {}});
    });
    CHECK(contains(full, "cannot be written"));
    CHECK(folder.count() == 0);
}

TEST_CASE("safetensors: damaged files are read or refused, never worse") {
    const TemporaryFolder folder;
    write_safetensors(folder / "a.safetensors", sample());
    const int refused = refused_mutations(read_file(folder / "a.safetensors"), 2000,
                                          [&](const std::string& damaged) { parse(folder, damaged); });
    CHECK(refused > 1000);
    CHECK(refused < 2000);
}

TEST_CASE("safetensors: a tensor is written from the places where its elements lie") {
    const TemporaryFolder folder;
    const std::vector<float> all = {1, 2, 3, 4, 5, 6};
    const auto run = [&](std::size_t first, std::size_t count) {
        return std::as_bytes(std::span(all).subspan(first, count));
    };
    write_safetensors(folder / "a.safetensors", {{"w", ElementType::f32, {2, 2}, {run(4, 1), run(0, 3)}}},
                      {{"model", "mlp"}});
    const NamedTensors back = read_safetensors(folder / "a.safetensors");
    REQUIRE(back.find("w"));
    CHECK(back.find("w")->shape == std::vector<std::int64_t>{2, 2});
    CHECK(back.find("w")->floats() == std::vector<float>{5, 1, 2, 3});
    CHECK(back.metadata.at("model") == "mlp");
}
