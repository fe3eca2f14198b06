#include "data/npz.hpp"

#include "data/npy.hpp"
#include "data/output_path.hpp"
#include "data/regular_file.hpp"
#include "data/zip_archive.hpp"
#include "kernels/error.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <memory>
#include <new>
#include <set>
#include <stdexcept>
#include <utility>

namespace poseaug {

namespace {

constexpr std::string_view suffix = ".npy";

/// Whether the file begins as a bare `.npy` does. Throws Error if it cannot be read.
bool is_bare_npy(const std::filesystem::path& path) {
    constexpr std::string_view magic = "\x93NUMPY";
    return start_of(path, magic.size()) == magic;
}

ZipArchive open_archive(const std::filesystem::path& path) {
    int code = 0;
    ZipArchive archive = open_zip(path, ZIP_RDONLY, code);
    if (archive) return archive;
    if (code == ZIP_ER_NOZIP) throw Error(path.string() + ": is neither a .npz nor a .npy file, or is cut short");
    throw Error(path.string() + ": cannot be read as a .npz file: " + describe_zip_error(code));
}

struct Member {
    std::string name;
    zip_uint64_t index;
};

std::vector<Member> list_members(zip_t* archive, const std::filesystem::path& path) {
    std::vector<Member> members;
    std::set<std::string_view> seen;
    const auto count = static_cast<zip_uint64_t>(std::max<zip_int64_t>(0, zip_get_num_entries(archive, 0)));
    for (zip_uint64_t index = 0; index < count; ++index) {
        const char* full_name = zip_get_name(archive, index, 0);
        if (!full_name) throw Error(path.string() + ": the list of members is damaged");
        const std::string_view name = full_name;
        if (!name.ends_with(suffix)) continue;
        if (!seen.insert(name).second) throw Error(path.string() + ": holds two members '" + full_name + "'");
        members.push_back({std::string(name.substr(0, name.size() - suffix.size())), index});
    }
    if (count > 0 && members.empty())
        throw Error(path.string() + ": is a zip archive without any .npy member, so not a .npz file");
    return members;
}

/// Reads content by `read`, whose every failure (also memory that is short) becomes an Error that starts with `where`.
NpyContent read_content(const ByteReader& read, const std::string& where) {
    try {
        return read_npy(read, where);
    } catch (const std::bad_alloc&) {
        throw Error(where + ": does not fit into memory");
    } catch (const std::length_error&) {
        throw Error(where + ": does not fit into memory");
    }
}

NpyContent read_entry(zip_t* archive, const std::filesystem::path& path, const Member& member) {
    const std::string where = path.string() + ", member '" + member.name + "'";
    const ZipEntry entry(zip_fopen_index(archive, member.index, 0));
    if (!entry) throw Error(where + ": cannot be read: " + zip_strerror(archive));
    const ByteReader read = [&](std::byte* target, std::size_t count) {
        const zip_int64_t got = zip_fread(entry.get(), target, count);
        if (got < 0)
            throw Error(where + ": cannot be unpacked: " + zip_file_strerror(entry.get()) + "; the file is damaged");
        return static_cast<std::size_t>(got);
    };
    return read_content(read, where);
}

NpyContent read_bare_npy(const std::filesystem::path& path) {
    std::ifstream file = open_regular_file(path);
    return read_content(reader_of(file, path), path.string());
}

std::string join(const std::vector<Member>& members) {
    std::string text;
    for (const Member& member : members) text += (text.empty() ? "'" : ", '") + member.name + "'";
    return text.empty() ? "nothing" : text;
}

} // namespace

std::map<std::string, NpyContent> read_npz(const std::filesystem::path& path) {
    std::map<std::string, NpyContent> contents;
    if (is_bare_npy(path)) {
        contents.emplace("", read_bare_npy(path));
        return contents;
    }
    const ZipArchive archive = open_archive(path);
    for (const Member& member : list_members(archive.get(), path))
        contents.emplace(member.name, read_entry(archive.get(), path, member));
    return contents;
}

NpyContent read_npz_member(const std::filesystem::path& path, const std::string& member) {
    if (is_bare_npy(path)) {
        if (member.empty()) return read_bare_npy(path);
        throw Error(path.string() + ": holds a single array, where a .npz with a member '" + member + "' was expected");
    }
    const ZipArchive archive = open_archive(path);
    const std::vector<Member> members = list_members(archive.get(), path);
    for (const Member& candidate : members)
        if (candidate.name == member) return read_entry(archive.get(), path, candidate);
    throw Error(path.string() + ": has no member '" + member + "'; it holds " + join(members));
}

std::vector<std::string> npz_members(const std::filesystem::path& path) {
    if (is_bare_npy(path)) return {""};
    std::vector<std::string> names;
    const ZipArchive archive = open_archive(path);
    for (Member& member : list_members(archive.get(), path)) names.push_back(std::move(member.name));
    return names;
}

struct NpzWriter::State {
    std::filesystem::path path;
    bool compress;
    struct Content {
        std::string name;
        std::string bytes;          ///< as a .npy file, unless
        std::filesystem::path file; ///< they stand there
    };
    std::vector<Content> members;

    void add(Content content) {
        content.name += suffix;
        for (const Content& member : members)
            if (member.name == content.name)
                throw Error(path.string() + ": member '" + content.name + "' was given twice");
        members.push_back(std::move(content));
    }

    /// Runs `write_content` twice: to learn the size, and to store, so that no member is ever held twice.
    template <class Write> void add(const std::string& name, Write write_content) {
        std::size_t size = 0;
        write_content([&](const void*, std::size_t count) { size += count; });
        std::string bytes;
        bytes.reserve(size);
        write_content([&](const void* data, std::size_t count) {
            if (count) bytes.append(static_cast<const char*>(data), count);
        });
        add({name, std::move(bytes), {}});
    }

    void add_to(zip_t* archive, const Content& member) {
        zip_source_t* source = member.file.empty()
                                   ? zip_source_buffer(archive, member.bytes.data(), member.bytes.size(), 0)
                                   : zip_source_file(archive, member.file.c_str(), 0, -1);
        const zip_int64_t index = source ? zip_file_add(archive, member.name.c_str(), source, ZIP_FL_ENC_UTF_8) : -1;
        if (index < 0) {
            if (source) zip_source_free(source);
            fail(zip_strerror(archive));
        }
        constexpr zip_uint32_t fastest = 1; // deflated floats hardly shrink further with more effort
        const auto place = static_cast<zip_uint64_t>(index);
        if (zip_set_file_compression(archive, place, compress ? ZIP_CM_DEFLATE : ZIP_CM_STORE,
                                     compress ? fastest : 0) ||
            fix_time(archive, place))
            fail(zip_strerror(archive));
    }

    [[noreturn]] void fail(const std::string& reason) const {
        throw Error(path.string() + ": cannot be written: " + reason);
    }
};

NpzWriter::NpzWriter(std::filesystem::path path, bool compress) {
    require_writable_target(path);
    state_ = std::make_unique<State>(State{std::move(path), compress, {}});
}

NpzWriter::~NpzWriter() = default;

void NpzWriter::add(const std::string& name, const Array& array) {
    state_->add(name, [&](const ByteWriter& write) { write_npy(array, write); });
}

void NpzWriter::add_object(const std::string& name, const Value& value) {
    state_->add(name, [&](const ByteWriter& write) { write_npy_object(value, write); });
}

void NpzWriter::add_file(const std::string& name, const std::filesystem::path& file) {
    // The archive records a file's mode: this is the one that members from memory get.
    constexpr auto mode = static_cast<std::filesystem::perms>(0666);
    std::error_code error;
    std::filesystem::permissions(file, mode, error);
    if (error) state_->fail(error.message());
    state_->add({name, "", file});
}

void NpzWriter::commit() {
    if (state_->members.empty()) state_->fail("it would hold no members");
    int code = 0;
    ZipArchive archive = open_zip(state_->path, ZIP_CREATE | ZIP_TRUNCATE, code);
    if (!archive) state_->fail(describe_zip_error(code));
    for (const State::Content& member : state_->members) state_->add_to(archive.get(), member);
    if (zip_close(archive.get()) != 0) state_->fail(zip_strerror(archive.get()));
    (void)archive.release(); // zip_close has freed it
    state_->members.clear();
}

} // namespace poseaug
