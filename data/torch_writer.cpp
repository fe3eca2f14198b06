#include "data/torch_file.hpp"

#include "data/output_path.hpp"
#include "data/unicode.hpp"
#include "data/zip_archive.hpp"
#include "kernels/error.hpp"

#include <limits>
#include <set>

namespace poseaug {

namespace {

constexpr std::string_view folder = "archive/";

template <class Number> void append_bytes(std::string& text, Number number) {
    for (std::size_t i = 0; i < sizeof number; ++i) text += static_cast<char>(number >> 8 * i & 0xFF);
}

/// Emits the pickle, in protocol 2, of an OrderedDict of tensors whose storages are the members 0, 1, ...
class TensorPickler {
public:
    std::string pickle(const NamedTensors& content, const std::string& where) {
        code_ = "\x80\2ccollections\nOrderedDict\n)R(";
        std::size_t key = 0;
        for (const auto& [name, array] : content.tensors) {
            text(name);
            tensor(array, std::to_string(key++), torch_type_of(array, where + ": '" + name + "'"));
        }
        return std::move(code_ += "u.");
    }

private:
    void text(std::string_view value) {
        code_ += 'X';
        append_bytes(code_, static_cast<std::uint32_t>(value.size()));
        code_ += value;
    }
    void number(std::int64_t value) {
        const bool is_short = value <= std::numeric_limits<std::int32_t>::max();
        code_ += is_short ? "J" : "\x8a\x08";
        if (is_short) append_bytes(code_, static_cast<std::uint32_t>(value));
        else append_bytes(code_, static_cast<std::uint64_t>(value));
    }
    /// _rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict())
    void tensor(const Array& array, const std::string& key, const TorchType& type) {
        code_ += "ctorch._utils\n_rebuild_tensor_v2\n((";
        text("storage");
        code_.append("ctorch\n").append(type.storage).append("\n");
        text(key);
        text("cpu");
        number(array.size());
        code_ += "tQ";
        number(0);
        code_ += '(';
        for (const std::int64_t extent : array.shape) number(extent);
        code_ += "t(";
        for (std::size_t axis = 0; axis < array.shape.size(); ++axis) number(stride(array, axis));
        code_ += "t\x89"
                 "ccollections\nOrderedDict\n)RtR";
    }
    static std::int64_t stride(const Array& array, std::size_t axis) {
        std::int64_t step = 1;
        for (std::size_t i = axis + 1; i < array.shape.size(); ++i) step *= std::max<std::int64_t>(1, array.shape[i]);
        return step;
    }

    std::string code_;
};

/// Adds stored members one behind the other, with their content at multiples of 64 bytes as PyTorch has them.
class StoredZip {
public:
    explicit StoredZip(const std::filesystem::path& path) : path_(path) {
        require_writable_target(path);
        int code = 0;
        archive_ = open_zip(path, ZIP_CREATE | ZIP_TRUNCATE, code);
        if (!archive_) fail(describe_zip_error(code));
    }
    /// The bytes have to live until `close`.
    void add(const std::string& name, const void* bytes, std::size_t count) {
        zip_source_t* source = zip_source_buffer(archive_.get(), bytes, count, 0);
        const std::string full = std::string(folder) + name;
        const zip_int64_t index = source ? zip_file_add(archive_.get(), full.c_str(), source, ZIP_FL_ENC_UTF_8) : -1;
        if (index < 0) {
            if (source) zip_source_free(source);
            fail(zip_strerror(archive_.get()));
        }
        const auto place = static_cast<zip_uint64_t>(index);
        if (zip_set_file_compression(archive_.get(), place, ZIP_CM_STORE, 0) || fix_time(archive_.get(), place) ||
            pad(place, full.size(), count))
            fail(zip_strerror(archive_.get()));
    }
    void close() {
        if (zip_close(archive_.get()) != 0) fail(zip_strerror(archive_.get()));
        (void)archive_.release(); // zip_close has freed it
    }

private:
    /// Fills the member's header with an extra field that readers skip. Returns whether that failed.
    bool pad(zip_uint64_t place, std::size_t name, std::size_t count) {
        constexpr std::uint64_t header = 30, field_header = 4, alignment = 64;
        const std::uint64_t unpadded = position_ + header + name + field_header;
        const std::string padding((alignment - unpadded % alignment) % alignment, 'Z');
        position_ = unpadded + padding.size() + count;
        constexpr zip_uint16_t field = 'F' | 'B' << 8; // the one PyTorch pads with
        return zip_file_extra_field_set(archive_.get(), place, field, ZIP_EXTRA_FIELD_NEW,
                                        reinterpret_cast<const zip_uint8_t*>(padding.data()),
                                        static_cast<zip_uint16_t>(padding.size()), ZIP_FL_LOCAL) != 0;
    }
    [[noreturn]] void fail(const std::string& reason) const {
        throw Error(path_.string() + ": cannot be written: " + reason);
    }

    const std::filesystem::path& path_;
    ZipArchive archive_;
    std::uint64_t position_ = 0;
};

void require_writable(const NamedTensors& content, const std::string& where) {
    std::set<std::string_view> names;
    if (content.tensors.empty()) throw Error(where + ": would hold no tensors");
    for (const auto& [name, array] : content.tensors) {
        if (!is_utf8(name)) throw Error(where + ": a name to be written is not valid UTF-8");
        if (!names.insert(name).second) throw Error(where + ": tensor name '" + name + "' was given twice");
        if (static_cast<std::uint64_t>(array.size()) * element_size(array.type) != array.bytes.size())
            throw Error(where + ": '" + name + "' " + array.describe() + " holds " +
                        std::to_string(array.bytes.size()) + " bytes");
    }
}

} // namespace

void write_torch_file(const std::filesystem::path& path, const NamedTensors& content) {
    require_writable(content, path.string());
    const std::string pickle = TensorPickler().pickle(content, path.string());
    StoredZip archive(path);
    archive.add("data.pkl", pickle.data(), pickle.size());
    archive.add("byteorder", "little", 6);
    std::size_t key = 0;
    for (const auto& [name, array] : content.tensors)
        archive.add("data/" + std::to_string(key++), array.bytes.data(), array.bytes.size());
    archive.add("version", "3\n", 2);
    archive.close();
}

} // namespace poseaug
