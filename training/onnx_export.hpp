#pragma once
#include "models/estimators.hpp"

#include <filesystem>

namespace poseaug {

/// Writes an estimator with its weights as an ONNX model (opset 17), beside and renamed: input "image" (batch, 16, 2),
/// normalised; output "pose" (batch, 16, 3), metres, relative to the hip, as `evaluate` and `predict` have it without
/// flip averaging. The size of a batch is free. Throws Error naming the file, an op that has no counterpart in ONNX, or
/// that this build has no ONNX.
void export_onnx(const std::filesystem::path& file, const Estimator& estimator, Network<float>& network);

} // namespace poseaug
