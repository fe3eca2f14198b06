#pragma once
#include "data/array.hpp"
#include "data/npy.hpp"

#include <span>
#include <string>
#include <string_view>

namespace poseaug {

/// Reads a Python pickle (protocols 0 to 5) as data. NumPy arrays, scalars and element types (under their NumPy 1 and 2
/// module names), byte strings, sets and ordered dicts are understood by name; any other name is refused, and none is
/// ever called. The pickle must fill the content. Throws Error, starting with `where`: for refused names, damage, bytes
/// after the end, nesting deeper than 200 levels, data that refers to itself, integers beyond 64 bits, and shared parts
/// that would expand to many times the length of the pickle.
Value read_pickle(const ByteReader& read, const std::string& where);

/// What else a reader understands. It comes out as a Record, never called: a name by itself without items, a name applied
/// to arguments with these, a persistent id as `kPersistentId` with the id.
struct PickleNames {
    std::span<const std::string_view> names; ///< with their modules, "torch._utils._rebuild_tensor_v2"
    bool persistent_ids = false;
    std::string_view what_is_read = "plain data and NumPy arrays"; ///< for the message that refuses other names
};
inline constexpr std::string_view kPersistentId = "persistent id";

/// Reads the pickle that `bytes` begin with, and moves `bytes` behind it. Throws Error as `read_pickle` does.
Value take_pickle(std::span<const std::byte>& bytes, const std::string& where, const PickleNames& names);

/// Writes a pickle (protocol 4, which Python 3.4 and later read) of a value. Throws Error for dict keys that are lists,
/// dicts or arrays, and for nesting that `read_pickle` would refuse.
void write_pickle(const Value& value, const ByteWriter& write);

/// Writes a pickle of the 0-dimensional NumPy object array that holds `value`.
void write_pickled_array_of(const Value& value, const ByteWriter& write);

/// Writes what `write_pickled_array_of` writes of a dict of dicts, an entry at a time: no more than one is ever held.
class PickledDictOfDicts {
public:
    explicit PickledDictOfDicts(ByteWriter write);
    /// The entry [outer][inner], after all entries of the outer keys before. Keys are not checked for repetition.
    void add(const std::string& outer, const std::string& inner, const Value& value);
    void finish();

private:
    ByteWriter write_;
    std::string outer_;
    bool inside_ = false;
};

} // namespace poseaug
