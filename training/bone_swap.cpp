#include "training/bone_swap.hpp"

#include "kernels/pose/bone_length.hpp"
#include "kernels/pose/project.hpp"

namespace poseaug {

namespace {
constexpr int kSwapBatch = 4096;
}

template <class T>
BoneSwap<T>::BoneSwap(Stream<T>& stream, Arena& arena, StepClock& clock, const ResidentPoses<T>& data,
                      const std::vector<T>& templates, const std::vector<T>& extra_images, Memory where)
    : stream_(stream), arena_(arena), clock_(clock), data_(data), templates_(stream.device(), templates),
      joints_(stream.device(), data.count * 48, where),
      image_(stream.device(), data.count * 32 + static_cast<std::int64_t>(extra_images.size()), where),
      choice_(stream.device(), data.count) {
    if (!extra_images.empty())
        stream.device().upload(image_.data() + data.count * 32, extra_images.data(), extra_images.size() * sizeof(T));
}

template <class T> void BoneSwap<T>::step(int cols) {
    arena_.rewind();
    Tape<T> tape(stream_, arena_);
    const auto take = [&](const DeviceArray<T>& from, int rows, const std::int32_t* order) {
        return tape.constant(gather(tape, from.data(), rows, order, clock_.state(), kSwapBatch, cols));
    };
    const Var joints =
        tape.template apply<SwapLengths>({take(data_.joints, 48, nullptr), take(templates_, 15, choice_.data())});
    const Var image = tape.template apply<Project>({joints, take(data_.camera, 9, nullptr)});
    scatter(tape, tape.value(joints), joints_.data(), clock_.state(), kSwapBatch);
    scatter(tape, tape.value(image), image_.data(), clock_.state(), kSwapBatch);
    clock_.advance(stream_);
}

template <class T> void BoneSwap<T>::run(RandomDecisions<T>& random, int epoch) {
    random.swap(epoch, choice_.data(), data_.count, static_cast<std::int32_t>(templates_.size() / 15));
    clock_.begin_pass();
    for (std::int64_t i = 0; i < batch_count(data_.count, kSwapBatch); ++i) {
        const int cols = batch_columns(data_.count, kSwapBatch, i);
        steps_.run(stream_, cols, kSwapBatch, [&] { step(cols); });
        clock_.stepped();
    }
}

template class BoneSwap<float>;
template class BoneSwap<double>;

} // namespace poseaug
