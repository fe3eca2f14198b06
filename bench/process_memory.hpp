#pragma once

namespace poseaug::bench {

/// By how many bytes this process's resident memory has grown, at most, since the object was made. What was freed before
/// is given back to the system first, so that it does not serve again unseen.
class MemoryGrowth {
public:
    /// Throws Error where the system does not tell (no Linux).
    MemoryGrowth();
    double peak() const;

private:
    double before_;
};

} // namespace poseaug::bench
