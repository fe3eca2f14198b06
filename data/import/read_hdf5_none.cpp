#include "data/import/read_hdf5.hpp"
#include "kernels/error.hpp"

namespace poseaug {

struct Hdf5File::State {};

Hdf5File::Hdf5File(const std::vector<std::byte>&, const std::string& where) {
    throw Error(where + ": is an HDF5 file, and this program was built without HDF5. Build it with -DPOSEAUG_HDF5=ON");
}

Hdf5File::~Hdf5File() = default;

Array Hdf5File::read(const std::string&) const { return {}; }

} // namespace poseaug
