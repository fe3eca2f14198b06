#pragma once
#include "training/evaluation.hpp"

#include <string>

namespace poseaug::app {

/// A table of the errors, in all, for each action (where there are several) and for each joint. `title` stands above
/// it.
std::string table(const std::string& title, const EvaluationResult& result);

} // namespace poseaug::app
