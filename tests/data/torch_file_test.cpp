#include "data/torch_file.hpp"

#include "tests/data/torch_samples.hpp"

using namespace poseaug;
using namespace poseaug::testing;

namespace {

const std::vector<float> six = {0, 1, 2, 3, 4, 5};

TorchContent read_bytes(const std::string& bytes) {
    const TemporaryFolder folder;
    write_file(folder / "w.pth", bytes);
    return read_torch_file(folder / "w.pth");
}

std::string error_for(const std::string& bytes) {
    return error_of([&] { read_bytes(bytes); });
}

/// The tensor 'w' of a legacy file whose storage is 0, 1, ..., 5.
Array tensor(const std::string& code) {
    return read_bytes(legacy_file(dict_of("w", code), six)).tables.at(0).content.tensors.at(0).second;
}
std::string tensor_error(const std::string& code) { return error_for(legacy_file(dict_of("w", code), six)); }

/// The error of a file of this value, which refers to no storage.
std::string storageless_error(const std::string& code) {
    return error_for(legacy_start() + dict_of("w", code) + "\x80\2].");
}

TorchContent read_zip(const std::vector<std::pair<std::string, std::string>>& members, bool deflate = false) {
    const TemporaryFolder folder;
    write_zip(folder / "w.pt", members, deflate);
    return read_torch_file(folder / "w.pt");
}
std::string archive_error(const std::vector<std::pair<std::string, std::string>>& members, bool deflate = false) {
    return error_of([&] { read_zip(members, deflate); });
}

const std::string six_in_zip =
    dict_of("w", tensor_code(storage_reference(6, "FloatStorage", ""), "K\0"s, py2_tuple({6}), py2_tuple({1})));

} // namespace

TEST_CASE("torch: a legacy file as Python 2 writes it, bare and under a name") {
    const TorchContent bare = read_bytes(legacy_file(dict_of("w", tensor_code(6, 0, {2, 3}, {3, 1})), six));
    REQUIRE(bare.tables.size() == 1);
    CHECK(bare.tables[0].name.empty());
    CHECK(bare.tables[0].content.tensors.at(0).first == "w");
    CHECK(bare.tables[0].content.tensors[0].second.describe() == "(2, 3) float32");
    CHECK(bare.tables[0].content.tensors[0].second.floats() == six);

    // {'model_pos': OrderedDict([['w', tensor]]), 'epoch': 7L, 'optimizer': {'state': {5L: tensor}}}
    const std::string nested = "\x80\2}(" + py2_text("model_pos") + "ccollections\nOrderedDict\n]](" + py2_text("w") +
                               tensor_code(6, 0, {6}, {1}) + "ea\x85R" + py2_text("epoch") + "\x8a\1\7" +
                               py2_text("optimizer") + "}" + py2_text("state") + "}\x8a\1\5" +
                               tensor_code(6, 0, {6}, {1}) + "ssu.";
    const TorchContent content = read_bytes(legacy_file(nested, six));
    REQUIRE(content.tables.size() == 1);
    CHECK(content.tables[0].name == "model_pos");
    CHECK(content.tables[0].content.tensors.at(0).second.floats() == six);
    CHECK(content.tables[0].content.metadata.at("epoch") == "7");
    CHECK(content.left_out == std::vector<std::string>{"optimizer (1 tensors)"});
}

TEST_CASE("torch: older forms of tensors, parameters and ordered dicts") {
    const std::string old =
        "ctorch._utils\n_rebuild_tensor\n(" + storage_reference(6) + "K\0"s + py2_tuple({6}) + py2_tuple({1}) + "tR";
    CHECK(tensor(old).floats() == six);
    CHECK(tensor("ctorch._utils\n_rebuild_parameter\n(" + old + "\x88}tR").floats() == six);
    // the attributes that PyTorch gives a state_dict
    const std::string attributed = "\x80\2}" + py2_text("state_dict") + "ccollections\nOrderedDict\n)R" +
                                   py2_text("w") + old + "s}" + py2_text("_metadata") + "}sbs.";
    CHECK(read_bytes(legacy_file(attributed, six)).tables.at(0).content.tensors.at(0).second.floats() == six);
    // the magic number in other protocols
    const std::string rest = legacy_file(dict_of("w", old), six).substr(2);
    CHECK(read_bytes("\x80\3" + rest).tables.size() == 1);
    CHECK(read_bytes("\x80\4\x95\x0d\0\0\0\0\0\0\0"s + rest).tables.size() == 1);
    CHECK(read_bytes("L119547037146038801333356L\n." + rest.substr(13)).tables.size() == 1);
}

TEST_CASE("torch: offsets, strides, expanded and empty tensors, views of storages") {
    CHECK(tensor(tensor_code(6, 1, {2, 2}, {3, 1})).floats() == std::vector<float>{1, 2, 4, 5});
    CHECK(tensor(tensor_code(6, 0, {3, 2}, {1, 3})).floats() == std::vector<float>{0, 3, 1, 4, 2, 5});
    CHECK(tensor(tensor_code(6, 4, {2, 3}, {1, 0})).floats() == std::vector<float>{4, 4, 4, 5, 5, 5});
    CHECK(tensor(tensor_code(6, 5, {}, {})).floats() == std::vector<float>{5});
    CHECK(tensor(tensor_code(6, 6, {0, 3}, {3, 1})).describe() == "(0, 3) float32");
    CHECK(tensor(tensor_code(6, 0, {1, 2}, {127, 1})).floats() == std::vector<float>{0, 1});
    const std::string view = storage_reference(6, "FloatStorage", "(" + py2_text("2") + "K\2K\3t");
    CHECK(tensor(tensor_code(view, "K\1", py2_tuple({2}), py2_tuple({1}))).floats() == std::vector<float>{3, 4});
    CHECK(contains(tensor_error(tensor_code(view, "K\2", py2_tuple({2}), py2_tuple({1}))), "beyond its storage of 3"));
    const std::string beyond = storage_reference(6, "FloatStorage", "(" + py2_text("2") + "K\2K\5t");
    CHECK(contains(tensor_error(tensor_code(beyond, "K\0"s, py2_tuple({2}), py2_tuple({1}))), "view reaches beyond"));
}

TEST_CASE("torch: windows that reach out of their storage are refused") {
    for (const std::string& code :
         {tensor_code(6, 0, {7}, {1}), tensor_code(6, 1, {6}, {1}), tensor_code(6, 0, {2, 2}, {5, 1}),
          tensor_code(6, 7, {0}, {1}), tensor_code(6, 6, {}, {})})
        CHECK(contains(tensor_error(code), "beyond its storage of 6 elements"));
    CHECK(contains(tensor_error(tensor_code(6, 0, {2, 2}, {1})), "1 strides for shape (2, 2)"));
    const std::string whole = storage_reference(6), minus = "J\xFF\xFF\xFF\xFF",
                      most = "\x8a\x08" + std::string(7, '\xFF') + "\x7F";
    CHECK(contains(tensor_error(tensor_code(whole, "K\0"s, py2_tuple({2}), "(" + minus + "t")), "strides of a tensor"));
    CHECK(contains(tensor_error(tensor_code(whole, minus, py2_tuple({2}), py2_tuple({1}))), "offset of a tensor"));
    CHECK(contains(tensor_error(tensor_code(whole, "K\0"s, "(" + minus + "t", py2_tuple({1}))), "shape of a tensor"));
    CHECK(contains(tensor_error(tensor_code(whole, most, py2_tuple({2}), py2_tuple({1}))), "beyond its storage"));
    CHECK(contains(tensor_error(tensor_code(whole, "K\0"s, py2_tuple({3}), "(" + most + "t")), "beyond its storage"));
    CHECK(contains(tensor_error(tensor_code(whole, "K\0"s, "(" + most + most + "t", py2_tuple({0, 0}))), "too large"));
    CHECK(contains(tensor_error(tensor_code(whole, "K\0"s, "(" + most + "t", py2_tuple({0}))), "many times the file"));
    CHECK(contains(storageless_error(tensor_code("N", "K\0"s, py2_tuple({1}), py2_tuple({1}))), "wrong form"));
    CHECK(contains(storageless_error("ctorch._utils\n_rebuild_tensor_v2\n)R"), "wrong form"));
    CHECK(contains(storageless_error("ctorch._utils\n_rebuild_tensor_v2\n"), "wrong form"));
    CHECK(contains(storageless_error("ctorch._utils\n_rebuild_parameter\n)R"), "no named tensors"));
    CHECK(contains(tensor_error(tensor_code(whole, "K\0"s, "N", py2_tuple({1}))),
                   "the shape of a tensor should be a list"));
}

TEST_CASE("torch: many views of one storage do not outgrow the file by much") {
    std::string pickle = "\x80\2}(";
    for (char name = 'a'; name <= 'z'; ++name)
        pickle += py2_text(std::string(1, name)) +
                  tensor_code(storage_reference(1), "K\0"s, "(J\0\0\x10\0t"s, py2_tuple({0}));
    CHECK(contains(error_for(legacy_file(pickle + "u.", {1})), "many times the file's size"));
}

TEST_CASE("torch: names other than those of tensors are refused by name, never called") {
    const TemporaryFolder folder;
    const std::string trace = (folder / "trace").string(), call = "cos\nsystem\n(S'touch " + trace + "'\ntR.";
    CHECK(contains(error_for(legacy_file("\x80\2" + call, six)), "the pickle asks for os.system, which is refused"));
    CHECK(contains(error_for(replaced(legacy_file("N.", six), "\x80\2}", "\x80\2" + call)), "os.system"));
    CHECK(contains(archive_error({{"a/data.pkl", "\x80\2" + call}}), "os.system"));
    CHECK(contains(tensor_error("cposix\nsystem\n(S'touch " + trace + "'\ntR"), "posix.system"));
    CHECK(contains(tensor_error("ctorch\nload\n(S'x'\ntR"), "torch.load"));
    CHECK(contains(tensor_error("cargparse\nNamespace\n)\x81"), "argparse.Namespace"));
    CHECK(contains(tensor_error("cmodels.gcn\nSemGCN\n)\x81"), "(of a module, its state_dict())"));
    CHECK(contains(tensor_error("ctorch\nSize\n)\x81"), "object of a class"));
    CHECK(contains(tensor_error("ctorch\nSize\n}b"), "where a state was expected"));
    CHECK_FALSE(std::filesystem::exists(trace));
}

TEST_CASE("torch: references that are no storages") {
    const auto with = [](const std::string& id) { return tensor_code("(" + id + "tQ", "K\0"s, "(K\1t", "(K\1t"); };
    const std::string head = py2_text("storage"), type = "ctorch\nFloatStorage\n";
    CHECK(contains(tensor_error(with("")), "no storage"));
    CHECK(contains(tensor_error(with(py2_text("module") + "NNNN")), "whole module"));
    CHECK(contains(tensor_error(with(head + "ctorch\nSize\n" + py2_text("1") + "NK\6N")), "type is torch.Size"));
    CHECK(contains(tensor_error(with(head + "N" + py2_text("1") + "NK\6N")), "type is None"));
    CHECK(contains(tensor_error(with(head + type + "K\1NK\6N")), "key of a storage"));
    CHECK(contains(tensor_error(with(head + type + py2_text("1") + "NJ\xFF\xFF\xFF\xFFN")), "length of a storage"));
    CHECK(contains(tensor_error(with(head + type + py2_text("1") + "NJ\xFF\xFF\xFF\x7FN")), "too short for"));
    CHECK(contains(tensor_error(with(head + type + py2_text("2") + "NK\6N")), "one that nothing refers to"));
    const std::string both =
        "\x80\2}(" + py2_text("a") + tensor_code(6, 0, {1}, {1}) + py2_text("b") + tensor_code(5, 0, {1}, {1}) + "u.";
    CHECK(contains(error_for(legacy_file(both, six)), "in two ways"));
}

TEST_CASE("torch: files that hold no named tensors") {
    CHECK(contains(error_for(legacy_file("\x80\2}.", {})), "lists a storage twice"));
    const std::string empty = "\x80\2].";
    CHECK(contains(error_for(legacy_start() + "\x80\2}." + empty), "holds no named tensors"));
    CHECK(contains(error_for(legacy_start() + "\x80\2]." + empty), "holds a list of 0, where a dict of tensors"));
    CHECK(contains(error_for(legacy_start() + dict_of("epoch", "K\1") + empty), "holds no named tensors"));
    CHECK(contains(error_for("PK no archive"), "begins as a zip archive, but cannot be read"));
    CHECK(contains(error_for(""), "no PyTorch file"));
    CHECK(contains(error_for(std::string(257, 'x') + "ustar" + std::string(300, 'x')), "tar archive"));
    CHECK(contains(error_for(replaced(legacy_file("\x80\2}.", six), "M\xE9\3", "M\xEA\3")), "protocol version"));
    CHECK(contains(error_for(replaced(legacy_file("\x80\2}.", six), "\x88s.", "\x89s.")), "big-endian"));
}

TEST_CASE("torch: a legacy file that is cut short or has more than it should") {
    const std::string whole = legacy_file(dict_of("w", tensor_code(6, 0, {2, 3}, {3, 1})), six);
    for (std::size_t size = 0; size < whole.size(); ++size) CHECK(error_for(whole.substr(0, size)) != "no error");
    CHECK(contains(error_for(whole.substr(0, whole.size() - 1)), "needs 24 bytes, of which 23 are there"));
    CHECK(contains(error_for(whole + "x"), "followed by other data"));
    CHECK(contains(error_for(legacy_file(dict_of("w", tensor_code(7, 0, {6}, {1})), six)), "has 6 elements, where 7"));
    const int refused = refused_mutations(whole, 3000, [](const std::string& damaged) { read_bytes(damaged); });
    CHECK(refused > 1500);
    CHECK(refused < 3000);
}

TEST_CASE("torch: the zip format, under any folder, in either byte order") {
    const std::string elements = bytes_of(six);
    for (const std::string folder : {"archive/", "best model/", ""}) {
        const auto content = read_zip({{folder + "data.pkl", six_in_zip}, {folder + "data/1", elements}});
        CHECK(content.tables.at(0).content.tensors.at(0).second.floats() == six);
    }
    std::string swapped = elements;
    for (auto at = swapped.begin(); at != swapped.end(); at += 4) std::reverse(at, at + 4);
    const auto big = read_zip({{"a/data.pkl", six_in_zip}, {"a/byteorder", "big"}, {"a/data/1", swapped}});
    CHECK(big.tables.at(0).content.tensors.at(0).second.floats() == six);
    CHECK(contains(archive_error({{"a/data.pkl", six_in_zip}, {"a/byteorder", "up"}, {"a/data/1", swapped}}),
                   "byte order"));
}

TEST_CASE("torch: zip archives that are damaged or hold too little") {
    const std::string elements = bytes_of(six);
    CHECK(contains(archive_error({{"a/data.pkl", six_in_zip}}), "member 'a/data/1': is missing"));
    CHECK(contains(archive_error({{"a/data.pkl", six_in_zip}, {"a/data/1", elements + "x"}}),
                   "holds 25 bytes, where 24"));
    CHECK(
        contains(archive_error({{"a/data.pkl", six_in_zip + "N."}, {"a/data/1", elements}}), "followed by other data"));
    CHECK(contains(archive_error({{"a/data.pkl", six_in_zip + std::string(500, 'x')}, {"a/data/1", elements}}, true),
                   "is compressed"));
    CHECK(contains(archive_error({{"a/b/data.pkl", six_in_zip}}), "no PyTorch file"));
    const TemporaryFolder folder;
    write_zip(folder / "w.pt", {{"a/data.pkl", six_in_zip}, {"a/data/1", elements}});
    const std::string whole = read_file(folder / "w.pt");
    CHECK(contains(error_for(replaced(whole, elements, std::string(24, 'x'))), "checksum"));
    const int refused = refused_mutations(whole, 3000, [](const std::string& damaged) { read_bytes(damaged); });
    CHECK(refused > 1500);
    CHECK(refused < 3000);
}

TEST_CASE("torch: what is written is read back, byte for byte the same again, at multiples of 64 bytes") {
    const TemporaryFolder folder;
    const NamedTensors content{{{"layer.weight", Array::of({2, 3}, six)},
                                {"deep", Array::of({1, 2, 3, 1}, six)},
                                {"scalar", Array::of({}, std::vector<float>{7})},
                                {"empty", Array::of({0, 3}, std::vector<float>{})},
                                {"double", Array::of({2}, std::vector<double>{0.1, -1})},
                                {"count", Array::of({}, std::vector<std::int64_t>{std::int64_t(1) << 40})},
                                {"flag", {ElementType::boolean, {1}, {std::byte(1)}, {}}}},
                               {{"epoch", "3"}}};
    write_torch_file(folder / "w.pth", content);
    write_torch_file(folder / "again.pth", content);
    CHECK(folder.count() == 2);
    const std::string bytes = read_file(folder / "w.pth");
    CHECK(bytes == read_file(folder / "again.pth"));
    CHECK(torch_format_of(folder / "w.pth") == TorchFormat::zip);
    const auto back = read_torch_file(folder / "w.pth").tables.at(0).content.tensors;
    REQUIRE(back.size() == content.tensors.size());
    for (std::size_t i = 0; i < back.size(); ++i) {
        CHECK(back[i].first == content.tensors[i].first);
        CHECK(back[i].second.describe() == content.tensors[i].second.describe());
        CHECK(back[i].second.bytes == content.tensors[i].second.bytes);
    }
    CHECK(bytes.find(bytes_of(six)) % 64 == 0);
    CHECK(bytes.find(bytes_of({7}), bytes.find("data/2")) % 64 == 0);
}

TEST_CASE("torch: what cannot be written leaves nothing behind") {
    const TemporaryFolder folder;
    const auto error = [&](const NamedTensors& content) {
        return error_of([&] { write_torch_file(folder / "w.pth", content); });
    };
    const Array one = Array::of({1}, std::vector<float>{1});
    CHECK(contains(error({{{"t", Array::of({1}, std::vector<std::string>{"x"})}}, {}}), "'t' is (1,) text"));
    CHECK(contains(error({{{"t", {ElementType::u16, {1}, std::vector<std::byte>(2), {}}}}, {}}), "uint16"));
    CHECK(contains(error({{{"t", one}, {"t", one}}, {}}), "given twice"));
    CHECK(contains(error({{{"\xFF", one}}, {}}), "UTF-8"));
    CHECK(contains(error({{}, {}}), "no tensors"));
    CHECK(contains(error({{{"t", {ElementType::f32, {2}, std::vector<std::byte>(4), {}}}}, {}}), "holds 4 bytes"));
    CHECK(contains(error_of([&] { write_torch_file(folder / "none" / "w.pth", {{{"t", one}}, {}}); }), "no folder"));
    {
        const FileSizeLimit limit(64);
        CHECK(contains(error({{{"t", one}}, {}}), "cannot be written"));
    }
    CHECK(folder.count() == 0);
}
