#include "data/array.hpp"

#include "kernels/error.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

namespace poseaug {

static_assert(std::endian::native == std::endian::little, "the file formats are read and written as little endian");

namespace {

struct TypeTraits {
    const char* name;
    std::size_t size;
};

const TypeTraits& traits(ElementType type) {
    static constexpr TypeTraits table[] = {{"bool", 1},   {"int8", 1},    {"int16", 2},   {"int32", 4},
                                           {"int64", 8},  {"uint8", 1},   {"uint16", 2},  {"uint32", 4},
                                           {"uint64", 8}, {"float32", 4}, {"float64", 8}, {"text", 0}};
    return table[static_cast<std::size_t>(type)];
}

/// Calls `use` with a value of the C++ type that `type` stands for.
template <class Use> void with_type(ElementType type, Use use) {
    switch (type) {
    case ElementType::boolean: return use(bool{});
    case ElementType::i8: return use(std::int8_t{});
    case ElementType::i16: return use(std::int16_t{});
    case ElementType::i32: return use(std::int32_t{});
    case ElementType::i64: return use(std::int64_t{});
    case ElementType::u8: return use(std::uint8_t{});
    case ElementType::u16: return use(std::uint16_t{});
    case ElementType::u32: return use(std::uint32_t{});
    case ElementType::u64: return use(std::uint64_t{});
    case ElementType::f32: return use(float{});
    case ElementType::f64: return use(double{});
    case ElementType::text: throw Error("numbers were expected, but the array holds text");
    }
}

template <class To, class From> To convert_element(From value) {
    if constexpr (std::is_same_v<To, std::int64_t>) {
        bool fits = true;
        if constexpr (std::is_floating_point_v<From>)
            fits = std::abs(value) < From(9.2e18) && value == std::trunc(value);
        else if constexpr (std::is_same_v<From, std::uint64_t>)
            fits = value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        if (!fits) throw Error("whole numbers were expected, but the array holds " + std::to_string(value));
    }
    return static_cast<To>(value);
}

template <class To> std::vector<To> convert(const Array& array) {
    const auto count = static_cast<std::size_t>(array.size());
    const std::byte* source = array.bytes.data();
    std::vector<To> result(count);
    with_type(array.type, [&](auto example) {
        using From = decltype(example);
        if (array.bytes.size() != count * sizeof(From))
            throw Error("an array " + array.describe() + " holds " + std::to_string(array.bytes.size()) + " bytes");
        if constexpr (std::is_same_v<From, bool>) {
            for (std::size_t i = 0; i < count; ++i) result[i] = source[i] != std::byte{0} ? To(1) : To(0);
        } else {
            for (std::size_t i = 0; i < count; ++i) {
                From value;
                std::memcpy(&value, source + i * sizeof(From), sizeof(From));
                result[i] = convert_element<To>(value);
            }
        }
    });
    return result;
}

void require_count(const std::vector<std::int64_t>& shape, std::size_t given) {
    if (element_count(shape, "an array") != static_cast<std::int64_t>(given))
        throw Error("an array of shape " + describe_shape(shape) + " cannot hold " + std::to_string(given) +
                    " elements");
}

template <class T> Array make(ElementType type, std::vector<std::int64_t> shape, const std::vector<T>& values) {
    require_count(shape, values.size());
    Array array{type, std::move(shape), std::vector<std::byte>(values.size() * sizeof(T)), {}};
    if (!values.empty()) std::memcpy(array.bytes.data(), values.data(), array.bytes.size());
    return array;
}

template <class Kind> const Kind& member(const Value& value, const std::string& what, const char* expected) {
    if (const Kind* found = std::get_if<Kind>(&value.data)) return *found;
    throw Error(what + " should be " + expected + ", but is " + value.describe());
}

} // namespace

std::size_t element_size(ElementType type) { return traits(type).size; }

std::int64_t element_count(const std::vector<std::int64_t>& shape, const std::string& what) {
    std::int64_t count = 1;
    bool empty = false, overflow = false;
    for (const std::int64_t extent : shape) {
        if (extent < 0) throw Error(what + ": the shape " + describe_shape(shape) + " has a negative extent");
        if (extent == 0) empty = true;
        else overflow |= __builtin_mul_overflow(count, extent, &count);
    }
    if (empty) return 0;
    if (overflow) throw Error(what + ": the shape " + describe_shape(shape) + " is too large for any memory");
    return count;
}

std::string describe_shape(const std::vector<std::int64_t>& shape) {
    std::string text = "(";
    for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
    return text + (shape.size() == 1 ? ",)" : ")");
}

std::int64_t Array::size() const { return element_count(shape, "an array"); }

std::vector<float> Array::floats() const { return convert<float>(*this); }
std::vector<double> Array::doubles() const { return convert<double>(*this); }
std::vector<std::int64_t> Array::integers() const { return convert<std::int64_t>(*this); }

std::string Array::describe() const { return describe_shape(shape) + " " + traits(type).name; }

Array Array::of(std::vector<std::int64_t> shape, const std::vector<float>& values) {
    return make(ElementType::f32, std::move(shape), values);
}

Array Array::of(std::vector<std::int64_t> shape, const std::vector<double>& values) {
    return make(ElementType::f64, std::move(shape), values);
}

Array Array::of(std::vector<std::int64_t> shape, const std::vector<std::int64_t>& values) {
    return make(ElementType::i64, std::move(shape), values);
}

Array Array::of(std::vector<std::int64_t> shape, std::vector<std::string> values) {
    require_count(shape, values.size());
    return Array{ElementType::text, std::move(shape), {}, std::move(values)};
}

const Dict& Value::dict(const std::string& what) const { return member<Dict>(*this, what, "a dict"); }
const List& Value::list(const std::string& what) const { return member<List>(*this, what, "a list"); }
const Array& Value::array(const std::string& what) const { return member<Array>(*this, what, "an array"); }
const std::string& Value::text(const std::string& what) const { return member<std::string>(*this, what, "text"); }

const Value* Value::find(const std::string& key) const {
    const Dict* entries = std::get_if<Dict>(&data);
    if (!entries) return nullptr;
    for (const auto& [name, value] : *entries)
        if (const auto* text = std::get_if<std::string>(&name.data); text && *text == key) return &value;
    return nullptr;
}

std::string Value::describe() const {
    struct Describe {
        std::string operator()(std::monostate) const { return "None"; }
        std::string operator()(bool value) const { return value ? "True" : "False"; }
        std::string operator()(std::int64_t value) const { return "the number " + std::to_string(value); }
        std::string operator()(double value) const { return "the number " + std::to_string(value); }
        std::string operator()(const std::string& value) const { return "the text '" + value.substr(0, 60) + "'"; }
        std::string operator()(const Array& value) const { return "an array " + value.describe(); }
        std::string operator()(const List& value) const { return "a list of " + std::to_string(value.size()); }
        std::string operator()(const Dict& value) const { return "a dict of " + std::to_string(value.size()); }
        std::string operator()(const Record& value) const { return value.name; }
    };
    return std::visit(Describe{}, data);
}

} // namespace poseaug
