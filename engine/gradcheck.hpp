#pragma once
#include "kernels/op.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace poseaug {

/// How the gradient check reaches the memory that a queue's ops work in. Addresses are aligned to 128 bytes; downloads
/// wait for the queue's work.
struct OperandMemory {
    std::function<std::shared_ptr<void>(std::size_t bytes)> allocate;
    std::function<void(void* to, const void* from, std::size_t bytes)> upload;
    std::function<void(void* to, const void* from, std::size_t bytes)> download;
};

OperandMemory host_memory();

/// Outcome of one sample of one op.
struct GradcheckResult {
    std::string op, sample;
    double dual_error = 0;       ///< |<Ju, w> - <u, J'w>| relative to the sizes of the terms
    double difference_error = 0; ///< of central differences against <Ju, w>, relative likewise
    bool finite = true, passed = true;
    std::string note; ///< what failed, if something did
};

/// Tries an op on each of its samples. Proves the vjp against the value's own code on dual numbers (<Ju, w> = <u, J'w>)
/// and against central differences; compares the float entries with the double ones; checks that everything is finite,
/// that a first gradient is stored and a later one added, that an output without gradient counts as zero and an input
/// that wants none is left alone, that the vjp reads only what the row says is saved, and that padding is never
/// interpreted. At a kink only finiteness is asked. An incomplete row fails. Never throws for a failing op. The entries
/// run where the queue runs; dual numbers run on the host, so `queue.pool` is needed even for a GPU's queue.
std::vector<GradcheckResult> gradcheck(const Op& op, Queue& queue, const OperandMemory& memory = host_memory());

} // namespace poseaug
