#pragma once
#include "engine/device.hpp"

#include <vector>

namespace poseaug {

template <class T> struct Product;

/// `value` with the mantissa that an operand of a product has in this precision (23, 10 or 7 bits), to the nearest, ties
/// to even. Beyond the largest number of bf16 it is infinite; what is not finite stays as it is.
float rounded(float value, Precision precision);

/// What Queue::blas points to on the CPU: operands of float32 products are rounded to this before they are multiplied and
/// added up in float32, as the units of a GPU do it.
struct CpuProducts {
    Precision precision = Precision::float32;
    /// Where float32 products are noted, those that were computed together side by side, for who computes them again;
    /// null: nowhere.
    std::vector<std::vector<Product<float>>>* noted = nullptr;
};

} // namespace poseaug
