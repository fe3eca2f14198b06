#include "data/pickle.hpp"

#include "kernels/error.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace poseaug {

namespace {

constexpr std::size_t max_depth = 190;
constexpr std::string_view program_start = "\x80\x04", program_end = ".";
constexpr std::string_view dict_start = "}(", dict_end = "u";

/// Emits the instructions of a pickle. Nothing is shared between parts, so no memo is needed.
class Pickler {
public:
    explicit Pickler(const ByteWriter& write) : write_(write) {}

    void value(const Value& value, std::size_t depth) {
        if (depth > max_depth) throw Error("data nested deeper than 190 levels cannot be written");
        std::visit([&](const auto& held) { emit(held, depth); }, value.data);
    }
    /// A 0-dimensional object array around `content`.
    void array_of(const Value& content) {
        begin_object();
        value(content, 1);
        end_object();
    }
    void begin_object() {
        begin_array({}, {'O', false, 8});
        code("](");
    }
    void end_object() {
        code("e");
        end_array();
    }
    void code(std::string_view instructions) { write_(instructions.data(), instructions.size()); }

private:
    void emit(std::monostate, std::size_t) { code("N"); }
    void emit(bool value, std::size_t) { code(value ? "\x88" : "\x89"); }
    void emit(std::int64_t value, std::size_t) { integer(value); }
    void emit(double value, std::size_t) {
        code("G");
        auto bits = std::bit_cast<std::uint64_t>(value);
        char bytes[8];
        for (int i = 8; i-- > 0; bits >>= 8) bytes[i] = static_cast<char>(bits & 0xFF);
        write_(bytes, 8);
    }
    void emit(const std::string& value, std::size_t) {
        size("X", "\x8d", value.size());
        code(value);
    }
    void emit(const Record& record, std::size_t) {
        throw Error("a reference to " + record.name + " cannot be written");
    }
    void emit(const List& list, std::size_t depth) {
        code("](");
        for (const Value& item : list) value(item, depth + 1);
        code("e");
    }
    void emit(const Dict& dict, std::size_t depth) {
        code(dict_start);
        for (const auto& [key, item] : dict) {
            if (key.is_list() || key.is_dict() || key.is_array())
                throw Error("a dict key has to be a number or text, but is " + key.describe());
            value(key, depth + 1);
            value(item, depth + 1);
        }
        code(dict_end);
    }
    void emit(const Array& array, std::size_t) {
        const FileType type = file_type_of(array);
        begin_array(array.shape, type);
        size("B", "\x8e", static_cast<std::uint64_t>(array.size()) * type.width);
        write_elements(array, type, write_);
        end_array();
    }
    /// Up to where the elements of the state tuple stand.
    void begin_array(const std::vector<std::int64_t>& shape, const FileType& type) {
        code("cnumpy.core.multiarray\n_reconstruct\n");
        code("cnumpy\nndarray\n");
        code({"K\0\x85"
              "C\1b\x87R",
              8});
        code("(K\1(");
        for (const std::int64_t extent : shape) integer(extent);
        code("t");
        dtype(type);
        code("\x89");
    }
    void end_array() { code("tb"); }
    void dtype(const FileType& type) {
        const std::string name = describe_file_type(type);
        code("cnumpy\ndtype\n");
        emit(type.kind == 'O' ? "O8" : name.substr(1), 0);
        code("\x89\x88\x87R(K\3");
        emit(name.substr(0, 1), 0);
        code("NNN");
        const bool text = type.kind == 'U';
        integer(text ? static_cast<std::int64_t>(type.width) : -1);
        integer(text ? 4 : -1);
        integer(text ? 8 : type.kind == 'O' ? 63 : 0);
        code("tb");
    }
    void integer(std::int64_t value) {
        const bool is_short = value == static_cast<std::int32_t>(value);
        code(is_short ? "J" : "\x8a\x08");
        write_(&value, is_short ? 4 : 8);
    }
    void size(std::string_view short_code, std::string_view long_code, std::uint64_t count) {
        const bool is_short = count <= std::numeric_limits<std::uint32_t>::max();
        code(is_short ? short_code : long_code);
        write_(&count, is_short ? 4 : 8);
    }

    const ByteWriter& write_;
};

template <class Use> void write_program(const ByteWriter& write, Use use) {
    Pickler pickler(write);
    pickler.code(program_start);
    use(pickler);
    pickler.code(program_end);
}

} // namespace

void write_pickle(const Value& value, const ByteWriter& write) {
    write_program(write, [&](Pickler& pickler) { pickler.value(value, 0); });
}

void write_pickled_array_of(const Value& value, const ByteWriter& write) {
    write_program(write, [&](Pickler& pickler) { pickler.array_of(value); });
}

PickledDictOfDicts::PickledDictOfDicts(ByteWriter write) : write_(std::move(write)) {
    Pickler pickler(write_);
    pickler.code(program_start);
    pickler.begin_object();
    pickler.code(dict_start);
}

void PickledDictOfDicts::add(const std::string& outer, const std::string& inner, const Value& value) {
    Pickler pickler(write_);
    if (!inside_ || outer != outer_) {
        if (inside_) pickler.code(dict_end);
        pickler.value({outer}, 2);
        pickler.code(dict_start);
        outer_ = outer;
        inside_ = true;
    }
    pickler.value({inner}, 3);
    pickler.value(value, 3);
}

void PickledDictOfDicts::finish() {
    Pickler pickler(write_);
    if (inside_) pickler.code(dict_end);
    pickler.code(dict_end);
    pickler.end_object();
    pickler.code(program_end);
}

} // namespace poseaug
