#include "data/import/read_matlab.hpp"
#include "kernels/error.hpp"

namespace poseaug {

Array read_matlab(const std::filesystem::path& file, const std::string&) {
    throw Error(file.string() +
                ": is a MATLAB file, and this program was built without matio. Build it with -DPOSEAUG_MATIO=ON");
}

} // namespace poseaug
