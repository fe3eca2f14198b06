#include "data/torch_file.hpp"

#include "data/pickle.hpp"
#include "data/regular_file.hpp"
#include "data/zip_archive.hpp"
#include "kernels/error.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <optional>

namespace poseaug {

namespace {

using namespace std::string_view_literals;
using Bytes = std::span<const std::byte>;

/// The pickle of the legacy format's magic number, after its protocol and, from protocol 4 on, its frame.
constexpr std::string_view magic = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."sv;
constexpr std::string_view magic_starts[] = {"\x80\2"sv, "\x80\3"sv, "\x80\4\x95\x0d\0\0\0\0\0\0\0"sv,
                                             "\x80\5\x95\x0d\0\0\0\0\0\0\0"sv};
constexpr std::string_view magic_of_protocol_1 = "L119547037146038801333356L\n."sv;

constexpr std::size_t kStart = 512; ///< bytes by which the format is told

/// Length of the magic number's pickle at the beginning of `text`; 0 if there is none.
std::size_t magic_length(std::string_view text) {
    for (const std::string_view start : magic_starts)
        if (text.starts_with(start) && text.substr(start.size()).starts_with(magic)) return start.size() + magic.size();
    return text.starts_with(magic_of_protocol_1) ? magic_of_protocol_1.size() : 0;
}

std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

PickleNames tensor_names() {
    return {torch_pickle_names(), true, "plain data, NumPy arrays and tensors (of a module, its state_dict())"};
}

/// Magic number, protocol version, facts about the system, the content, the keys of the storages: a pickle each. Then
/// the storages in the order of their keys: the number of elements in eight bytes, and the elements.
class LegacyReader {
public:
    LegacyReader(Bytes file, const std::string& where) : size_(file.size()), rest_(file), where_(where) {}

    TorchContent read() {
        rest_ = rest_.subspan(magic_length(as_text(rest_)));
        const Value version = take();
        const auto* number = std::get_if<std::int64_t>(&version.data);
        if (!number || *number != 1001)
            throw Error(where_ + ": its PyTorch protocol version is " + version.describe() + ", where 1001 is known");
        require_little_endian(take());
        const Value tree = take();
        find_storages(tree);
        return torch_content(
            tree, size_, [this](const TorchStorage& storage) { return found_.at(storage.key); }, where_);
    }

private:
    Value take() { return take_pickle(rest_, where_, tensor_names()); }
    void require_little_endian(const Value& system) const {
        const Value* flag = system.find("little_endian");
        const bool* little = flag ? std::get_if<bool>(&flag->data) : nullptr;
        if (little && !*little) throw Error(where_ + ": was written by a big-endian machine, which is not supported");
    }
    void find_storages(const Value& tree) {
        std::map<std::string, TorchStorage> known;
        for (TorchStorage& storage : storages_in(tree, size_, where_)) known.emplace(storage.key, storage);
        const Value keys = take();
        for (const Value& key : keys.list(where_ + ": the list of storages")) {
            const auto storage = known.find(key.text(where_ + ": the key of a storage"));
            if (storage == known.end() || found_.contains(storage->first))
                throw Error(where_ + ": lists a storage twice, or one that nothing refers to; the file is damaged");
            found_.emplace(storage->first, take_storage(storage->second));
        }
        if (!rest_.empty()) throw Error(where_ + ": is followed by other data; the file is damaged");
        for (const auto& [key, storage] : known)
            if (!found_.contains(key)) throw Error(where_ + ": lacks the storage '" + key + "'; the file is damaged");
    }
    Bytes take_storage(const TorchStorage& storage) {
        const std::string what = where_ + ": storage '" + storage.key + "'";
        std::uint64_t count = 0;
        if (rest_.size() < sizeof count) throw Error(what + " is missing; the file is cut short");
        std::memcpy(&count, rest_.data(), sizeof count);
        rest_ = rest_.subspan(sizeof count);
        if (count != storage.count)
            throw Error(what + " has " + std::to_string(count) + " elements, where " + std::to_string(storage.count) +
                        " were described; the file is damaged");
        if (rest_.size() < storage.bytes())
            throw Error(what + " needs " + std::to_string(storage.bytes()) + " bytes, of which " +
                        std::to_string(rest_.size()) + " are there; the file is cut short");
        const Bytes elements = rest_.first(storage.bytes());
        rest_ = rest_.subspan(storage.bytes());
        return elements;
    }

    std::uint64_t size_;
    Bytes rest_;
    const std::string& where_;
    std::map<std::string, Bytes> found_;
};

ZipArchive open_archive(const std::filesystem::path& path) {
    int code = 0;
    ZipArchive archive = open_zip(path, ZIP_RDONLY, code);
    if (!archive)
        throw Error(path.string() +
                    ": begins as a zip archive, but cannot be read as one; it is damaged or cut short: " +
                    describe_zip_error(code));
    return archive;
}

/// The folder that holds the members of a PyTorch file ("archive/"), by the place of its pickle.
std::optional<std::string> torch_folder(zip_t* archive) {
    constexpr std::string_view pickle = "data.pkl";
    for (zip_int64_t index = 0; index < zip_get_num_entries(archive, 0); ++index) {
        const char* name = zip_get_name(archive, static_cast<zip_uint64_t>(index), 0);
        const std::string_view full = name ? name : "";
        const std::string_view folder = full.substr(0, full.size() - std::min(full.size(), pickle.size()));
        if (full.ends_with(pickle) && (folder.empty() || folder.find('/') == folder.size() - 1))
            return std::string(folder);
    }
    return std::nullopt;
}

/// A zip archive of members that are stored as they are: data.pkl, and data/KEY for each storage.
class ZipReader {
public:
    ZipReader(const std::filesystem::path& path, const std::string& where)
        : where_(where), size_(std::filesystem::file_size(path)), left_(size_), archive_(open_archive(path)),
          folder_(torch_folder(archive_.get()).value_or("")) {}

    TorchContent read() {
        const std::vector<std::byte> pickle = member("data.pkl");
        Bytes rest = pickle;
        const Value tree = take_pickle(rest, where_, tensor_names());
        if (!rest.empty()) throw Error(where_ + ": the pickle is followed by other data; the file is damaged");
        storages_in(tree, size_, where_);
        swap_ = is_big_endian();
        return torch_content(
            tree, size_, [this](const TorchStorage& storage) { return Bytes(elements(storage)); }, where_);
    }

private:
    bool has(const std::string& name) const {
        return zip_name_locate(archive_.get(), (folder_ + name).c_str(), 0) >= 0;
    }
    bool is_big_endian() {
        if (!has("byteorder")) return false;
        const std::vector<std::byte> order = member("byteorder");
        if (as_text(order) != "little" && as_text(order) != "big")
            throw Error(where_ + ": the byte order is neither 'little' nor 'big'; the file is damaged");
        return as_text(order) == "big";
    }
    /// Members lie in the file as they are, so together they are no larger than it.
    std::vector<std::byte> member(const std::string& name) {
        const std::string what = where_ + ", member '" + folder_ + name + "'";
        zip_stat_t stat;
        if (zip_stat(archive_.get(), (folder_ + name).c_str(), 0, &stat) != 0 || !(stat.valid & ZIP_STAT_SIZE) ||
            !(stat.valid & ZIP_STAT_COMP_METHOD))
            throw Error(what + ": is missing; the file is damaged");
        if (stat.comp_method != ZIP_CM_STORE)
            throw Error(what + ": is compressed, which PyTorch never does; zip it without compression");
        if (stat.size > left_)
            throw Error(what + ": is larger than the file, or lies over others; the file is damaged");
        left_ -= stat.size;
        const ZipEntry entry(zip_fopen_index(archive_.get(), stat.index, 0));
        if (!entry) throw Error(what + ": cannot be read: " + zip_strerror(archive_.get()));
        const auto bytes = read_at_most(
            [&](std::byte* target, std::size_t count) {
                const zip_int64_t got = zip_fread(entry.get(), target, count);
                if (got < 0) throw Error(what + ": cannot be read: " + zip_file_strerror(entry.get()));
                return static_cast<std::size_t>(got);
            },
            stat.size);
        // a read at the end makes libzip compare the checksum
        std::byte beyond;
        if (bytes.size() != stat.size || zip_fread(entry.get(), &beyond, 1) != 0)
            throw Error(what + ": does not have the length or the checksum it should; the file is damaged");
        return bytes;
    }
    const std::vector<std::byte>& elements(const TorchStorage& storage) {
        const auto known = elements_.find(storage.key);
        if (known != elements_.end()) return known->second;
        std::vector<std::byte> bytes = member("data/" + storage.key);
        if (bytes.size() != storage.bytes())
            throw Error(where_ + ": storage '" + storage.key + "' holds " + std::to_string(bytes.size()) +
                        " bytes, where " + std::to_string(storage.bytes()) + " were described; the file is damaged");
        const auto width = static_cast<std::ptrdiff_t>(storage.type->width);
        if (swap_)
            for (auto at = bytes.begin(); at != bytes.end(); at += width) std::reverse(at, at + width);
        return elements_.emplace(storage.key, std::move(bytes)).first->second;
    }

    const std::string& where_;
    std::uint64_t size_, left_;
    ZipArchive archive_;
    std::string folder_;
    bool swap_ = false;
    std::map<std::string, std::vector<std::byte>> elements_;
};

bool is_tar(std::string_view start) { return start.size() > 262 && start.substr(257, 5) == "ustar"; }

} // namespace

TorchFormat torch_format_of(const std::filesystem::path& path) {
    const std::string start = start_of(path, kStart);
    if (magic_length(start) > 0) return TorchFormat::legacy;
    if (is_tar(start))
        throw Error(path.string() + ": is a tar archive. If PyTorch before 0.2 wrote it, load and save it with a newer "
                                    "one; if it packs a checkpoint, unpack it");
    if (!start.starts_with("PK")) return TorchFormat::none;
    return torch_folder(open_archive(path).get()) ? TorchFormat::zip : TorchFormat::none;
}

TorchContent read_torch_file(const std::filesystem::path& path) {
    const std::string where = path.string();
    switch (torch_format_of(path)) {
    case TorchFormat::legacy: {
        const std::vector<std::byte> file = read_whole(path, std::filesystem::file_size(path));
        return LegacyReader(file, where).read();
    }
    case TorchFormat::zip: return ZipReader(path, where).read();
    case TorchFormat::none: break;
    }
    throw Error(where + ": is no PyTorch file, or is cut short");
}

} // namespace poseaug
