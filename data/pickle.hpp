#pragma once
#include "data/array.hpp"
#include "data/npy.hpp"

#include <string>

namespace poseaug {

/// Reads a Python pickle (protocols 0 to 5) as data. NumPy arrays, scalars and element types (under their NumPy 1 and 2
/// module names), byte strings, sets and ordered dicts are understood by name; any other name is refused, and none is
/// ever called. The pickle must fill the content. Throws Error, starting with `where`: for refused names, damage, bytes
/// after the end, nesting deeper than 200 levels, data that refers to itself, integers beyond 64 bits, and shared parts
/// that would expand to many times the length of the pickle.
Value read_pickle(const ByteReader& read, const std::string& where);

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
