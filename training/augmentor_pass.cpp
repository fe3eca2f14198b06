#include "training/augmentor_pass.hpp"

#include "training/batches.hpp"

namespace poseaug {

namespace {
const std::vector<std::string> kAugmentorTerms = {"augmentor_loss", "adversarial_3d", "adversarial_2d", "angle_penalty",
                                                  "length_penalty", "feedback_ba",    "feedback_rt"};
const std::vector<std::string> kDiscriminatorTerms = {"discriminator_3d_loss", "accuracy_3d_fake", "accuracy_3d_real",
                                                      "discriminator_2d_loss", "accuracy_2d_fake", "accuracy_2d_real"};

std::vector<std::string> all_terms() {
    std::vector<std::string> all = kAugmentorTerms;
    all.insert(all.end(), kDiscriminatorTerms.begin(), kDiscriminatorTerms.end());
    return all;
}
} // namespace

template <class T>
AugmentorPass<T>::AugmentorPass(Stream<T>& stream, Arena& arena, StepClock& clock, RandomDecisions<T>& random,
                                PoseAugNetworks<T>& networks, const ResidentPoses<T>& data, const BoneSwap<T>& source,
                                const PoseAugSettings& settings)
    : stream_(stream), arena_(arena), clock_(clock), random_(random), networks_(networks), data_(data), source_(source),
      settings_(settings), pool_3d_(stream.device(), settings.pool_capacity, 48),
      pool_2d_(stream.device(), settings.pool_capacity, 32), images_(stream.device(), data.count * 32),
      poses_(stream.device(), data.count * 48), kept_count_(stream.device(), 1),
      log_(stream.device(), all_terms(), clock.state()) {
    adam_.clip = settings.clip;
    const std::int64_t items[3] = {data.count, data.count, source.images()};
    for (int i = 0; i < 3; ++i) orders_[i] = DeviceArray<std::int32_t>(stream.device(), items[i]);
}

template <class T> void AugmentorPass<T>::step(int epoch, int cols, bool discriminators) {
    arena_.rewind();
    stream_.begin_phase("augmentor, forward");
    Tape<T> tape(stream_, arena_);
    const auto take = [&](const T* from, int rows) {
        return tape.constant(gather(tape, from, rows, orders_[0].data(), clock_.state(), settings_.batch, cols));
    };
    const Var joints = take(source_.joints(), 48), camera = take(data_.camera.data(), 9);
    std::array<Var, 4> noise;
    for (int q = 0; q < 4; ++q) {
        const View<T> draws = tape.matrix(kNoise, cols);
        random_.noise(stream_, q, draws);
        noise[static_cast<std::size_t>(q)] = tape.constant(draws);
    }
    // only the augmentor learns; the others pass gradients on. The estimator's batch statistics move.
    Scope<T> augmentor(tape, networks_.augmentor, {true, true});
    Scope<T> judge_3d(tape, networks_.discriminator_3d, {true, false}),
        judge_2d(tape, networks_.discriminator_2d, {true, false});
    Scope<T> on_source(tape, networks_.estimator,
                       {true, false, settings_.dropout, 1, random_.dropout(random_stream::kSourcePass)});
    Scope<T> on_augmented(tape, networks_.estimator,
                          {true, false, settings_.dropout, 2, random_.dropout(random_stream::kAugmentedPass)});
    const Objective o = augmentor_objective<T>({augmentor, judge_3d, judge_2d, networks_.kind, on_source, on_augmented},
                                               joints, camera, noise, epoch, settings_.epochs, settings_.loss);
    stream_.begin_phase("augmentor, backward");
    tape.backward(o.total);
    stream_.begin_phase("augmentor, update");
    networks_.augmentor.adam_step(stream_, arena_, adam_);

    Call<T> keep;
    keep.attributes =
        Attributes::of(AppendKept{images_.data(), poses_.data(), kept_count_.data(), settings_.two_sided ? 1 : 0});
    keep.in[0] = tape.value(o.image_rt);
    keep.in[1] = tape.value(o.pose.pose_rt);
    keep.scratch = static_cast<T*>(arena_.allocate(kAppendScratch * sizeof(T)));
    stream_.run(append_kept_procedure(), keep);
    log_.accumulate(tape, 0,
                    {o.total, o.adversarial_3d, o.adversarial_2d, o.angle, o.length, o.feedback_ba, o.feedback_rt});
    if (discriminators) learn_discriminators(tape, o, cols);
    stream_.begin_phase("augmentor, update");
    clock_.advance(stream_);
}

template <class T> void AugmentorPass<T>::learn_discriminators(Tape<T>& before, const Objective& objective, int cols) {
    stream_.begin_phase("discriminators, forward");
    Tape<T> tape(stream_, arena_);
    const auto shown = [&](int q, Var fake) {
        const View<T> draws = tape.matrix(2, cols);
        random_.pool(stream_, q, settings_.pool_capacity, draws);
        return tape.constant(pool(q).exchange(tape, before.value(fake), draws));
    };
    const auto real = [&](int q, const T* from, int rows) {
        return tape.constant(gather(tape, from, rows, orders_[1 + q].data(), clock_.state(), settings_.batch, cols));
    };
    Scope<T> judge_3d(tape, networks_.discriminator_3d, {true, true}),
        judge_2d(tape, networks_.discriminator_2d, {true, true});
    const auto loss_3d =
        discriminator_3d_loss(judge_3d, shown(0, objective.pose.pose_ba), real(0, source_.joints(), 48));
    const auto loss_2d = discriminator_2d_loss(judge_2d, shown(1, objective.image_rt), real(1, source_.image(), 32));
    WeightedSum sum; // one backward for both: they share nothing
    sum.weight[0] = sum.weight[1] = 1;
    const Var total = tape.template apply<WeightedSum>({loss_3d.loss, loss_2d.loss}, sum);
    stream_.begin_phase("discriminators, backward");
    tape.backward(total);
    stream_.begin_phase("discriminators, update");
    networks_.discriminator_3d.adam_step(stream_, arena_, adam_);
    networks_.discriminator_2d.adam_step(stream_, arena_, adam_);
    log_.accumulate(tape, kAugmentorTerms.size(),
                    {loss_3d.loss, loss_3d.accuracy_fake, loss_3d.accuracy_real, loss_2d.loss, loss_2d.accuracy_fake,
                     loss_2d.accuracy_real});
}

template <class T> Figures AugmentorPass<T>::run(int epoch, const Progress& progress) {
    const Order orders[3] = {Order::source, Order::real_3d, Order::real_2d};
    for (int i = 0; i < 3; ++i) random_.order(orders[i], epoch, orders_[i].data(), orders_[i].size());
    kept_count_.zero();
    log_.reset();
    clock_.begin_pass();
    // the hardness bands move with the epoch, so an epoch records its own steps: with and without the discriminators
    RepeatedStep<T> whole[2];
    const std::int64_t steps = batch_count(data_.count, settings_.batch);
    std::int64_t taken = 0, judged = 0;
    for (std::int64_t i = 0; i < steps; ++i) {
        const int cols = batch_columns(data_.count, settings_.batch, i);
        if (cols < 2) continue;
        const bool discriminators = steps_taken_++ % 2 == 0;
        random_.before_step(epoch, i, cols);
        const auto one = [&] { step(epoch, cols, discriminators); };
        if (cols == settings_.batch) whole[discriminators].run(stream_, one);
        else one();
        clock_.stepped();
        ++taken;
        judged += discriminators ? 1 : 0;
        if (progress) progress(i + 1, steps);
    }
    kept_ = kept_count_.download()[0];
    return read_figures(epoch, taken, judged);
}

template <class T>
Figures AugmentorPass<T>::read_figures(int epoch, std::int64_t steps, std::int64_t discriminator_steps) {
    Figures figures = log_.read("epoch " + std::to_string(epoch) + ", the augmentor's pass");
    for (const auto& name : kAugmentorTerms) figures[name] /= static_cast<double>(std::max<std::int64_t>(1, steps));
    for (const auto& name : kDiscriminatorTerms)
        figures[name] /= static_cast<double>(std::max<std::int64_t>(1, discriminator_steps));
    return figures;
}

template class AugmentorPass<float>;
template class AugmentorPass<double>;

} // namespace poseaug
