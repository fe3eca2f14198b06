#pragma once
#include "data/onnx_ops.hpp"

#include <filesystem>

namespace poseaug {

/// Writes what a tape recorded as an ONNX model called `title`, from `image` (32, B) to `pose` (48, B): input "image"
/// (batch, 16, 2), output "pose" (batch, 16, 3), any batch. Every op on the way is translated by its name, and what does
/// not depend on the image becomes a constant, called as in `names` where its values lie there. Throws Error for an op
/// without a converter, and naming the file if it cannot be written.
void write_onnx(const std::filesystem::path& file, const std::string& title, Tape<float>& tape, Var image, Var pose,
                const OnnxNames& names);

} // namespace poseaug
