#include "data/weight_file.hpp"

#include "data/npz.hpp"
#include "tests/data/torch_samples.hpp"

using namespace poseaug;
using namespace poseaug::testing;

namespace {

NamedTensors two_arrays() {
    return {{{"b.weight", Array::of({2, 2}, std::vector<float>{1, 2, 3, 4})},
             {"a.num_batches_tracked", Array::of({}, std::vector<std::int64_t>{9})}},
            {}};
}

} // namespace

TEST_CASE("weight file: every format holds the same names in their order, told apart by content") {
    const TemporaryFolder folder;
    for (const auto& [format, name] : {std::pair{WeightFormat::safetensors, "safetensors"},
                                       {WeightFormat::npz, "NumPy archive"},
                                       {WeightFormat::torch, "PyTorch, zip format"}}) {
        const auto path = folder / "weights.dat"; // a name that says nothing
        write_weight_file(path, format, two_arrays());
        const WeightFile file = read_weight_file(path);
        CHECK(file.format == format);
        CHECK(file.described == name);
        CHECK_FALSE(file.prefix_stripped);
        REQUIRE(file.tables.size() == 1);
        const auto& tensors = file.tables[0].content.tensors;
        REQUIRE(tensors.size() == 2);
        CHECK(tensors[0].first == "b.weight");
        CHECK(tensors[0].second.describe() == "(2, 2) float32");
        CHECK(tensors[0].second.floats() == std::vector<float>{1, 2, 3, 4});
        CHECK(tensors[1].second.describe() == "() int64");
    }
    CHECK(folder.count() == 1);
}

TEST_CASE("weight file: the prefix of all names is stripped, that of some is not") {
    const TemporaryFolder folder;
    NamedTensors content = two_arrays();
    for (auto& [name, array] : content.tensors) name.insert(0, "module.");
    write_weight_file(folder / "w", WeightFormat::npz, content);
    WeightFile file = read_weight_file(folder / "w");
    CHECK(file.prefix_stripped);
    CHECK(file.tables[0].content.tensors[0].first == "b.weight");
    content.tensors[0].first = "b.weight";
    write_weight_file(folder / "w", WeightFormat::npz, content);
    file = read_weight_file(folder / "w");
    CHECK_FALSE(file.prefix_stripped);
    CHECK(file.tables[0].content.tensors[1].first == "module.a.num_batches_tracked");
}

TEST_CASE("weight file: extensions and bare names say formats") {
    for (const char* name : {"a.pth", "a.pth.tar", "b/a.b.pt", "pytorch_model.bin", "pth", "pt"})
        CHECK(weight_format_for(name) == WeightFormat::torch);
    CHECK(weight_format_for("a.safetensors") == WeightFormat::safetensors);
    CHECK(weight_format_for("npz") == WeightFormat::npz);
    for (const char* name : {"a.tar", "a", "apth", "a.h5", ""})
        CHECK(contains(error_of([&] { weight_format_for(name); }), "does not say a format"));
}

TEST_CASE("weight file: what is none") {
    const TemporaryFolder folder;
    const auto error = [&](const std::string& bytes) {
        write_file(folder / "w.pth", bytes);
        return error_of([&] { read_weight_file(folder / "w.pth"); });
    };
    CHECK(contains(error("Dear reader"), "is no weight file"));
    CHECK(contains(error(""), "is no weight file"));
    CHECK(contains(error("\x80\2N."), "is no weight file"));
    CHECK(contains(error("\x93NUMPY\1"s + '\0'), "a single array without a name"));
    CHECK(contains(error("PK\3\4"), "w.pth"));
    CHECK(contains(error_of([&] { read_weight_file(folder / "none"); }), "there is no such file"));
    CHECK(contains(error_of([&] { read_weight_file("/dev/null"); }), "not a regular file"));
    NpzWriter writer(folder / "text.npz");
    writer.add("name", Array::of({1}, std::vector<std::string>{"x"}));
    writer.commit();
    CHECK(contains(error_of([&] { read_weight_file(folder / "text.npz"); }), "member 'name' holds text"));
}
