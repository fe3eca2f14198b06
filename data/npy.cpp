#include "data/npy.hpp"

#include "data/half.hpp"
#include "data/pickle.hpp"
#include "data/unicode.hpp"
#include "kernels/error.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <numeric>
#include <optional>

namespace poseaug {

namespace {

constexpr std::size_t max_rank = 64;
constexpr std::uint32_t max_header = 1 << 20;
constexpr std::string_view magic = "\x93NUMPY";

struct NpyHeader {
    FileType type;
    bool fortran_order = false;
    std::vector<std::int64_t> shape;
};

/// Parser of the Python literal in a header: a dict of text, booleans and tuples of integers.
class HeaderParser {
public:
    HeaderParser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

    NpyHeader parse() {
        std::optional<FileType> type;
        std::optional<bool> fortran;
        std::optional<std::vector<std::int64_t>> shape;
        expect('{');
        while (!accept('}')) {
            const std::string key = quoted();
            expect(':');
            if (key == "descr" && !type) type = descr();
            else if (key == "fortran_order" && !fortran) fortran = boolean();
            else if (key == "shape" && !shape) shape = tuple();
            else fail("has an unexpected or repeated key '" + key + "'");
            if (!accept(',')) {
                expect('}');
                break;
            }
        }
        skip_space();
        if (position_ != text_.size() || !type || !fortran || !shape) fail("is not complete");
        return {*type, *fortran, std::move(*shape)};
    }

private:
    [[noreturn]] void fail(const std::string& what) const {
        throw Error(where_ + ": the .npy header " + what + "; the file is damaged or of an unsupported kind");
    }
    void skip_space() {
        while (position_ < text_.size() && std::string_view(" \t\r\n").find(text_[position_]) != std::string_view::npos)
            ++position_;
    }
    bool accept(char token) {
        skip_space();
        if (position_ == text_.size() || text_[position_] != token) return false;
        ++position_;
        return true;
    }
    void expect(char token) {
        if (!accept(token)) fail(std::string("lacks a '") + token + "' at character " + std::to_string(position_));
    }
    std::string quoted() {
        const char quote = accept('\'') ? '\'' : '"';
        if (quote == '"') expect('"');
        const std::size_t end = text_.find(quote, position_);
        if (end == std::string_view::npos) fail("has text without an end");
        const std::string result(text_.substr(position_, end - position_));
        position_ = end + 1;
        return result;
    }
    FileType descr() {
        if (accept('[') || accept('(') || accept('{')) fail("describes a structured type, where numbers were expected");
        return parse_file_type(quoted(), where_);
    }
    bool boolean() {
        skip_space();
        for (const auto& [name, value] : {std::pair{std::string_view("True"), true}, {"False", false}})
            if (text_.substr(position_, name.size()) == name) return position_ += name.size(), value;
        fail("has no True or False for fortran_order");
    }
    std::vector<std::int64_t> tuple() {
        std::vector<std::int64_t> extents;
        expect('(');
        while (!accept(')')) {
            if (extents.size() == max_rank) fail("has more than " + std::to_string(max_rank) + " dimensions");
            extents.push_back(extent());
            if (!accept(',')) {
                expect(')');
                break;
            }
        }
        return extents;
    }
    std::int64_t extent() {
        skip_space();
        std::int64_t value = 0;
        const char* begin = text_.data() + position_;
        const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
        if (error != std::errc() || value < 0) fail("has a shape that is not made of whole numbers in range");
        position_ += static_cast<std::size_t>(end - begin);
        if (position_ < text_.size() && text_[position_] == 'L') ++position_; // Python 2 long integers
        return value;
    }

    std::string_view text_;
    const std::string& where_;
    std::size_t position_ = 0;
};

std::string read_text(const ByteReader& read, std::uint64_t count, const std::string& where) {
    const std::vector<std::byte> bytes = read_at_most(read, count);
    if (bytes.size() != count) throw Error(where + ": ends within the .npy header; the file is cut short");
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

NpyHeader read_header(const ByteReader& read, const std::string& where) {
    const std::vector<std::byte> start = read_at_most(read, magic.size() + 2);
    if (start.size() != magic.size() + 2 || std::memcmp(start.data(), magic.data(), magic.size()) != 0)
        throw Error(where + ": is not a NumPy array (it does not begin as a .npy file does)");
    const int version = std::to_integer<int>(start[magic.size()]);
    if (version < 1 || version > 3)
        throw Error(where + ": .npy format version " + std::to_string(version) + ", where 1 to 3 are known");
    const std::string size_field = read_text(read, version == 1 ? 2 : 4, where);
    std::uint32_t size = 0;
    std::memcpy(&size, size_field.data(), size_field.size());
    if (size > max_header)
        throw Error(where + ": the .npy header claims " + std::to_string(size) + " bytes; the file is damaged");
    return HeaderParser(read_text(read, size, where), where).parse();
}

void require_end(const ByteReader& read, const std::string& where) {
    std::byte extra;
    if (read(&extra, 1) != 0) throw Error(where + ": holds more data than its header describes; the file is damaged");
}

/// Brings the elements (of `width` bytes, whatever they mean) into C order of the array's own axes.
std::vector<std::byte> rearrange(const std::vector<std::byte>& stored, std::size_t width, const StoredLayout& layout) {
    const std::size_t rank = layout.axes.size();
    std::vector<std::size_t> stored_stride(rank, width), extent(rank), stride(rank), index(rank, 0);
    for (std::size_t i = rank - 1; i-- > 0;)
        stored_stride[i] = stored_stride[i + 1] * static_cast<std::size_t>(layout.shape[i + 1]);
    for (std::size_t i = 0; i < rank; ++i) {
        extent[i] = static_cast<std::size_t>(layout.shape[layout.axes[i]]);
        stride[i] = stored_stride[layout.axes[i]];
    }
    std::vector<std::byte> result(stored.size());
    const std::byte* source = stored.data();
    for (std::size_t target = 0; target < result.size(); target += width) {
        std::memcpy(result.data() + target, source, width);
        for (std::size_t axis = rank; axis-- > 0;) {
            source += stride[axis];
            if (++index[axis] < extent[axis]) break;
            source -= stride[axis] * extent[axis];
            index[axis] = 0;
        }
    }
    return result;
}

template <class Unit> void swap_units(std::vector<std::byte>& bytes) {
    for (std::size_t i = 0; i + sizeof(Unit) <= bytes.size(); i += sizeof(Unit))
        std::reverse(bytes.data() + i, bytes.data() + i + sizeof(Unit));
}

void swap_bytes(std::vector<std::byte>& bytes, std::uint64_t unit) {
    if (unit == 2) swap_units<std::uint16_t>(bytes);
    if (unit == 4) swap_units<std::uint32_t>(bytes);
    if (unit == 8) swap_units<std::uint64_t>(bytes);
}

std::string decode_ucs4(const std::byte* bytes, std::size_t width, const std::string& where) {
    std::u32string points(width / 4, U'\0');
    if (width) std::memcpy(points.data(), bytes, width);
    points.erase(points.find_last_not_of(U'\0') + 1);
    std::string text;
    for (const char32_t point : points)
        if (!append_utf8(text, point)) throw Error(where + ": holds text that is not Unicode; the file is damaged");
    return text;
}

std::string decode_bytes(const std::byte* bytes, std::size_t width) {
    std::string_view text(reinterpret_cast<const char*>(bytes), width);
    return latin1_to_utf8(text.substr(0, text.find_last_not_of('\0') + 1));
}

std::vector<std::string> decode_texts(const FileType& type, std::size_t count, const std::vector<std::byte>& payload,
                                      const std::string& where) {
    std::vector<std::string> texts;
    texts.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::byte* element = payload.data() + i * type.width;
        texts.push_back(type.kind == 'U' ? decode_ucs4(element, type.width, where) : decode_bytes(element, type.width));
    }
    return texts;
}

ElementType element_type(const FileType& type) {
    const auto by_width = [&](ElementType narrowest) {
        const int step = type.width == 1 ? 0 : type.width == 2 ? 1 : type.width == 4 ? 2 : 3;
        return static_cast<ElementType>(static_cast<int>(narrowest) + step);
    };
    switch (type.kind) {
    case 'b': return ElementType::boolean;
    case 'i': return by_width(ElementType::i8);
    case 'u': return by_width(ElementType::u8);
    case 'f': return type.width == 8 ? ElementType::f64 : ElementType::f32;
    default: return ElementType::text;
    }
}

/// Bytes of the payload that type and shape ask for; Error if no memory could hold them.
std::uint64_t payload_size(const FileType& type, const std::vector<std::int64_t>& shape, const std::string& where) {
    const auto count = static_cast<std::uint64_t>(element_count(shape, where));
    std::uint64_t size = 0;
    if (__builtin_mul_overflow(count, type.width, &size) || size > std::uint64_t(1) << 48)
        throw Error(where + ": the shape " + describe_shape(shape) + " is too large for any memory");
    if (count > 0 && type.width == 0) throw Error(where + ": has elements of no width; the file is damaged");
    return size;
}

std::string header_text(const FileType& type, const std::vector<std::int64_t>& shape) {
    std::string text = "{'descr': '" + describe_file_type(type) +
                       "', 'fortran_order': False, 'shape': " + describe_shape(shape) + ", }";
    const std::size_t prefix = magic.size() + 4, alignment = 64;
    const std::size_t total = (prefix + text.size() + 1 + alignment - 1) / alignment * alignment;
    text.append(total - prefix - text.size() - 1, ' ');
    return text + '\n';
}

void write_header(const FileType& type, const std::vector<std::int64_t>& shape, const ByteWriter& write) {
    if (shape.size() > max_rank) throw Error("an array of more than 64 dimensions cannot be written");
    const std::string text = header_text(type, shape);
    const auto size = static_cast<std::uint16_t>(text.size());
    write(magic.data(), magic.size());
    write("\x01\x00", 2);
    write(&size, 2);
    write(text.data(), text.size());
}

std::u32string code_points(const std::string& text) {
    if (auto points = decode_utf8(text)) return std::move(*points);
    throw Error("a text to be written is not valid UTF-8");
}

NpyContent read_objects(const ByteReader& read, std::vector<std::int64_t> shape, const std::string& where) {
    NpyContent content;
    content.is_object = true;
    Value value = read_pickle(read, where);
    const auto expected = static_cast<std::uint64_t>(element_count(shape, where));
    List* elements = std::get_if<List>(&value.data);
    if (!elements || elements->size() != expected)
        throw Error(where + ": the header describes an object array " + describe_shape(shape) + ", but it holds " +
                    value.describe());
    content.objects = std::move(*elements);
    content.object_shape = std::move(shape);
    return content;
}

} // namespace

FileType parse_file_type(std::string_view text, const std::string& where) {
    const auto refuse = [&]() -> Error {
        return Error(where + ": has elements of type '" + std::string(text.substr(0, 40)) +
                     "', where booleans, integers, floats of 16 to 64 bits or text can be read");
    };
    FileType type;
    std::string_view rest = text;
    if (!rest.empty() && std::string_view("<>|=").find(rest[0]) != std::string_view::npos) {
        type.big_endian = rest[0] == '>';
        rest.remove_prefix(1);
    }
    if (rest.empty()) throw refuse();
    type.kind = rest[0];
    rest.remove_prefix(1);
    const bool plain_object = type.kind == 'O' && rest.empty();
    std::uint32_t number = plain_object ? 8 : 0;
    if (!plain_object) {
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
        if (error != std::errc() || end != rest.data() + rest.size()) throw refuse();
    }
    type.width = type.kind == 'U' ? std::uint64_t(number) * 4 : number;
    const bool power_of_two = number == 1 || number == 2 || number == 4 || number == 8;
    switch (type.kind) {
    case 'b':
        if (number == 1) return type;
        break;
    case 'i':
    case 'u':
        if (power_of_two) return type;
        break;
    case 'f':
        if (power_of_two && number > 1) return type;
        break;
    case 'O':
        if (number == 4 || number == 8) return type;
        break;
    case 'U':
    case 'S': return type;
    }
    throw refuse();
}

StoredLayout StoredLayout::fortran_order(std::vector<std::int64_t> shape) {
    StoredLayout layout{std::move(shape), {}};
    std::reverse(layout.shape.begin(), layout.shape.end());
    layout.axes.resize(layout.shape.size());
    std::iota(layout.axes.rbegin(), layout.axes.rend(), std::size_t(0));
    return layout;
}

Array decode_array(const FileType& type, const StoredLayout& layout, std::vector<std::byte> payload,
                   const std::string& where) {
    if (layout.shape.size() > max_rank) throw Error(where + ": has an array of more than 64 dimensions");
    const std::uint64_t expected = payload_size(type, layout.shape, where);
    if (payload.size() != expected)
        throw Error(where + ": an array " + describe_shape(layout.shape) + " of type '" + describe_file_type(type) +
                    "' needs " + std::to_string(expected) + " bytes, but " + std::to_string(payload.size()) +
                    " are there; the file is damaged or cut short");
    Array array;
    array.type = element_type(type);
    array.shape = layout.shape;
    for (std::size_t i = 0; i < layout.axes.size(); ++i) array.shape[i] = layout.shape[layout.axes[i]];
    if (layout.axes.size() > 1) payload = rearrange(payload, type.width, layout);
    if (type.big_endian) swap_bytes(payload, type.kind == 'U' ? 4 : type.kind == 'S' ? 1 : type.width);
    if (array.type == ElementType::text)
        array.text = decode_texts(type, static_cast<std::size_t>(element_count(array.shape, where)), payload, where);
    else
        array.bytes = type.kind == 'f' && type.width == 2 ? widen_elements(payload, half_to_float) : std::move(payload);
    return array;
}

FileType file_type_of(const Array& array) {
    if (array.type == ElementType::text) {
        std::size_t longest = 1;
        for (const std::string& text : array.text) longest = std::max(longest, code_points(text).size());
        return {'U', false, longest * 4};
    }
    const char kind = array.type == ElementType::boolean ? 'b'
                      : array.type <= ElementType::i64   ? 'i'
                      : array.type <= ElementType::u64   ? 'u'
                                                         : 'f';
    return {kind, false, element_size(array.type)};
}

std::string describe_file_type(const FileType& type) {
    if (type.kind == 'O') return "|O";
    const char order = type.kind == 'S' || type.width == 1 ? '|' : type.big_endian ? '>' : '<';
    return std::string{order, type.kind} + std::to_string(type.kind == 'U' ? type.width / 4 : type.width);
}

void write_elements(const Array& array, const FileType& type, const ByteWriter& write) {
    const auto count = static_cast<std::uint64_t>(array.size());
    const bool is_text = array.type == ElementType::text;
    if (is_text ? array.text.size() != count : array.bytes.size() != count * type.width)
        throw Error("an array " + array.describe() + " to be written does not hold as many elements as its shape says");
    if (!is_text) return write(array.bytes.data(), array.bytes.size());
    for (const std::string& text : array.text) {
        std::u32string points = code_points(text);
        points.resize(type.width / 4, U'\0');
        write(points.data(), type.width);
    }
}

std::vector<std::byte> read_at_most(const ByteReader& read, std::uint64_t count) {
    constexpr std::uint64_t first_piece = 1 << 20;
    std::vector<std::byte> bytes;
    std::size_t filled = 0;
    while (filled < count) {
        if (filled == bytes.size()) {
            const std::uint64_t grown = std::min(count, std::max<std::uint64_t>(first_piece, 2 * filled));
            bytes.reserve(grown);
            bytes.resize(grown);
        }
        const std::size_t got = read(bytes.data() + filled, bytes.size() - filled);
        if (got == 0) break;
        filled += got;
    }
    bytes.resize(filled);
    return bytes;
}

NpyContent read_npy(const ByteReader& read, const std::string& where) {
    NpyHeader header = read_header(read, where);
    if (header.type.kind == 'O') {
        NpyContent content = read_objects(read, std::move(header.shape), where);
        require_end(read, where);
        return content;
    }
    NpyContent content;
    std::vector<std::byte> payload = read_at_most(read, payload_size(header.type, header.shape, where));
    StoredLayout layout = header.fortran_order ? StoredLayout::fortran_order(std::move(header.shape))
                                               : StoredLayout{std::move(header.shape), {}};
    content.array = decode_array(header.type, layout, std::move(payload), where);
    require_end(read, where);
    return content;
}

void write_npy(const Array& array, const ByteWriter& write) {
    const FileType type = file_type_of(array);
    write_header(type, array.shape, write);
    write_elements(array, type, write);
}

void write_npy_object_header(const ByteWriter& write) { write_header({'O', false, 8}, {}, write); }

void write_npy_object(const Value& value, const ByteWriter& write) {
    write_npy_object_header(write);
    write_pickled_array_of(value, write);
}

} // namespace poseaug
