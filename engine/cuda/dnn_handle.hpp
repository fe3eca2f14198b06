#pragma once
#include "engine/cuda/check.hpp"
#include "engine/device.hpp"

#include <cudnn.h>

#include <vector>

namespace poseaug::cuda {

/// Throws Error unless a call of cuDNN succeeded.
inline void check(cudnnStatus_t result, std::string_view what) {
    if (result != CUDNN_STATUS_SUCCESS)
        throw Error("cuDNN: " + std::string(what) + " failed: " + cudnnGetErrorString(result));
}

/// What Queue::dnn points to: the library's handle, the arithmetic of float32 convolutions, and memory for algorithms.
class DnnHandle {
public:
    DnnHandle(cudaStream_t stream, Precision precision)
        : math_(precision == Precision::float32 ? CUDNN_FMA_MATH : CUDNN_DEFAULT_MATH) { // the default allows TF32
        check(cudnnCreate(&handle_), "cudnnCreate");
        check(cudnnSetStream(handle_, stream), "cudnnSetStream");
    }
    ~DnnHandle() {
        cudnnDestroy(handle_);
        for (void* block : blocks_) cudaFree(block);
    }
    DnnHandle(const DnnHandle&) = delete;
    DnnHandle& operator=(const DnnHandle&) = delete;

    cudnnHandle_t get() const { return handle_; }
    cudnnMathType_t math() const { return math_; }
    /// At least so much memory, the same for all: work on a stream is in order. Outgrown blocks stay, since recorded
    /// steps refer to them.
    void* workspace(std::size_t bytes) {
        if (bytes > size_) {
            void* block = nullptr;
            check(cudaMalloc(&block, bytes), "cudaMalloc of cuDNN's workspace");
            blocks_.push_back(block);
            size_ = bytes;
        }
        return blocks_.empty() ? nullptr : blocks_.back();
    }

private:
    cudnnHandle_t handle_ = nullptr;
    cudnnMathType_t math_;
    std::vector<void*> blocks_;
    std::size_t size_ = 0;
};

/// A descriptor of cuDNN, destroyed with the object.
template <class D, auto create, auto destroy> class Descriptor {
public:
    Descriptor() { check(create(&descriptor_), "creating a descriptor"); }
    ~Descriptor() { destroy(descriptor_); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    operator D() const { return descriptor_; } // NOLINT(google-explicit-constructor): it stands for what it holds

private:
    D descriptor_ = nullptr;
};
using TensorDescriptor = Descriptor<cudnnTensorDescriptor_t, cudnnCreateTensorDescriptor, cudnnDestroyTensorDescriptor>;
using FilterDescriptor = Descriptor<cudnnFilterDescriptor_t, cudnnCreateFilterDescriptor, cudnnDestroyFilterDescriptor>;
using ConvolutionDescriptor =
    Descriptor<cudnnConvolutionDescriptor_t, cudnnCreateConvolutionDescriptor, cudnnDestroyConvolutionDescriptor>;

} // namespace poseaug::cuda
