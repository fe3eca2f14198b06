#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace poseaug {

/// Element type of an `Array` in memory. Files may hold more (other byte orders, half floats); readers convert.
enum class ElementType : std::uint8_t { boolean, i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, text };

/// Bytes an element takes in `Array::bytes`; 0 for text.
std::size_t element_size(ElementType type);

/// Product of `shape` (1 for a scalar). Throws Error, saying `what`, for a negative or absurdly large one.
std::int64_t element_count(const std::vector<std::int64_t>& shape, const std::string& what);

/// "(3, 16, 2)", "(3,)" or "()": a shape as NumPy writes it.
std::string describe_shape(const std::vector<std::int64_t>& shape);

/// A dense array in C order and native byte order.
struct Array {
    ElementType type = ElementType::f32;
    std::vector<std::int64_t> shape;
    std::vector<std::byte> bytes;  ///< elements, unless `type` is text
    std::vector<std::string> text; ///< UTF-8 elements, if `type` is text

    /// Number of elements: the product of `shape` (1 for a scalar).
    std::int64_t size() const;
    /// All elements converted to float, double or int64. Throws Error if the array holds text, and `integers` also if
    /// an element is not a whole number that fits.
    std::vector<float> floats() const;
    std::vector<double> doubles() const;
    std::vector<std::int64_t> integers() const;
    /// "(3, 16, 2) float32", for messages.
    std::string describe() const;

    static Array of(std::vector<std::int64_t> shape, const std::vector<float>& values);
    static Array of(std::vector<std::int64_t> shape, const std::vector<double>& values);
    static Array of(std::vector<std::int64_t> shape, const std::vector<std::int64_t>& values);
    static Array of(std::vector<std::int64_t> shape, std::vector<std::string> values);
};

struct Value;
struct DictEntry;
using List = std::vector<Value>;
/// Insertion order is kept: the order of actions in a file is the order of the dataset.
using Dict = std::vector<DictEntry>;

/// A name that a pickle mentions, or applies to `items`: data to the reader who asked for it (see PickleNames).
struct Record {
    std::string name;
    List items;
};

/// A tree of plain data, as a pickle holds it: nothing in it can run. Tuples and sets are lists too, byte strings are
/// text (read as Latin-1), arrays of objects are lists of their elements in C order.
struct Value {
    std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, List, Dict, Record> data;

    bool is_dict() const { return std::holds_alternative<Dict>(data); }
    bool is_list() const { return std::holds_alternative<List>(data); }
    bool is_array() const { return std::holds_alternative<Array>(data); }
    bool is_text() const { return std::holds_alternative<std::string>(data); }
    /// The member as the named kind; `what` (a path such as "positions_3d/S1") stands in the Error thrown otherwise.
    const Dict& dict(const std::string& what) const;
    const List& list(const std::string& what) const;
    const Array& array(const std::string& what) const;
    const std::string& text(const std::string& what) const;
    /// The value under a text key of a dict, or null.
    const Value* find(const std::string& key) const;
    /// "a dict of 7", "(26407, 16, 2) float32": what this is, for messages.
    std::string describe() const;
};

/// A key and what it leads to.
struct DictEntry {
    DictEntry(Value key, Value value) : first(std::move(key)), second(std::move(value)) {}
    Value first, second;
};

/// What one .npz member or .npy file holds: a plain array, or (for dtype object) an array of values.
struct NpyContent {
    Array array; ///< if not `is_object`
    bool is_object = false;
    std::vector<std::int64_t> object_shape; ///< shape of the object array: () for a pickled dict
    List objects;                           ///< its elements in C order
};

} // namespace poseaug
