#pragma once
#include "data/array.hpp"

#include <filesystem>
#include <string>

namespace poseaug {

/// A matrix of a MATLAB file, also one that is the only cell of a cell array, as f64 with MATLAB's dimensions, in C
/// order. Throws Error, naming the file, if it is no MATLAB file, has no such variable, or that is no real matrix of
/// floating-point numbers; and where the program was built without matio or cannot open it.
Array read_matlab(const std::filesystem::path& file, const std::string& variable);

} // namespace poseaug
