#pragma once
#include "tests/data/files.hpp"

#include <doctest/doctest.h>
#include <string>
#include <utility>
#include <vector>
#include <zip.h>

namespace poseaug::testing {

using namespace std::string_literals;

// PyTorch files by hand, as Python 2 would pickle them: protocol 2 with byte strings.

inline std::string py2_text(const std::string& text) { return "U" + std::string(1, char(text.size())) + text; }

/// Numbers below 128 as a tuple.
inline std::string py2_tuple(const std::vector<int>& numbers) {
    std::string code = "(";
    for (const int number : numbers) code += "K" + std::string(1, char(number));
    return code + "t";
}

/// A reference to storage '1' of `count` elements; `view` is None or a tuple, or empty as in the zip format.
inline std::string storage_reference(int count, const std::string& type = "FloatStorage",
                                     const std::string& view = "N") {
    return "(" + py2_text("storage") + "ctorch\n" + type + "\n" + py2_text("1") + py2_text("cpu") + "K" +
           std::string(1, char(count)) + view + "tQ";
}

/// A window on a storage: offset, shape and strides are code that pushes them.
inline std::string tensor_code(const std::string& storage, const std::string& offset, const std::string& shape,
                               const std::string& strides) {
    return "ctorch._utils\n_rebuild_tensor_v2\n(" + storage + offset + shape + strides +
           "\x89"
           "ccollections\nOrderedDict\n)RtR";
}
inline std::string tensor_code(int count, int offset, const std::vector<int>& shape, const std::vector<int>& strides) {
    return tensor_code(storage_reference(count), "K" + std::string(1, char(offset)), py2_tuple(shape),
                       py2_tuple(strides));
}

/// {'name': tensor}, the whole pickle.
inline std::string dict_of(const std::string& name, const std::string& value) {
    return "\x80\2}" + py2_text(name) + value + "s.";
}

inline std::string bytes_of(const std::vector<float>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)}; // there may be none
}

inline std::string legacy_start() {
    return "\x80\2\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\2M\xE9\3.\x80\2}"s + py2_text("little_endian") +
           "\x88s.";
}

/// A file of the legacy format with one storage, '1'.
inline std::string legacy_file(const std::string& pickle, const std::vector<float>& storage) {
    std::string count(8, '\0');
    count[0] = static_cast<char>(storage.size());
    return legacy_start() + pickle + "\x80\2]" + py2_text("1") + "a." + count + bytes_of(storage);
}

/// A zip archive of these members, deflated if asked.
inline void write_zip(const std::filesystem::path& path,
                      const std::vector<std::pair<std::string, std::string>>& members, bool deflate = false) {
    zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
    REQUIRE(archive != nullptr);
    for (const auto& [name, bytes] : members) {
        const auto index =
            zip_file_add(archive, name.c_str(), zip_source_buffer(archive, bytes.data(), bytes.size(), 0), 0);
        zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), deflate ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
    }
    REQUIRE(zip_close(archive) == 0);
}

} // namespace poseaug::testing
