#pragma once
#include "data/array.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace poseaug {

/// An HDF5 file (MATLAB's 7.3 files are such too), read from memory.
class Hdf5File {
public:
    /// `bytes` are the whole file, `where` names it in messages. Throws Error if they are no HDF5 file, and where the
    /// program was built without HDF5 or cannot open it.
    Hdf5File(const std::vector<std::byte>& bytes, const std::string& where);
    ~Hdf5File();
    Hdf5File(const Hdf5File&) = delete;
    Hdf5File& operator=(const Hdf5File&) = delete;

    /// A dataset's numbers as f64, in HDF5's order of dimensions (the reverse of MATLAB's). Throws Error for a missing
    /// or damaged one, one of other things than numbers, one of more than 64 Mi values, and one whose values stand in
    /// another file.
    Array read(const std::string& dataset) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace poseaug
