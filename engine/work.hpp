#pragma once
#include "kernels/op.hpp"
#include "kernels/step/procedures.hpp"

namespace poseaug {

/// What a call takes at least: its arithmetic, and the memory it must read and write if nothing stays in caches.
struct Work {
    double flops = 0, bytes = 0;

    Work& operator+=(const Work& other) {
        flops += other.flops;
        bytes += other.bytes;
        return *this;
    }
};

/// The work of one direction of an op: bytes of the views that it reads and writes, and the row's count of operations.
template <class T> Work work_of(const Op& op, Direction direction, const Call<T>& call);
/// The work of a procedure: likewise, with the states read and written.
template <class T> Work work_of(const Procedure& procedure, const Call<T>& call);

/// A call as a stream sent it to a dry device.
struct SentCall {
    std::string_view name;
    Direction direction = Direction::value;
    std::string_view phase; ///< the part of a step that it belongs to
    Work work;
    LaunchLog launches;    ///< on a GPU
    bool beside = false;   ///< it went to the side queue
    bool rejoined = false; ///< before it the main queue waited for the side queue
};

} // namespace poseaug
