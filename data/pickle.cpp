#include "data/pickle.hpp"

#include "data/pickle_input.hpp"
#include "data/pickle_objects.hpp"
#include "data/unicode.hpp"
#include "kernels/error.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>

namespace poseaug {

namespace {

using namespace pickled;

constexpr std::size_t max_depth = 200;
constexpr std::size_t max_operations = std::size_t(1) << 24;

template <class Number> std::optional<Number> parse_number(std::string_view text) {
    Number value{};
    if (!text.empty() && text[0] == '+') text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// The machine a pickle is a program for, reduced to what builds data.
class Unpickler {
public:
    Unpickler(const ByteReader& read, const std::string& where, const PickleNames& names = {})
        : input_(read, where), where_(where), names_(names) {}

    std::uint64_t length() const { return input_.position(); }
    void require_end() {
        if (!input_.at_end()) input_.fail("is followed by other data; the file is damaged");
    }
    Value run() {
        while (step(input_.byte()))
            if (++operations_ > max_operations) input_.fail("holds more objects than can be read");
        const Id result = pop();
        if (input_.position() < frame_end_) input_.fail("ends before its frame does; the file is damaged");
        uses_.assign(objects_.size(), 0);
        count_uses(result, 0);
        return convert(result);
    }

private:
    // Stack, memo and pool.
    Id create(Object object) {
        objects_.push_back(std::move(object));
        return static_cast<Id>(objects_.size() - 1);
    }
    void push(Object object) { stack_.push_back(create(std::move(object))); }
    std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
    Id top() {
        if (stack_.size() <= floor()) input_.fail("takes more objects than it made; the file is damaged");
        return stack_.back();
    }
    Id pop() {
        const Id id = top();
        stack_.pop_back();
        return id;
    }
    std::vector<Id> pop_to_mark() {
        if (marks_.empty()) input_.fail("lacks a mark; the file is damaged");
        const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
        std::vector<Id> items(begin, stack_.end());
        stack_.erase(begin, stack_.end());
        marks_.pop_back();
        return items;
    }
    std::vector<Id> pop_several(std::size_t count) {
        std::vector<Id> items(count);
        for (std::size_t i = count; i-- > 0;) items[i] = pop();
        return items;
    }
    void pop_one() {
        if (!marks_.empty() && marks_.back() == stack_.size()) marks_.pop_back();
        else pop();
    }
    void remember(std::uint64_t index) { memo_[index] = top(); }
    void recall(std::uint64_t index) {
        const auto found = memo_.find(index);
        if (found == memo_.end()) input_.fail("refers to an object it never made; the file is damaged");
        stack_.push_back(found->second);
    }
    std::uint64_t decimal_index() {
        const auto index = parse_number<std::uint64_t>(input_.line());
        if (!index) input_.fail("has a damaged index");
        return *index;
    }
    template <class Kind> Kind& as(Id id, const char* expected) {
        if (id != nothing)
            if (Kind* found = std::get_if<Kind>(&objects_[id])) return *found;
        input_.fail(std::string("has ") + (id == nothing ? "nothing" : describe(objects_[id])) + " where " + expected +
                    " was expected");
    }
    /// Bounds what copies and repeated references may add to the size of the pickle itself.
    void charge(std::size_t bytes) {
        expanded_ += bytes;
        if (expanded_ > (std::uint64_t(64) << 20) + 16 * input_.position())
            input_.fail("repeats shared objects until they are many times its own size; it is refused");
    }

    // Opcodes.
    bool step(std::uint8_t op) {
        switch (op) {
        case '.': return false;
        case 0x80: protocol(); break;
        case 0x95:
            frame_end_ = input_.number(8);
            begin_frame();
            break;
        case '(': marks_.push_back(stack_.size()); break;
        case '0': pop_one(); break;
        case '1': pop_to_mark(); break;
        case '2': stack_.push_back(top()); break;
        case 'p': remember(decimal_index()); break;
        case 'q': remember(input_.byte()); break;
        case 'r': remember(input_.number(4)); break;
        case 0x94: remember(memo_.size()); break;
        case 'g': recall(decimal_index()); break;
        case 'h': recall(input_.byte()); break;
        case 'j': recall(input_.number(4)); break;
        case 'N': push(std::monostate{}); break;
        case 0x88: push(true); break;
        case 0x89: push(false); break;
        case 'I': push_int_line(); break;
        case 'L': push_integer_text(input_.line()); break;
        case 'J': push(std::int64_t(input_.signed_int())); break;
        case 'K': push(std::int64_t(input_.byte())); break;
        case 'M': push(std::int64_t(input_.number(2))); break;
        case 0x8a: push_long(input_.byte()); break;
        case 0x8b: push_long(input_.number(4)); break;
        case 'F': push_float_line(); break;
        case 'G': push(input_.big_endian_double()); break;
        case 'S': push_quoted_bytes(); break;
        case 'T':
        case 'B': push(Bytes{input_.bytes(input_.number(4))}); break;
        case 'U':
        case 'C': push(Bytes{input_.bytes(input_.byte())}); break;
        case 0x8e:
        case 0x96: push(Bytes{input_.bytes(input_.number(8))}); break;
        case 'V': push_escaped_text(); break;
        case 0x8c: push_text(input_.text(input_.byte())); break;
        case 'X': push_text(input_.text(input_.number(4))); break;
        case 0x8d: push_text(input_.text(input_.number(8))); break;
        case ')':
        case ']':
        case 0x8f: push(Sequence{}); break;
        case 't':
        case 'l':
        case 0x91: push(Sequence{pop_to_mark()}); break;
        case 0x85:
        case 0x86:
        case 0x87: push(Sequence{pop_several(op - 0x84)}); break;
        case 'a': append(pop_several(1)); break;
        case 'e':
        case 0x90: append(pop_to_mark()); break;
        case '}': push(Mapping{}); break;
        case 'd':
            push(Mapping{});
            set_items_below();
            break;
        case 's': set_items(pop_several(2)); break;
        case 'u': set_items(pop_to_mark()); break;
        case 'c': push_global(); break;
        case 0x93: push_stack_global(); break;
        case 'R': reduce(); break;
        case 'b': build(); break;
        case 'Q': push_persistent(op); break;
        default: refuse(op);
        }
        return true;
    }

    [[noreturn]] void refuse(std::uint8_t op) {
        switch (op) {
        case 'i': {
            const std::string module = input_.line();
            refuse_name(module, input_.line());
        }
        case 'o':
        case 0x81:
        case 0x92: input_.fail("makes an object of a class; only plain data and NumPy arrays are read");
        case 'P':
        case 'Q': input_.fail("refers to data kept outside of it (a persistent id), which cannot be read");
        case 0x82:
        case 0x83:
        case 0x84: input_.fail("uses Python's extension registry, which cannot be read");
        case 0x97:
        case 0x98: input_.fail("refers to a buffer kept outside of it (out-of-band data), which cannot be read");
        }
        input_.fail("has an unknown instruction " + std::to_string(op) + "; the file is damaged");
    }
    [[noreturn]] void refuse_name(const std::string& module, const std::string& name) {
        std::string shown = (module + "." + name).substr(0, 200);
        std::replace_if(
            shown.begin(), shown.end(), [](unsigned char c) { return c < 0x20 || c > 0x7E; }, '?');
        throw Error(where_ + ": the pickle asks for " + shown + ", which is refused: only " +
                    std::string(names_.what_is_read) + " are read");
    }
    void protocol() {
        const int version = input_.byte();
        if (version > 5) input_.fail("has protocol " + std::to_string(version) + ", where 0 to 5 are known");
    }
    void begin_frame() {
        if (__builtin_add_overflow(frame_end_, input_.position(), &frame_end_)) input_.fail("has a damaged frame");
    }
    void push_int_line() {
        const std::string text = input_.line();
        if (text == "00" || text == "01") push(text == "01");
        else push_integer_text(text);
    }
    void push_integer_text(std::string text) {
        if (!text.empty() && text.back() == 'L') text.pop_back();
        const auto value = parse_number<std::int64_t>(text);
        if (!value) input_.fail("has an integer that is damaged or longer than 64 bits");
        push(*value);
    }
    void push_long(std::uint64_t width) {
        if (width > 8) input_.fail("has an integer that is longer than 64 bits");
        std::uint64_t value = input_.number(static_cast<int>(width));
        if (width > 0 && width < 8 && (value >> (8 * width - 1) & 1)) value |= ~std::uint64_t(0) << 8 * width;
        push(static_cast<std::int64_t>(value));
    }
    void push_float_line() {
        const auto value = parse_number<double>(input_.line());
        if (!value) input_.fail("has a damaged float");
        push(*value);
    }
    void push_quoted_bytes() {
        const auto text = unquote_python_bytes(input_.line());
        if (!text) input_.fail("has a damaged byte string");
        push(to_bytes(*text));
    }
    void push_escaped_text() {
        auto text = decode_raw_unicode(input_.line());
        if (!text) input_.fail("has a damaged text");
        push(std::move(*text));
    }
    void push_text(std::string text) {
        if (!is_utf8(text)) input_.fail("has a text that is not valid UTF-8");
        push(std::move(text));
    }
    void append(const std::vector<Id>& items) {
        auto& list = as<Sequence>(top(), "a list").items;
        list.insert(list.end(), items.begin(), items.end());
    }
    void set_items(const std::vector<Id>& items) {
        if (items.size() % 2) input_.fail("has a dict key without a value");
        auto& list = as<Mapping>(top(), "a dict").items;
        list.insert(list.end(), items.begin(), items.end());
    }
    void set_items_below() {
        const Id mapping = pop();
        const std::vector<Id> items = pop_to_mark();
        stack_.push_back(mapping);
        set_items(items);
    }
    void push_global() {
        const std::string module = input_.line();
        push_named(module, input_.line());
    }
    void push_stack_global() {
        const Id name = pop(), module = pop();
        push_named(as<std::string>(module, "a module name"), as<std::string>(name, "a name"));
    }
    void push_named(const std::string& module, const std::string& name) {
        for (const AcceptedName& accepted : accepted_names)
            if (accepted.module == module && accepted.name == name) return push(accepted.meaning);
        for (const std::string_view known : names_.names)
            if (known == module + "." + name) return push(PickledRecord{known, nothing});
        refuse_name(module, name);
    }
    void push_persistent(std::uint8_t op) {
        if (!names_.persistent_ids) refuse(op);
        const Id id = pop();
        push(PickledRecord{kPersistentId, create(Sequence{{id}})});
    }

    // The accepted names, applied to arguments.
    void reduce() {
        const Id arguments = pop(), callee = pop();
        const std::vector<Id>& given = as<Sequence>(arguments, "arguments").items;
        if (const auto* record = std::get_if<PickledRecord>(&objects_[callee]); record && record->arguments == nothing)
            return push(PickledRecord{record->name, arguments});
        const Global global = as<Global>(callee, "a name to apply");
        const auto require = [&](std::size_t least, std::size_t most) {
            if (given.size() < least || given.size() > most) input_.fail("has a wrong number of arguments");
        };
        switch (global) {
        case Global::reconstruct:
            require(3, 3);
            require_ndarray(given[0]);
            push(PickledArray{});
            break;
        case Global::scalar:
            require(2, 2);
            push(PickledArray{given[0], nothing, given[1], nothing, false});
            break;
        case Global::from_buffer:
            require(4, 5);
            push_from_buffer(given);
            break;
        case Global::dtype:
            require(1, 3);
            push(parse_file_type(text_of(given[0]), where_));
            break;
        case Global::encode:
            require(2, 2);
            push_encoded(given[0], given[1]);
            break;
        case Global::bytes:
            require(0, 2);
            push_bytes(given);
            break;
        case Global::sequence:
            require(0, 1);
            push_copy(given);
            break;
        case Global::mapping:
            require(0, 1);
            push_mapping(given);
            break;
        case Global::ndarray: input_.fail("makes an array in a way NumPy does not write");
        }
    }
    void require_ndarray(Id id) {
        if (as<Global>(id, "numpy.ndarray") != Global::ndarray) input_.fail("makes an array of an unknown class");
    }
    static Bytes to_bytes(std::string_view text) {
        const auto* begin = reinterpret_cast<const std::byte*>(text.data());
        return {std::vector<std::byte>(begin, begin + text.size())};
    }
    /// A short text, which Python 2 writes as bytes.
    std::string text_of(Id id) {
        if (const auto* bytes = std::get_if<Bytes>(&objects_[id])) return std::string(bytes->view().substr(0, 64));
        return as<std::string>(id, "text").substr(0, 64);
    }
    void push_from_buffer(const std::vector<Id>& given) {
        const std::string order = text_of(given[3]);
        const bool by_axes = order == "K" && given.size() == 5 && !std::get_if<std::monostate>(&objects_[given[4]]);
        if (!by_axes && order != "C" && order != "F") input_.fail("has an array of an unknown memory order");
        push(PickledArray{given[1], given[2], given[0], by_axes ? given[4] : nothing, order == "F"});
    }
    void push_encoded(Id text, Id encoding) {
        const std::string& source = as<std::string>(text, "text");
        const std::string name = text_of(encoding);
        if (name != "latin1" && name != "latin-1") input_.fail("encodes bytes as '" + name + "', not as latin1");
        charge(source.size());
        const auto bytes = utf8_to_latin1(source);
        if (!bytes) input_.fail("has bytes written as text that is not Latin-1");
        push(to_bytes(*bytes));
    }
    void push_bytes(const std::vector<Id>& given) {
        if (given.empty()) return push(Bytes{});
        if (given.size() == 2) return push_encoded(given[0], given[1]);
        as<Bytes>(given[0], "bytes");
        stack_.push_back(given[0]);
    }
    void push_copy(const std::vector<Id>& given) {
        if (given.empty()) return push(Sequence{});
        charge(as<Sequence>(given[0], "a list").items.size() * sizeof(Id));
        push(Sequence(as<Sequence>(given[0], "a list")));
    }
    void push_mapping(const std::vector<Id>& given) {
        Mapping mapping;
        if (!given.empty()) {
            const auto& pairs = as<Sequence>(given[0], "a list of pairs").items;
            charge(pairs.size() * 2 * sizeof(Id));
            for (const Id pair : pairs) {
                const auto& items = as<Sequence>(pair, "a pair").items;
                if (items.size() != 2) input_.fail("has an ordered dict that is not made of pairs");
                mapping.items.insert(mapping.items.end(), items.begin(), items.end());
            }
        }
        push(std::move(mapping));
    }
    void build() {
        const Id state_id = pop(), target = top();
        // attributes of an ordered dict, such as the versions that PyTorch notes, are not part of what it holds
        if (std::get_if<Mapping>(&objects_[target]) && std::get_if<Mapping>(&objects_[state_id])) return;
        const std::vector<Id>& state = as<Sequence>(state_id, "a state").items;
        if (auto* array = std::get_if<PickledArray>(&objects_[target])) build_array(*array, state);
        else build_dtype(as<FileType>(target, "an array or a dtype"), state);
    }
    /// State: (version,) shape, dtype, whether in Fortran order, elements.
    void build_array(PickledArray& array, const std::vector<Id>& state) {
        if (state.size() != 4 && state.size() != 5) input_.fail("has an array in an unknown form");
        const Id* fields = state.data() + state.size() - 4;
        array = {fields[1], fields[0], fields[3], nothing, flag(fields[2])};
    }
    bool flag(Id id) {
        if (const auto* number = std::get_if<std::int64_t>(&objects_[id])) return *number != 0;
        return as<bool>(id, "a boolean");
    }
    /// State: version, byte order, and things that only structured types have.
    void build_dtype(FileType& type, const std::vector<Id>& state) {
        if (state.size() < 2) input_.fail("has an element type in an unknown form");
        const std::string order = text_of(state[1]);
        if (order != "<" && order != ">" && order != "|" && order != "=") input_.fail("has an unknown byte order");
        type.big_endian = order == ">";
    }

    // Conversion of the objects the result refers to.
    void count_uses(Id id, std::size_t depth) {
        if (depth > max_depth) input_.fail("is nested deeper than 200 levels, or refers to itself");
        const Object& object = objects_[id];
        if (uses_[id]++ > 0) charge(sizeof(Value) + held_bytes(object));
        if (const auto* list = std::get_if<Sequence>(&object)) {
            for (const Id item : list->items) count_uses(item, depth + 1);
        } else if (const auto* mapping = std::get_if<Mapping>(&object)) {
            for (const Id item : mapping->items) count_uses(item, depth + 1);
        } else if (const auto* array = std::get_if<PickledArray>(&object); array && array->payload != nothing) {
            count_uses(array->payload, depth + 1);
        } else if (const auto* record = std::get_if<PickledRecord>(&object); record && record->arguments != nothing) {
            count_uses(record->arguments, depth + 1);
        }
    }
    static std::size_t held_bytes(const Object& object) {
        if (const auto* text = std::get_if<std::string>(&object)) return text->size();
        if (const auto* bytes = std::get_if<Bytes>(&object)) return bytes->data.size();
        return 0;
    }
    Value convert(Id id) {
        const bool last_use = --uses_[id] == 0;
        Object& object = objects_[id];
        if (const auto* value = std::get_if<bool>(&object)) return {*value};
        if (const auto* value = std::get_if<std::int64_t>(&object)) return {*value};
        if (const auto* value = std::get_if<double>(&object)) return {*value};
        if (auto* text = std::get_if<std::string>(&object)) return {last_use ? std::move(*text) : *text};
        if (const auto* bytes = std::get_if<Bytes>(&object)) return {latin1_to_utf8(bytes->view())};
        if (const auto* list = std::get_if<Sequence>(&object)) return {convert_list(*list)};
        if (const auto* mapping = std::get_if<Mapping>(&object)) return {convert_dict(*mapping)};
        if (const auto* array = std::get_if<PickledArray>(&object)) return convert_array(*array);
        if (const auto* record = std::get_if<PickledRecord>(&object)) return {convert_record(*record)};
        if (std::holds_alternative<std::monostate>(object)) return {};
        input_.fail(std::string("holds ") + describe(object) + " where data was expected");
    }
    List convert_list(const Sequence& sequence) {
        List list;
        list.reserve(sequence.items.size());
        for (const Id item : sequence.items) list.push_back(convert(item));
        return list;
    }
    Record convert_record(const PickledRecord& record) {
        Record result{std::string(record.name), {}};
        if (record.arguments == nothing) return result;
        --uses_[record.arguments];
        result.items = convert_list(as<Sequence>(record.arguments, "arguments"));
        return result;
    }
    /// As in Python, a repeated key keeps its first place and gets the last value.
    Dict convert_dict(const Mapping& mapping) {
        Dict dict;
        std::unordered_map<std::string, std::size_t> places;
        dict.reserve(mapping.items.size() / 2);
        for (std::size_t i = 0; i + 1 < mapping.items.size(); i += 2) {
            Value key = convert(mapping.items[i]), value = convert(mapping.items[i + 1]);
            if (const auto* text = std::get_if<std::string>(&key.data)) {
                const auto [place, is_new] = places.emplace(*text, dict.size());
                if (!is_new) {
                    dict[place->second].second = std::move(value);
                    continue;
                }
            }
            dict.emplace_back(std::move(key), std::move(value));
        }
        return dict;
    }
    Value convert_array(const PickledArray& array) {
        if (array.payload == nothing) input_.fail("has an array without content");
        const FileType type = as<FileType>(array.dtype, "an element type");
        const bool is_scalar = array.shape == nothing;
        StoredLayout layout{is_scalar ? std::vector<std::int64_t>{} : integers(array.shape), {}};
        if (type.kind == 'O') return convert_objects(array, layout.shape);
        if (array.fortran_order) layout = StoredLayout::fortran_order(std::move(layout.shape));
        if (array.axes != nothing) layout.axes = permutation(array.axes, layout.shape.size());
        Array result = decode_array(type, layout, take_payload(array.payload), where_);
        return is_scalar ? scalar_value(result) : Value{std::move(result)};
    }
    Value convert_objects(const PickledArray& array, const std::vector<std::int64_t>& shape) {
        const std::size_t held = as<Sequence>(array.payload, "a list of objects").items.size();
        if (static_cast<std::uint64_t>(element_count(shape, where_)) != held)
            input_.fail("has an object array " + describe_shape(shape) + " that holds " + std::to_string(held));
        return convert(array.payload);
    }
    static Value scalar_value(const Array& array) {
        if (array.type == ElementType::text) return {array.text[0]};
        if (array.type == ElementType::boolean) return {array.integers()[0] != 0};
        if (array.type == ElementType::f32 || array.type == ElementType::f64) return {array.doubles()[0]};
        return {array.integers()[0]};
    }
    std::vector<std::int64_t> integers(Id id) {
        std::vector<std::int64_t> values;
        const auto& items = as<Sequence>(id, "a shape").items;
        if (items.size() > 64) input_.fail("has an array of more than 64 dimensions");
        for (const Id item : items) values.push_back(as<std::int64_t>(item, "a whole number"));
        return values;
    }
    std::vector<std::size_t> permutation(Id id, std::size_t rank) {
        std::vector<std::size_t> axes;
        for (const std::int64_t axis : integers(id)) axes.push_back(static_cast<std::size_t>(axis));
        std::vector<std::size_t> sorted = axes;
        std::sort(sorted.begin(), sorted.end());
        for (std::size_t i = 0; i < sorted.size(); ++i)
            if (sorted[i] != i) input_.fail("has an array whose axes are no permutation");
        if (axes.size() != rank) input_.fail("has an array whose axes do not fit its shape");
        return axes;
    }
    /// The bytes of an array: taken at their last use, copied before.
    std::vector<std::byte> take_payload(Id id) {
        const bool last_use = --uses_[id] == 0;
        if (const auto* text = std::get_if<std::string>(&objects_[id])) {
            const auto bytes = utf8_to_latin1(*text);
            if (!bytes) input_.fail("has array elements written as text that is not Latin-1");
            return to_bytes(*bytes).data;
        }
        auto& bytes = as<Bytes>(id, "the elements of an array").data;
        return last_use ? std::move(bytes) : bytes;
    }

    PickleInput input_;
    const std::string& where_;
    const PickleNames names_;
    std::deque<Object> objects_;
    std::vector<Id> stack_;
    std::vector<std::size_t> marks_;
    std::unordered_map<std::uint64_t, Id> memo_;
    std::vector<std::uint32_t> uses_;
    std::size_t operations_ = 0;
    std::uint64_t frame_end_ = 0, expanded_ = 0;
};

} // namespace

Value read_pickle(const ByteReader& read, const std::string& where) {
    Unpickler unpickler(read, where);
    Value value = unpickler.run();
    unpickler.require_end();
    return value;
}

Value take_pickle(std::span<const std::byte>& bytes, const std::string& where, const PickleNames& names) {
    std::span<const std::byte> left = bytes;
    const ByteReader read = [&](std::byte* target, std::size_t count) {
        const std::size_t got = std::min(count, left.size());
        if (got) std::memcpy(target, left.data(), got);
        left = left.subspan(got);
        return got;
    };
    Unpickler unpickler(read, where, names);
    Value value = unpickler.run();
    bytes = bytes.subspan(unpickler.length());
    return value;
}

} // namespace poseaug
