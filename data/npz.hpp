#pragma once
#include "data/array.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace poseaug {

/// Reads a NumPy `.npz` (stored or deflated members, zip64) or, with the single key "", a bare `.npy`.
/// Object arrays are unpickled by a parser that builds data and can call nothing. Memory is bounded by what the file
/// really holds. Throws Error, naming the file and the member.
std::map<std::string, NpyContent> read_npz(const std::filesystem::path& path);

/// Reads one member only (by its name without `.npy`); throws Error if it is missing, listing what is there.
NpyContent read_npz_member(const std::filesystem::path& path, const std::string& member);

/// Member names (without `.npy`) in file order, without reading their contents.
std::vector<std::string> npz_members(const std::filesystem::path& path);

/// Writes members in the given order (deflated if `compress`), beside the target and then renamed: a failure (a full
/// disk, say) leaves nothing behind and throws Error. The same members give the same bytes.
class NpzWriter {
public:
    explicit NpzWriter(std::filesystem::path path, bool compress = true);
    ~NpzWriter();
    NpzWriter(const NpzWriter&) = delete;
    NpzWriter& operator=(const NpzWriter&) = delete;
    void add(const std::string& name, const Array& array);
    /// A 0-dimensional object array that pickles `value` (protocol 4, as NumPy 1 and 2 read with allow_pickle).
    void add_object(const std::string& name, const Value& value);
    /// A member whose bytes, a whole .npy, stand in `file`, which was made for this and has to stay until `commit`.
    void add_file(const std::string& name, const std::filesystem::path& file);
    void commit();

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace poseaug
