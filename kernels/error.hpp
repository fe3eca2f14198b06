#pragma once
#include <stdexcept>
#include <string>

namespace poseaug {

/// A failure a person can act on: the message names the file or option, what was expected, what was found.
/// The command line prints it in one line and exits with status 1.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

} // namespace poseaug
