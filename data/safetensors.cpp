#include "data/safetensors.hpp"

#include "data/atomic_file.hpp"
#include "data/half.hpp"
#include "data/unicode.hpp"
#include "kernels/error.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

namespace poseaug {

namespace {

using Json = nlohmann::json;

constexpr const char* metadata_key = "__metadata__";
constexpr std::size_t alignment = 8;
constexpr std::uint64_t max_header = 100'000'000; // the limit of the format's own library
constexpr int max_json_depth = 3;

struct StoredType {
    std::string_view name;
    std::size_t width;
    ElementType type;
    float (*widen)(std::uint16_t) = nullptr;
};

constexpr StoredType stored_types[] = {
    {"F64", 8, ElementType::f64},
    {"F32", 4, ElementType::f32},
    {"F16", 2, ElementType::f32, half_to_float},
    {"BF16", 2, ElementType::f32, bfloat16_to_float},
    {"I64", 8, ElementType::i64},
    {"I32", 4, ElementType::i32},
    {"I16", 2, ElementType::i16},
    {"I8", 1, ElementType::i8},
    {"U64", 8, ElementType::u64},
    {"U32", 4, ElementType::u32},
    {"U16", 2, ElementType::u16},
    {"U8", 1, ElementType::u8},
    {"BOOL", 1, ElementType::boolean},
};

/// A tensor as the header describes it; `begin` and `end` count from the start of the data.
struct Entry {
    std::string name;
    const StoredType* stored = nullptr;
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0, end = 0;
};

/// Reader of one file: header, checks, then data.
class Reader {
public:
    explicit Reader(const std::filesystem::path& path) : path_(path) {
        std::error_code error;
        const auto status = std::filesystem::status(path, error);
        if (!std::filesystem::exists(status)) fail("there is no such file");
        if (!std::filesystem::is_regular_file(status)) fail("is not a regular file");
        file_.open(path, std::ios::binary);
        size_ = std::filesystem::file_size(path, error);
        if (!file_ || error) fail("cannot be opened for reading");
    }

    NamedTensors read() {
        const Json header = parse_header();
        NamedTensors content;
        std::vector<Entry> entries;
        for (const auto& [name, description] : header.items()) {
            if (name == metadata_key) content.metadata = read_metadata(description);
            else entries.push_back(parse_entry(name, description));
        }
        std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
            return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
        });
        require_gapless(entries);
        for (const Entry& entry : entries) content.tensors.emplace_back(entry.name, read_tensor(entry));
        return content;
    }

private:
    [[noreturn]] void fail(const std::string& what) const { throw Error(path_.string() + ": " + what); }
    [[noreturn]] void fail(const std::string& tensor, const std::string& what) const {
        fail("tensor '" + tensor + "' " + what + "; the file is damaged");
    }

    void read_bytes(void* target, std::uint64_t count) {
        file_.read(static_cast<char*>(target), static_cast<std::streamsize>(count));
        if (static_cast<std::uint64_t>(file_.gcount()) != count) fail("ends too early; the file is cut short");
    }

    Json parse_header() {
        std::uint64_t length = 0;
        if (size_ < sizeof length) fail("is too short to be a .safetensors file");
        read_bytes(&length, sizeof length);
        if (length > max_header || length > size_ - sizeof length)
            fail("the header claims " + std::to_string(length) + " bytes, but the file holds " +
                 std::to_string(size_ - sizeof length) + "; it is no .safetensors file or is cut short");
        data_begin_ = sizeof length + length;
        std::string text(length, '\0');
        read_bytes(text.data(), length);
        try {
            Json header = Json::parse(text, [this](int depth, Json::parse_event_t event, Json& parsed) {
                return check_event(depth, event, parsed);
            });
            if (!header.is_object()) fail("the header is not a JSON object");
            return header;
        } catch (const nlohmann::json::exception& error) {
            fail("the header is not valid JSON: " + std::string(error.what()).substr(0, 200));
        }
    }

    /// Refuses what the JSON library would accept silently: repeated names, and pointless depth.
    bool check_event(int depth, Json::parse_event_t event, const Json& parsed) {
        if (depth > max_json_depth) fail("the header is nested too deeply");
        if (event == Json::parse_event_t::object_start) names_[depth].clear();
        if (event == Json::parse_event_t::key && !names_[depth - 1].insert(parsed.get<std::string>()).second)
            fail("the header describes '" + parsed.get<std::string>() + "' twice");
        return true;
    }

    std::map<std::string, std::string> read_metadata(const Json& description) const {
        std::map<std::string, std::string> metadata;
        if (!description.is_object()) fail("the metadata are not a JSON object");
        for (const auto& [key, value] : description.items()) {
            if (!value.is_string()) fail("the metadata under '" + key + "' are not text");
            metadata[key] = value.get<std::string>();
        }
        return metadata;
    }

    std::uint64_t whole_number(const Json& value, const std::string& tensor) const {
        if (!value.is_number_unsigned() || value.get<std::uint64_t>() > std::uint64_t(1) << 62)
            fail(tensor, "has a shape or an offset that is not a whole number in range");
        return value.get<std::uint64_t>();
    }

    Entry parse_entry(const std::string& name, const Json& description) const {
        Entry entry;
        entry.name = name;
        const auto field = [&](const char* key, bool (Json::*is_right_kind)() const noexcept) -> const Json& {
            if (!description.is_object() || !description.contains(key) || !(description[key].*is_right_kind)())
                fail(name, std::string("lacks a valid '") + key + "'");
            return description[key];
        };
        const std::string type = field("dtype", &Json::is_string).get<std::string>();
        for (const StoredType& candidate : stored_types)
            if (candidate.name == type) entry.stored = &candidate;
        if (!entry.stored)
            fail("tensor '" + name + "' has elements of type '" + type.substr(0, 40) + "', which cannot be read");
        for (const Json& extent : field("shape", &Json::is_array))
            entry.shape.push_back(static_cast<std::int64_t>(whole_number(extent, name)));
        const Json& offsets = field("data_offsets", &Json::is_array);
        if (offsets.size() != 2) fail(name, "lacks a valid 'data_offsets'");
        entry.begin = whole_number(offsets[0], name);
        entry.end = whole_number(offsets[1], name);
        require_size(entry);
        return entry;
    }

    void require_size(const Entry& entry) const {
        const std::string where = path_.string() + ", tensor '" + entry.name + "'";
        const auto count = static_cast<std::uint64_t>(element_count(entry.shape, where));
        std::uint64_t expected = 0;
        if (entry.begin > entry.end || entry.end > size_ - data_begin_)
            fail(entry.name, "ends at byte " + std::to_string(entry.end) + " of the data, of which the file holds " +
                                 std::to_string(size_ - data_begin_));
        if (__builtin_mul_overflow(count, entry.stored->width, &expected) || expected != entry.end - entry.begin)
            fail(entry.name, describe_shape(entry.shape) + " " + std::string(entry.stored->name) +
                                 " does not fit its " + std::to_string(entry.end - entry.begin) + " bytes");
    }

    void require_gapless(const std::vector<Entry>& entries) const {
        std::uint64_t position = 0;
        for (const Entry& entry : entries) {
            if (entry.begin < position) fail(entry.name, "overlaps another");
            if (entry.begin > position) fail(entry.name, "follows a gap in the data");
            position = entry.end;
        }
        if (position != size_ - data_begin_)
            fail("holds " + std::to_string(size_ - data_begin_) + " bytes of data, but its tensors take " +
                 std::to_string(position) + "; the file is damaged");
    }

    Array read_tensor(const Entry& entry) {
        Array array{entry.stored->type, entry.shape, std::vector<std::byte>(entry.end - entry.begin), {}};
        file_.seekg(static_cast<std::streamoff>(data_begin_ + entry.begin));
        read_bytes(array.bytes.data(), array.bytes.size());
        if (entry.stored->widen) array.bytes = widen_elements(array.bytes, entry.stored->widen);
        return array;
    }

    const std::filesystem::path& path_;
    std::ifstream file_;
    std::uint64_t size_ = 0, data_begin_ = 0;
    std::set<std::string> names_[max_json_depth + 1];
};

std::string_view stored_name(const std::filesystem::path& path, const std::string& name, ElementType type) {
    for (const StoredType& candidate : stored_types)
        if (candidate.type == type && !candidate.widen) return candidate.name;
    throw Error(path.string() + ": tensor '" + name + "' holds text, which a .safetensors file cannot");
}

void require_text(const std::filesystem::path& path, const std::string& text) {
    if (!is_utf8(text)) throw Error(path.string() + ": a name or text to be written is not valid UTF-8");
}

Json describe_metadata(const std::filesystem::path& path, const std::map<std::string, std::string>& metadata) {
    Json description = Json::object();
    for (const auto& [key, value] : metadata) {
        require_text(path, key);
        require_text(path, value);
        description[key] = value;
    }
    return description;
}

/// The header, padded so that the data begin at a multiple of `alignment`.
std::string header_text(const std::filesystem::path& path, const std::vector<TensorInPlace>& tensors,
                        const std::map<std::string, std::string>& metadata) {
    Json header = Json::object();
    std::uint64_t position = 0;
    if (!metadata.empty()) header[metadata_key] = describe_metadata(path, metadata);
    for (const auto& [name, type, shape, runs] : tensors) {
        require_text(path, name);
        if (name == metadata_key || header.contains(name))
            throw Error(path.string() + ": tensor name '" + name + "' is reserved or was given twice");
        const std::string_view stored = stored_name(path, name, type);
        const std::uint64_t size =
            static_cast<std::uint64_t>(element_count(shape, path.string() + ": " + name)) * element_size(type);
        std::uint64_t held = 0;
        for (const auto& run : runs) held += run.size();
        if (size != held)
            throw Error(path.string() + ": tensor '" + name + "' of shape " + describe_shape(shape) + " holds " +
                        std::to_string(held) + " bytes");
        header[name] = {{"dtype", stored}, {"shape", shape}, {"data_offsets", {position, position + size}}};
        position += size;
    }
    std::string text = header.dump();
    text.append((alignment - text.size() % alignment) % alignment, ' ');
    return text;
}

} // namespace

const Array* NamedTensors::find(const std::string& name) const {
    for (const auto& [candidate, array] : tensors)
        if (candidate == name) return &array;
    return nullptr;
}

NamedTensors read_safetensors(const std::filesystem::path& path) { return Reader(path).read(); }

void write_safetensors(const std::filesystem::path& path, const NamedTensors& content) {
    std::vector<TensorInPlace> tensors;
    for (const auto& [name, array] : content.tensors)
        tensors.push_back({name, array.type, array.shape, {std::span(array.bytes)}});
    write_safetensors(path, tensors, content.metadata);
}

void write_safetensors(const std::filesystem::path& path, const std::vector<TensorInPlace>& tensors,
                       const std::map<std::string, std::string>& metadata) {
    const std::string header = header_text(path, tensors, metadata);
    const std::uint64_t length = header.size();
    AtomicFile file(path);
    file.write(&length, sizeof length);
    file.write(header);
    for (const TensorInPlace& tensor : tensors)
        for (const auto& run : tensor.runs) file.write(run.data(), run.size());
    file.commit();
}

} // namespace poseaug
