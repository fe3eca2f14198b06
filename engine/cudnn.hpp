#pragma once
#include "engine/device.hpp"

#include <memory>

namespace poseaug {

// cuDNN sees a matrix (R, C) as one image of R channels, one pixel high and C wide: rows of features over a contiguous
// batch are its NCHW layout without a copy. These ops are others ways to compute registered ones, and are themselves not
// in the registry. They run on a device opened with Convolution::cudnn.

/// MatMul by cuDNN, as a convolution of width 1. The weight is not padded and not transposed.
const Op& cudnn_convolution_op();

/// BatchNorm by cuDNN, while training, and the norm alone: without activation, dropout, residual and linear bias.
/// Inputs: x (R, C); weight, bias (R, 1), not padded. States as BatchNorm's. Outputs: y (R, C); mean and 1/std used,
/// (groups, R).
const Op& cudnn_batch_norm_op();

/// Elements of a tensor of `rows` rows, `stride` elements apart, as cuDNN takes it, an int. Throws Error "<op>: ..." if
/// they do not fit.
int cudnn_elements(std::string_view op, int rows, std::int64_t stride);

/// Null if this build has cuDNN, else the reason.
const char* why_no_cudnn();

/// What Queue::dnn points to: cuDNN, at work on a stream.
std::shared_ptr<void> open_cudnn(void* stream, Precision precision);

/// The ops' entries; null in a build without cuDNN.
CudaEntries cudnn_convolution_entries();
CudaEntries cudnn_batch_norm_entries();

} // namespace poseaug
