#include "data/onnx_model.hpp"
#include "kernels/error.hpp"

namespace poseaug {

void save_onnx(const std::filesystem::path& file, const OnnxModel&) {
    throw Error(file.string() + ": this build has no ONNX; install libonnx-dev and libprotobuf-dev and configure with "
                                "-DPOSEAUG_ONNX=ON");
}

} // namespace poseaug
