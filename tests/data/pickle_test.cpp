#include "data/pickle.hpp"

#include "tests/data/files.hpp"
#include "tests/data/pickle_samples.hpp"

#include <cmath>
#include <cstring>
#include <doctest/doctest.h>

using namespace poseaug;
using namespace poseaug::testing;
using namespace std::string_literals;

namespace {

Value parse(const std::string& bytes) {
    std::size_t position = 0;
    const ByteReader read = [&](std::byte* target, std::size_t count) {
        const std::size_t got = std::min({count, bytes.size() - position, std::size_t(1000)});
        std::memcpy(target, bytes.data() + position, got);
        position += got;
        return got;
    };
    return read_pickle(read, "x.npz, member 'm'");
}

std::string error_for(const std::string& bytes) {
    return error_of([&] { parse(bytes); });
}

std::string written(const Value& value) {
    std::string bytes;
    write_pickle(value,
                 [&](const void* data, std::size_t count) { bytes.append(static_cast<const char*>(data), count); });
    return bytes;
}

const Value& at(const Value& value, const char* key) {
    const Value* found = value.find(key);
    REQUIRE_MESSAGE(found != nullptr, key);
    return *found;
}

std::int64_t integer(const Value& value) { return std::get<std::int64_t>(value.data); }

/// {'S1': {...}}, the tree in the samples.
void check_tree(const Value& tree) {
    const Value& subject = at(tree, "S1");
    const Array& poses = at(subject, "Walking").array("Walking");
    CHECK(poses.describe() == "(2, 3) float32");
    CHECK(poses.floats() == std::vector<float>{0, 1, 2, 3, 4, 5});
    CHECK(std::get<bool>(at(subject, "flag").data) == true);
    CHECK(integer(at(subject, "n")) == -3);
    CHECK(integer(at(subject, "big")) == std::int64_t(1) << 40);
    CHECK(std::get<double>(at(subject, "x").data) == 0.5);
    CHECK(std::holds_alternative<std::monostate>(at(subject, "none").data));
    CHECK(integer(at(subject, "pair").list("pair")[0]) == 1);
    CHECK(integer(at(subject, "pair").list("pair")[1].list("pair")[0]) == 2);
    CHECK(at(subject, "text").text("text") == "\xC3\xA9");
    CHECK(at(subject, "raw").text("raw") == "\xC3\xA9");
    CHECK(subject.dict("S1").front().first.text("") == "Walking");
    CHECK(subject.dict("S1").back().first.text("") == "raw");
}

void check_others(const Value& value) {
    const List& items = value.list("others");
    REQUIRE(items.size() == 16);
    CHECK(std::get<double>(items[0].data) == 1.5);
    CHECK(integer(items[1]) == -7);
    CHECK(std::get<bool>(items[2].data) == true);
    CHECK(items[3].text("") == "ab");
    CHECK(items[4].array("").text == std::vector<std::string>{"a", "bc\xC3\xA9"});
    CHECK(items[5].array("").text == std::vector<std::string>{"x", "yz"});
    CHECK(items[6].array("").floats() == std::vector<float>{1.5f, -2});
    CHECK(integer(items[7].list("").at(0)) == 5);
    CHECK(integer(items[8].list("").at(0)) == 6);
    CHECK(items[9].text("") == "q");
    CHECK(integer(at(items[10], "a")) == 1);
    CHECK(items[11].list("").size() == 4);
    CHECK(std::get<double>(items[11].list("")[3].data) == 2.5);
    CHECK(items[12].text("").empty());
    CHECK(items[13].array("").describe() == "(0, 3) float64");
    CHECK(items[14].array("").describe() == "(2, 2, 4) uint8");
    CHECK(items[14].array("").integers()[4] == 8);
    CHECK(items[15].array("").integers() == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5});
}

/// A list in a list in a list ...
std::string nested(int depth) {
    return std::string(static_cast<std::size_t>(depth), ']') + std::string(static_cast<std::size_t>(depth - 1), 'a') +
           ".";
}

} // namespace

TEST_CASE("pickle: the same tree in protocols 0 to 5, in both memory and byte orders") {
    for (const char* sample :
         {samples::tree_protocol0, samples::tree_protocol1, samples::tree_protocol2, samples::tree_protocol3,
          samples::tree_protocol4, samples::tree_protocol5, samples::tree_fortran, samples::tree_big_endian})
        check_tree(parse(from_hex(sample)));
}

TEST_CASE("pickle: module names of NumPy 2 mean the same") {
    for (const char* sample : {samples::tree_protocol2, samples::tree_protocol3})
        check_tree(parse(replaced(from_hex(sample), "numpy.core.", "numpy._core.")));
    const Array swapped = parse(from_hex(samples::axes_order)).array("");
    CHECK(swapped.describe() == "(2, 3) uint8");
    CHECK(swapped.integers() == std::vector<std::int64_t>{0, 2, 4, 1, 3, 5});
}

TEST_CASE("pickle: scalars, text, half floats, sets, ordered dicts and object arrays") {
    check_others(parse(from_hex(samples::others)));
    check_others(parse(from_hex(samples::others_protocol2)));
}

TEST_CASE("pickle: streams as Python 2 writes them") {
    // {'S1': array([1, 2], int16), 'n': 5L, u'e': -1.5, 'inf': inf}, protocol 0
    const std::string text_protocol =
        "(dp0\nS'S1'\np1\ncnumpy.core.multiarray\n_reconstruct\np2\n(cnumpy\nndarray\np3\n(I0\n"
        "tp4\nS'b'\np5\ntp6\nRp7\n(I1\n(L2L\ntp8\ncnumpy\ndtype\np9\n(S'i2'\np10\nI0\nI1\n"
        "tp11\nRp12\n(I3\nS'<'\np13\nNNNI-1\nI-1\nI0\ntp14\nbI00\n"
        "S'\\x01\\x00\\x02\\x00'\np15\ntp16\nbsS'n'\np17\nL5L\nsV\\u00e9\np18\nF-1.5\ns"
        "S\"inf\"\nFinf\ns.";
    const Value tree = parse(text_protocol);
    CHECK(at(tree, "S1").array("").integers() == std::vector<std::int64_t>{1, 2});
    CHECK(integer(at(tree, "n")) == 5);
    CHECK(std::get<double>(at(tree, "\xC3\xA9").data) == -1.5);
    CHECK(std::isinf(std::get<double>(at(tree, "inf").data)));

    // {'k': [array([258], '>u2')]}, protocol 2: byte strings everywhere
    const std::string binary_protocol =
        "\x80\x02}q\0U\1kq\1]q\2cnumpy.core.multiarray\n_reconstruct\nq\3cnumpy\nndarray\nq\4K\0\x85U\1b\x87Rq\5"
        "(K\1K\1\x85"
        "cnumpy\ndtype\nq\6U\2u2K\0K\1\x87Rq\7(K\3U\1>NNNJ\xFF\xFF\xFF\xFFJ\xFF\xFF\xFF\xFFK\0tb\x89"
        "T\2\0\0\0\1\2tbas."s;
    CHECK(at(parse(binary_protocol), "k").list("")[0].array("").integers() == std::vector<std::int64_t>{258});
    CHECK(parse(R"(S'\x41\101\n\'\\\q\t'
.)")
              .text("") == "AA\n'\\\\q\t");
    CHECK(parse("V\\ud83d\\ude00\\U0001F600\xE9\n.").text("") == "\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xC3\xA9");
}

TEST_CASE("pickle: numbers of every width") {
    CHECK(integer(parse("I-12\n.")) == -12);
    CHECK(integer(parse("\x8a\1\xFF."s)) == -1);
    CHECK(integer(parse("\x8a\0."s)) == 0);
    CHECK(integer(parse("\x8a\2\0\x80."s)) == -32768);
    CHECK(integer(parse("\x8b\3\0\0\0\0\0\1."s)) == 65536);
    CHECK(integer(parse("M\1\2."s)) == 513);
    CHECK(std::get<bool>(parse("I01\n.").data) == true);
    CHECK(contains(error_for("\x8a\x09\1\1\1\1\1\1\1\1\1."s), "longer than 64 bits"));
    CHECK(contains(error_for("\x8b\xFF\xFF\xFF\xFF."s), "longer than 64 bits"));
    CHECK(contains(error_for("L99999999999999999999L\n."), "longer than 64 bits"));
    CHECK(contains(error_for("Fabc\n."), "damaged float"));
}

TEST_CASE("pickle: names other than those of data are refused by name, never called") {
    CHECK(error_for(from_hex(samples::asks_for_system_protocol2)) ==
          "x.npz, member 'm': the pickle asks for posix.system, which is refused: only plain data and NumPy arrays are "
          "read");
    CHECK(contains(error_for(from_hex(samples::asks_for_system_protocol4)), "posix.system"));
    CHECK(contains(error_for("cos\nsystem\n(S'true'\ntR."), "os.system"));
    CHECK(contains(error_for("c__builtin__\neval\n(S'1'\ntR."), "__builtin__.eval"));
    CHECK(contains(error_for("(S'true'\nios\nsystem\n."), "os.system"));
    CHECK(contains(error_for("cnumpy\nload\n."), "numpy.load"));
    CHECK(contains(error_for("cnumpy.core.multiarray\n_reconstruct2\n."), "_reconstruct2"));
    CHECK(contains(error_for("cos\nsys\x1b[31m\xFFtem\n."), "os.sys?[31m?tem"));
    CHECK(contains(error_for("\x80\4\x8c\2os\x8c\6system\x93."), "os.system"));
}

TEST_CASE("pickle: instructions that reach outside of the data are refused") {
    CHECK(contains(error_for("c__builtin__\nset\n)\x81."), "object of a class"));
    CHECK(contains(error_for("(c__builtin__\nset\no."), "object of a class"));
    CHECK(contains(error_for("P12\n."), "persistent id"));
    CHECK(contains(error_for("NQ."), "persistent id"));
    CHECK(contains(error_for("\x82\1."), "extension registry"));
    CHECK(contains(error_for("\x80\5\x97."), "out-of-band"));
    CHECK(contains(error_for("\x80\5\x98."), "out-of-band"));
    CHECK(contains(error_for("\x80\6N."), "protocol 6"));
    CHECK(contains(error_for("\xF0."), "unknown instruction 240"));
    CHECK(contains(error_for("cnumpy\nndarray\n."), "holds a name"));
    CHECK(contains(error_for("cnumpy\nndarray\n)R."), "makes an array"));
    CHECK(contains(error_for("]}b."), "where a state was expected"));
}

TEST_CASE("pickle: truncated streams") {
    for (const char* sample : {samples::tree_protocol0, samples::tree_protocol2, samples::tree_protocol5}) {
        const std::string whole = from_hex(sample);
        for (std::size_t size = 0; size < whole.size(); ++size) CHECK(error_for(whole.substr(0, size)) != "no error");
    }
    CHECK(contains(error_for("N.N"), "followed by other data"));
    CHECK(contains(error_for("\x95\xFF\0\0\0\0\0\0\0N."s), "before its frame"));
    CHECK(contains(error_for("\x95\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFFN."s), "frame"));
}

TEST_CASE("pickle: absurd lengths and indices") {
    CHECK(contains(error_for("B\xFF\xFF\xFF\xFFxyz."s), "claims 4294967295 bytes"));
    CHECK(contains(error_for("\x8e\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFFxyz."s), "claims 18446744073709551615 bytes"));
    CHECK(contains(error_for("\x8d\0\0\0\0\0\1\0\0xyz."s), "claims 1099511627776 bytes"));
    CHECK(contains(error_for("j\xFF\xFF\xFF\xFF."s), "never made"));
    CHECK(contains(error_for("g18446744073709551615\n."), "never made"));
    CHECK(contains(error_for("Np99999999999999999999\n."), "damaged index"));
    CHECK(std::holds_alternative<std::monostate>(parse("Np18446744073709551615\n0g18446744073709551615\n.").data));
}

TEST_CASE("pickle: stack underflow and misused objects") {
    for (const char* program :
         {".",     "0.", "2.",   "a.",     "Na.",  "s.",      "t.",   "e.",   "u.",     "R.",    "b.",   "(.",  "(a.",
          "\x86.", "1.", "q\1.", "N(q\1.", "](Ne", "NN\x93.", "NNa.", "}Na.", "](NNu.", "}(Nu.", "NNR.", "(Nd."})
        CHECK_MESSAGE(contains(error_for(program), "the pickle"), program);
    CHECK(contains(error_for("X\2\0\0\0\xC3\x28."s), "not valid UTF-8"));
    CHECK(contains(error_for("S'abc\n."), "damaged byte string"));
    CHECK(contains(error_for("S'\\xZZ'\n."), "damaged byte string"));
    CHECK(contains(error_for("V\\ud83d\n."), "damaged text"));
    CHECK(contains(error_for("c_codecs\nencode\n(Vx\nVrot13\ntR."), "rot13"));
    CHECK(contains(error_for("c_codecs\nencode\n(V\\u20ac\nVlatin1\ntR."), "not Latin-1"));
}

TEST_CASE("pickle: depth and self reference") {
    CHECK(parse(nested(200)).is_list());
    CHECK(contains(error_for(nested(300)), "deeper than 200"));
    CHECK(contains(error_for(nested(1'000'000)), "deeper than 200"));
    CHECK(contains(error_for("]q\0h\0a."s), "refers to itself"));
    CHECK(contains(error_for("]q\0(h\0h\0h\0h\0e."s), "refers to itself"));
    CHECK(contains(error_for("}q\0Nh\0s."s), "refers to itself"));
    CHECK(contains(error_for("]q\0h\0\x85q\1ah\1."s), "refers to itself"));
    const std::string array = "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR";
    CHECK(contains(error_for(array + "."), "without content"));
    CHECK(contains(error_for(array + "q\0(I1\n(I1\ntcnumpy\ndtype\n(S'O8'\ntRI00\nh\0tb."s), "refers to itself"));
}

TEST_CASE("pickle: shared parts that would expand beyond measure are refused, modest sharing is read") {
    std::string bomb = "](" + std::string(100, 'N') + "eq\1";
    for (int level = 0; level < 20; ++level) bomb += "0](h\1h\1h\1h\1h\1h\1h\1h\1eq\1";
    CHECK(contains(error_for(bomb + "."), "repeats shared objects"));
    std::string copies = "B\0\0\x10\0"s + std::string(1 << 20, 'x') + "q\1](";
    for (int i = 0; i < 200; ++i) copies += "h\1";
    CHECK(contains(error_for(copies + "e."), "repeats shared objects"));
    const Value twice = parse("](X\3\0\0\0abcq\1h\1h\1e."s);
    CHECK(twice.list("")[0].text("") == "abc");
    CHECK(twice.list("")[2].text("") == "abc");
    std::string encodes = "X\0\0\x10\0"s + std::string(1 << 20, 'x') + "q\1";
    for (int i = 0; i < 200; ++i) encodes += "c_codecs\nencode\n(h\1Vlatin1\ntR0";
    CHECK(contains(error_for(encodes + "N."), "repeats shared objects"));
}

TEST_CASE("pickle: arrays that do not hold what they claim") {
    const auto array = [](const std::string& shape, const std::string& type, const std::string& content) {
        return "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(" + shape +
               "tcnumpy\ndtype\n(S'" + type + "'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntbI00\n" + content + "tb.";
    };
    CHECK(parse(array("I2\n", "i1", "S'ab'\n")).array("").integers() == std::vector<std::int64_t>{97, 98});
    CHECK(contains(error_for(array("I3\n", "i1", "S'ab'\n")), "needs 3 bytes, but 2 are there"));
    CHECK(contains(error_for(array("I1\n", "i1", "S'ab'\n")), "needs 1 bytes, but 2 are there"));
    CHECK(contains(error_for(array("I1152921504606846976\nI64\n", "f4", "S'ab'\n")), "too large"));
    CHECK(contains(error_for(array("I-1\n", "f4", "S'ab'\n")), "negative"));
    CHECK(contains(error_for(array("N", "f4", "S'ab'\n")), "whole number"));
    CHECK(contains(error_for(array("I1\n", "V4", "S'abcd'\n")), "'V4'"));
    CHECK(contains(error_for(array("I1\n", "c8", "S'abcdefgh'\n")), "'c8'"));
    CHECK(contains(error_for(array("I2\n", "O8", "(lI1\na")), "object array (2,) that holds 1"));
    CHECK(contains(error_for(array("I1\n", "f4", "N")), "None where the elements"));
    CHECK(contains(error_for(replaced(from_hex(samples::axes_order), "K\1K\0\x86"s, "K\1K\1\x86"s)), "no permutation"));
}

TEST_CASE("pickle: a repeated key keeps its place and gets the last value") {
    const Dict dict = parse("}(S'a'\nI1\nS'b'\nI2\nS'a'\nI3\nu.").dict("");
    REQUIRE(dict.size() == 2);
    CHECK(dict[0].first.text("") == "a");
    CHECK(integer(dict[0].second) == 3);
}

TEST_CASE("pickle: what is written is read back") {
    Array text = Array::of({2}, std::vector<std::string>{"a", "\xE2\x82\xAC"});
    const Value tree{Dict{{Value{std::string("poses")}, Value{Array::of({2, 1}, std::vector<float>{1.5f, -2})}},
                          {Value{std::int64_t(7)},
                           Value{List{Value{true}, Value{false}, Value{}, Value{std::int64_t(-1) << 40},
                                      Value{std::int64_t(-5)}, Value{0.1}, Value{text}, Value{Dict{}}, Value{List{}}}}},
                          {Value{std::string("bytes")}, Value{Array{ElementType::boolean, {1}, {std::byte(1)}, {}}}}}};
    const Value back = parse(written(tree));
    CHECK(at(back, "poses").array("").floats() == std::vector<float>{1.5f, -2});
    CHECK(at(back, "poses").array("").describe() == "(2, 1) float32");
    CHECK(at(back, "bytes").array("").describe() == "(1,) bool");
    CHECK(integer(back.dict("")[1].first) == 7);
    const List& list = back.dict("")[1].second.list("");
    REQUIRE(list.size() == 9);
    CHECK(std::get<bool>(list[0].data) == true);
    CHECK(std::get<bool>(list[1].data) == false);
    CHECK(std::holds_alternative<std::monostate>(list[2].data));
    CHECK(integer(list[3]) == std::int64_t(-1) << 40);
    CHECK(integer(list[4]) == -5);
    CHECK(std::get<double>(list[5].data) == 0.1);
    CHECK(list[6].array("").text == text.text);
    CHECK(list[7].dict("").empty());
    CHECK(list[8].list("").empty());
}

TEST_CASE("pickle: what no reader could take is not written") {
    CHECK(contains(error_of([] { written(Value{Dict{{Value{List{}}, Value{}}}}); }), "dict key"));
    Value deep;
    for (int i = 0; i < 250; ++i) deep = Value{List{std::move(deep)}};
    CHECK(contains(error_of([&] { written(deep); }), "deeper than 190"));
}

TEST_CASE("pickle: damaged streams are read or refused, never worse") {
    int refused = 0;
    for (const char* sample : {samples::tree_protocol0, samples::tree_protocol1, samples::tree_protocol2,
                               samples::tree_protocol4, samples::tree_protocol5, samples::others, samples::axes_order})
        refused += refused_mutations(from_hex(sample), 1000, [](const std::string& damaged) { parse(damaged); });
    CHECK(refused > 2000);
    CHECK(refused < 7000);
}
