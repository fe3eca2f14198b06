#include "training/random_decisions.hpp"

namespace poseaug {

template <class T> void PhiloxDecisions<T>::order(Order which, int epoch, std::int32_t* to, std::int64_t n) {
    const auto bytes = static_cast<std::int64_t>(permutation_scratch(device_.queue(), n));
    if (scratch_.size() < bytes) scratch_ = DeviceArray<std::byte>(device_, bytes);
    const auto stream = random_stream::of_epoch(random_stream::kOrder + static_cast<std::uint32_t>(which), epoch);
    random_permutation(device_.queue(), {seed_, nullptr, stream}, to, n, scratch_.data());
}

template <class T> void PhiloxDecisions<T>::swap(int epoch, std::int32_t* to, std::int64_t n, std::int32_t subjects) {
    random_choice(device_.queue(), {seed_, nullptr, random_stream::of_epoch(random_stream::kSwap, epoch)}, to, n,
                  subjects);
}

template <class T> void PhiloxDecisions<T>::noise(Stream<T>& stream, View<T> to) {
    Call<T> call;
    call.attributes = Attributes::of(NormalDraws{{seed_, state_, random_stream::kNoise}, to.rows / 4});
    call.out[0] = to;
    stream.run(normal_draws_procedure(), call);
}

template <class T> void PhiloxDecisions<T>::pool(Stream<T>& stream, int q, std::int64_t capacity, View<T> to) {
    Call<T> call;
    call.attributes =
        Attributes::of(PoolDraws{{seed_, state_, random_stream::kPool + static_cast<std::uint32_t>(q)}, capacity});
    call.out[0] = to;
    stream.run(pool_draws_procedure(), call);
}

template class PhiloxDecisions<float>;
template class PhiloxDecisions<double>;

} // namespace poseaug
