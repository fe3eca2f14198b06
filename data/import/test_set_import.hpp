#pragma once
#include "data/test_set.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace poseaug {

/// A test set as an import gathers it, and what it left out.
struct TestSetImport {
    TestSet set;
    std::vector<std::pair<std::string, std::int64_t>> sources; ///< sequences and their poses
    std::map<std::string, std::int64_t> left_out;              ///< poses by reason
};

/// Names runs of frames without a gap: "TS1", after a gap "TS1 part 2" and so on.
class RunNames {
public:
    /// The name of the run that a frame of a clip belongs to, given in order.
    const std::string& next(const std::string& clip, std::int64_t frame);

private:
    std::map<std::string, int> parts_;
    std::string clip_, name_;
    std::int64_t frame_ = 0;
};

} // namespace poseaug
