#include "data/torch_tensors.hpp"

#include "data/half.hpp"
#include "data/pickle.hpp"
#include "kernels/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <set>

namespace poseaug {

namespace {

constexpr std::string_view rebuild_tensor = "torch._utils._rebuild_tensor",
                           rebuild_tensor_v2 = "torch._utils._rebuild_tensor_v2",
                           rebuild_parameter = "torch._utils._rebuild_parameter";

constexpr std::string_view known_names[] = {
    rebuild_tensor,
    rebuild_tensor_v2,
    rebuild_parameter,
    "torch.FloatStorage",
    "torch.DoubleStorage",
    "torch.HalfStorage",
    "torch.BFloat16Storage",
    "torch.LongStorage",
    "torch.IntStorage",
    "torch.ShortStorage",
    "torch.CharStorage",
    "torch.ByteStorage",
    "torch.BoolStorage",
    "torch.cuda.FloatStorage",
    "torch.cuda.DoubleStorage",
    "torch.cuda.HalfStorage",
    "torch.cuda.LongStorage",
    "torch.cuda.IntStorage",
    "torch.cuda.ByteStorage",
    // what settings beside the tensors may mention
    "torch.Size",
    "torch.device",
    "torch.float16",
    "torch.bfloat16",
    "torch.float32",
    "torch.float64",
    "torch.int64",
};

constexpr TorchType torch_types[] = {
    {"FloatStorage", 4, ElementType::f32},
    {"DoubleStorage", 8, ElementType::f64},
    {"HalfStorage", 2, ElementType::f32, half_to_float},
    {"BFloat16Storage", 2, ElementType::f32, bfloat16_to_float},
    {"LongStorage", 8, ElementType::i64},
    {"IntStorage", 4, ElementType::i32},
    {"ShortStorage", 2, ElementType::i16},
    {"CharStorage", 1, ElementType::i8},
    {"ByteStorage", 1, ElementType::u8},
    {"BoolStorage", 1, ElementType::boolean},
};

constexpr std::size_t max_rank = 64;

bool is_text_of(const Value& value, std::string_view text) {
    const auto* held = std::get_if<std::string>(&value.data);
    return held && *held == text;
}

const Record* record_of(const Value& value, std::string_view name) {
    const auto* record = std::get_if<Record>(&value.data);
    return record && record->name == name ? record : nullptr;
}

/// The record that rebuilds a tensor, from beneath a parameter where it is one.
const Record* tensor_record(const Value& value) {
    if (const Record* parameter = record_of(value, rebuild_parameter))
        return parameter->items.empty() || record_of(parameter->items[0], rebuild_parameter)
                   ? nullptr
                   : tensor_record(parameter->items[0]);
    const Record* record = record_of(value, rebuild_tensor_v2);
    return record ? record : record_of(value, rebuild_tensor);
}

bool is_tensor(const Value& value) {
    return tensor_record(value) || (value.is_array() && std::get<Array>(value.data).type != ElementType::text);
}

/// Calls `use` with every record within `value`.
void for_records(const Value& value, const std::function<void(const Record&)>& use) {
    if (const auto* list = std::get_if<List>(&value.data)) {
        for (const Value& item : *list) for_records(item, use);
    } else if (const auto* dict = std::get_if<Dict>(&value.data)) {
        for (const auto& [key, item] : *dict) for_records(item, use);
    } else if (const auto* record = std::get_if<Record>(&value.data)) {
        use(*record);
        for (const Value& item : record->items) for_records(item, use);
    }
}

std::size_t count_tensors(const Value& value) {
    std::size_t count = 0;
    for_records(value, [&](const Record& record) {
        count += record.name == rebuild_tensor || record.name == rebuild_tensor_v2 ? 1 : 0;
    });
    return count;
}

/// Understands the records of one file.
class RecordReader {
public:
    RecordReader(std::uint64_t file_size, const std::string& where) : file_size_(file_size), where_(where) {}

    [[noreturn]] void fail(const std::string& what) const { throw Error(where_ + ": " + what); }

    /// ('storage', type, key, location, count), in the legacy format also a view: (key, offset, count) or None.
    TorchStorage storage(const Record& record) const {
        const List* id = record.items.size() == 1 ? std::get_if<List>(&record.items[0].data) : nullptr;
        if (!id || id->size() < 5 || id->size() > 6 || !is_text_of((*id)[0], "storage"))
            fail("refers to something outside of its pickle that is no storage; it is damaged, or holds a whole module "
                 "(save its state_dict() instead)");
        TorchStorage storage;
        storage.key = (*id)[2].text(where_ + ": the key of a storage");
        storage.type = type_named((*id)[1]);
        storage.count = number((*id)[4], "length of a storage");
        std::uint64_t bytes = 0;
        if (__builtin_mul_overflow(storage.count, storage.type->width, &bytes) || bytes > file_size_)
            fail("a storage of " + std::to_string(storage.count) +
                 " elements is claimed, which the file is too short for; it is damaged or cut short");
        storage.view_end = storage.count;
        if (id->size() == 6 && !std::holds_alternative<std::monostate>((*id)[5].data)) set_view(storage, (*id)[5]);
        return storage;
    }
    /// A number that is not negative.
    std::uint64_t number(const Value& value, const char* what) const {
        const auto* held = std::get_if<std::int64_t>(&value.data);
        if (!held || *held < 0)
            fail("the " + std::string(what) + " is " + value.describe() + ", where a whole number from 0 was expected");
        return static_cast<std::uint64_t>(*held);
    }
    std::vector<std::int64_t> numbers(const Value& value, const char* what) const {
        const Value* list = &value;
        if (const Record* size = record_of(value, "torch.Size"); size && size->items.size() == 1)
            list = &size->items[0];
        std::vector<std::int64_t> result;
        for (const Value& item : list->list(where_ + ": the " + what))
            result.push_back(static_cast<std::int64_t>(number(item, what)));
        if (result.size() > max_rank) fail("a tensor has more than 64 dimensions");
        return result;
    }

private:
    const TorchType* type_named(const Value& value) const {
        if (const auto* record = std::get_if<Record>(&value.data))
            for (const TorchType& type : torch_types)
                if (record->items.empty() && std::string_view(record->name).ends_with("." + std::string(type.storage)))
                    return &type;
        fail("a storage's type is " + value.describe() + ", which is none; the file is damaged");
    }
    void set_view(TorchStorage& storage, const Value& view) const {
        const List& fields = view.list(where_ + ": the view of a storage");
        if (fields.size() != 3) fail("a view of a storage has a wrong form; the file is damaged");
        const std::uint64_t offset = number(fields[1], "offset of a view"),
                            count = number(fields[2], "length of a view");
        if (offset > storage.count || count > storage.count - offset)
            fail("a view reaches beyond its storage; the file is damaged");
        storage.view_begin = offset;
        storage.view_end = offset + count;
    }

    std::uint64_t file_size_;
    const std::string& where_;
};

/// A window on a storage, in elements.
struct Window {
    std::uint64_t offset = 0;
    std::vector<std::int64_t> shape, strides;
};

bool is_contiguous(const Window& window) {
    std::int64_t expected = 1;
    for (std::size_t axis = window.shape.size(); axis-- > 0; expected *= window.shape[axis])
        if (window.shape[axis] != 1 && window.strides[axis] != expected) return false;
    return true;
}

/// The elements of a window that lies within `source`, in C order.
std::vector<std::byte> gather(std::span<const std::byte> source, const Window& window, std::size_t count,
                              std::size_t width) {
    std::vector<std::byte> result(count * width);
    if (count == 0) return result;
    std::size_t from = window.offset * width;
    if (is_contiguous(window)) {
        std::memcpy(result.data(), source.data() + from, result.size());
        return result;
    }
    const std::size_t rank = window.shape.size();
    std::vector<std::size_t> index(rank, 0), extent(rank), step(rank, 0);
    for (std::size_t axis = 0; axis < rank; ++axis) {
        extent[axis] = static_cast<std::size_t>(window.shape[axis]);
        if (extent[axis] > 1) step[axis] = static_cast<std::size_t>(window.strides[axis]) * width;
    }
    for (std::size_t target = 0; target < result.size(); target += width) {
        std::memcpy(result.data() + target, source.data() + from, width);
        for (std::size_t axis = rank; axis-- > 0;) {
            from += step[axis];
            if (++index[axis] < extent[axis]) break;
            from -= step[axis] * extent[axis];
            index[axis] = 0;
        }
    }
    return result;
}

/// Makes arrays of the tensors of one file.
class TensorReader {
public:
    TensorReader(std::uint64_t file_size, const StorageReader& read, const std::string& where)
        : records_(file_size, where), read_(read), where_(where), budget_((std::uint64_t(64) << 20) + 16 * file_size) {}

    Array array(const Value& value, const std::string& name) {
        if (value.is_array()) return std::get<Array>(value.data);
        const List& fields = tensor_record(value)->items;
        const std::string where = where_ + ", tensor '" + name + "'";
        const Record* reference = fields.empty() ? nullptr : record_of(fields[0], kPersistentId);
        if (!reference || fields.size() < 4) throw Error(where + ": has a wrong form; the file is damaged");
        const TorchStorage storage = records_.storage(*reference);
        const Window window{records_.number(fields[1], "offset of a tensor"),
                            records_.numbers(fields[2], "shape of a tensor"),
                            records_.numbers(fields[3], "strides of a tensor")};
        const std::uint64_t count = require_inside(window, storage, where);
        const std::span<const std::byte> all = read_(storage);
        const std::size_t width = storage.type->width;
        auto elements = gather(all.subspan(storage.view_begin * width, (storage.view_end - storage.view_begin) * width),
                               window, count, width);
        if (storage.type->widen) elements = widen_elements(elements, storage.type->widen);
        return {storage.type->type, window.shape, std::move(elements), {}};
    }

private:
    /// The number of elements of a window, all of which lie within the storage's view.
    std::uint64_t require_inside(const Window& window, const TorchStorage& storage, const std::string& where) {
        const auto count = static_cast<std::uint64_t>(element_count(window.shape, where));
        const std::uint64_t available = storage.view_end - storage.view_begin;
        if (window.shape.size() != window.strides.size())
            throw Error(where + ": has " + std::to_string(window.strides.size()) + " strides for shape " +
                        describe_shape(window.shape) + "; the file is damaged");
        std::uint64_t last = window.offset;
        bool overflow = false;
        for (std::size_t axis = 0; count > 0 && axis < window.shape.size(); ++axis) {
            std::uint64_t reach = 0;
            overflow |= __builtin_mul_overflow(static_cast<std::uint64_t>(window.shape[axis] - 1),
                                               static_cast<std::uint64_t>(window.strides[axis]), &reach) ||
                        __builtin_add_overflow(last, reach, &last);
        }
        if (overflow || (count > 0 ? last >= available : window.offset > available))
            throw Error(where + ": " + describe_shape(window.shape) + " at " + std::to_string(window.offset) +
                        " reaches beyond its storage of " + std::to_string(available) +
                        " elements; the file is damaged");
        if (count > budget_ / 8)
            throw Error(where + ": repeats a small storage until the tensors are many times the file's size; refused");
        budget_ -= count * 8;
        return count;
    }

    RecordReader records_;
    const StorageReader& read_;
    const std::string& where_;
    std::uint64_t budget_; ///< bytes that tensors may still take
};

bool holds_tensors(const Value& value) {
    const Dict* dict = std::get_if<Dict>(&value.data);
    return dict && std::ranges::any_of(
                       *dict, [](const DictEntry& entry) { return entry.first.is_text() && is_tensor(entry.second); });
}

/// A number or text as metadata have it.
std::optional<std::string> as_text(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value.data)) return *text;
    if (const auto* flag = std::get_if<bool>(&value.data)) return *flag ? "true" : "false";
    if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return std::to_string(*whole);
    if (const auto* number = std::get_if<double>(&value.data)) return fmt::format("{}", *number);
    return std::nullopt;
}

std::string shown_key(const Value& key) {
    const auto text = as_text(key);
    return text ? text->substr(0, 60) : key.describe();
}

/// Sorts a file's tree into tables, metadata and the rest.
class ContentReader {
public:
    ContentReader(TensorReader& tensors, const std::string& where) : tensors_(tensors), where_(where) {}

    TorchContent read(const Value& tree) {
        const Dict* root = std::get_if<Dict>(&tree.data);
        if (!root) throw Error(where_ + ": holds " + tree.describe() + ", where a dict of tensors was expected");
        const bool nested =
            std::ranges::any_of(*root, [](const DictEntry& entry) { return holds_tensors(entry.second); });
        if (nested) {
            for (const auto& [key, value] : *root) add_entry(key, value);
        } else {
            add_table("", *root);
        }
        if (content_.tables.empty() || content_.tables.front().content.tensors.empty())
            throw Error(where_ + ": holds no named tensors, by itself or under a name such as state_dict");
        for (TensorTable& table : content_.tables) table.content.metadata = metadata_;
        return std::move(content_);
    }

private:
    void add_entry(const Value& key, const Value& value) {
        if (key.is_text() && holds_tensors(value))
            add_table(std::get<std::string>(key.data), std::get<Dict>(value.data));
        else leave_out(key, value, "");
    }
    void add_table(const std::string& name, const Dict& dict) {
        TensorTable table{name, {}};
        for (const auto& [key, value] : dict) {
            if (key.is_text() && is_tensor(value)) {
                const auto& tensor = std::get<std::string>(key.data);
                table.content.tensors.emplace_back(tensor, tensors_.array(value, tensor));
            } else {
                leave_out(key, value, name.empty() ? "" : name + "/");
            }
        }
        content_.tables.push_back(std::move(table));
    }
    void leave_out(const Value& key, const Value& value, const std::string& within) {
        if (const auto text = as_text(value); text && key.is_text() && within.empty()) {
            metadata_[std::get<std::string>(key.data)] = *text;
            return;
        }
        const std::size_t tensors = count_tensors(value);
        content_.left_out.push_back(within + shown_key(key) +
                                    (tensors ? " (" + std::to_string(tensors) + " tensors)" : ""));
    }

    TensorReader& tensors_;
    const std::string& where_;
    TorchContent content_;
    std::map<std::string, std::string> metadata_;
};

} // namespace

std::span<const std::string_view> torch_pickle_names() { return known_names; }

const TorchType& torch_type_of(const Array& array, const std::string& where) {
    for (const TorchType& type : torch_types)
        if (type.type == array.type && !type.widen) return type;
    throw Error(where + " is " + array.describe() + ", which a PyTorch file cannot hold");
}

std::vector<TorchStorage> storages_in(const Value& tree, std::uint64_t file_size, const std::string& where) {
    const RecordReader records(file_size, where);
    std::vector<TorchStorage> storages;
    std::map<std::string, std::size_t> places;
    for_records(tree, [&](const Record& record) {
        if (record.name != kPersistentId) return;
        TorchStorage storage = records.storage(record);
        const auto [place, is_new] = places.emplace(storage.key, storages.size());
        if (is_new) storages.push_back(std::move(storage));
        else if (storages[place->second].type != storage.type || storages[place->second].count != storage.count)
            throw Error(where + ": describes storage '" + storage.key + "' in two ways; the file is damaged");
    });
    return storages;
}

TorchContent torch_content(const Value& tree, std::uint64_t file_size, const StorageReader& read,
                           const std::string& where) {
    TensorReader tensors(file_size, read, where);
    return ContentReader(tensors, where).read(tree);
}

} // namespace poseaug
