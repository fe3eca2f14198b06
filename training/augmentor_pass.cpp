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
                                const PoseAugSettings& settings, Memory where)
    : stream_(stream), arena_(arena), clock_(clock), random_(random), networks_(networks), data_(data), source_(source),
      settings_(settings), orders_{{stream.device(), data.count},
                                   {stream.device(), data.count},
                                   {stream.device(), source.image().size() / 32}},
      source_joints_(stream.device(), source.joints(), 48, orders_[0], clock.state(), settings.batch),
      source_camera_(stream.device(), data.camera, 9, orders_[0], clock.state(), settings.batch),
      real_joints_(stream.device(), source.joints(), 48, orders_[1], clock.state(), settings.batch, 2),
      real_image_(stream.device(), source.image(), 32, orders_[2], clock.state(), settings.batch, 2),
      pool_3d_(stream.device(), settings.pool_capacity, 48), pool_2d_(stream.device(), settings.pool_capacity, 32),
      images_(stream.device(), data.count * 32, where), poses_(stream.device(), data.count * 48, where),
      kept_count_(stream.device(), 1), read_kept_(stream.device(), 1),
      log_(stream.device(), all_terms(), clock.state()) {
    adam_.clip = settings.clip;
}

template <class T> void AugmentorPass<T>::step(int epoch, int cols, bool discriminators) {
    arena_.rewind();
    stream_.begin_phase("augmentor, forward");
    Tape<T> tape(stream_, arena_);
    const Var joints = tape.constant(source_joints_.take(tape, cols)),
              camera = tape.constant(source_camera_.take(tape, cols));
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
    // the discriminators judge as they are until the augmentor's backward is done, and only then change
    if (discriminators) stream_.beside([&] { learn_discriminators(tape, o, cols); });
    stream_.begin_phase("augmentor, backward");
    tape.backward(o.total);
    if (discriminators) stream_.beside([&] { update_discriminators(); });
    stream_.begin_phase("augmentor, update");
    networks_.augmentor.adam_step(stream_, arena_, adam_);
    keep_poses(tape, o);
    log_.accumulate(tape, 0,
                    {o.total, o.adversarial_3d, o.adversarial_2d, o.angle, o.length, o.feedback_ba, o.feedback_rt});
    stream_.join();
    clock_.advance(stream_);
}

template <class T> void AugmentorPass<T>::keep_poses(Tape<T>& tape, const Objective& o) {
    Call<T> keep;
    keep.attributes =
        Attributes::of(AppendKept{images_.data(), poses_.data(), kept_count_.data(), settings_.two_sided ? 1 : 0});
    keep.in[0] = tape.value(o.image_rt);
    keep.in[1] = tape.value(o.pose.pose_rt);
    stream_.run(append_kept_procedure(), keep);
}

template <class T> void AugmentorPass<T>::learn_discriminators(Tape<T>& before, const Objective& objective, int cols) {
    stream_.begin_phase("discriminators, forward");
    Tape<T> tape(stream_, arena_);
    const auto shown = [&](int q, Var fake) {
        const View<T> draws = tape.matrix(2, cols);
        random_.pool(stream_, q, settings_.pool_capacity, draws);
        return tape.constant(pool(q).exchange(tape, before.value(fake), draws));
    };
    const auto real = [&](BatchFeed<T>& from) { return tape.constant(from.take(tape, cols)); };
    Scope<T> judge_3d(tape, networks_.discriminator_3d, {true, true}),
        judge_2d(tape, networks_.discriminator_2d, {true, true});
    const auto loss_3d = discriminator_3d_loss(judge_3d, shown(0, objective.pose.pose_ba), real(real_joints_));
    const auto loss_2d = discriminator_2d_loss(judge_2d, shown(1, objective.image_rt), real(real_image_));
    WeightedSum sum; // one backward for both: they share nothing
    sum.weight[0] = sum.weight[1] = 1;
    const Var total = tape.template apply<WeightedSum>({loss_3d.loss, loss_2d.loss}, sum);
    stream_.begin_phase("discriminators, backward");
    tape.backward(total);
    log_.accumulate(tape, kAugmentorTerms.size(),
                    {loss_3d.loss, loss_3d.accuracy_fake, loss_3d.accuracy_real, loss_2d.loss, loss_2d.accuracy_fake,
                     loss_2d.accuracy_real});
}

template <class T> void AugmentorPass<T>::update_discriminators() {
    stream_.begin_phase("discriminators, update");
    networks_.discriminator_3d.adam_step(stream_, arena_, adam_);
    networks_.discriminator_2d.adam_step(stream_, arena_, adam_);
}

template <class T> Figures AugmentorPass<T>::run(int epoch, const Progress& progress) {
    const Order orders[3] = {Order::source, Order::real_3d, Order::real_2d};
    for (int i = 0; i < 3; ++i) random_.order(orders[i], epoch, orders_[i].data(), orders_[i].size());
    kept_count_.zero();
    log_.reset();
    clock_.begin_pass();
    for (BatchFeed<T>* feed : {&source_joints_, &source_camera_}) feed->begin(stream_);
    for (BatchFeed<T>* feed : {&real_joints_, &real_image_}) feed->begin(stream_, static_cast<int>(steps_taken_ % 2));
    // the hardness bands move with the epoch, so an epoch records its own steps: with and without the discriminators
    BatchSteps<T> kinds[2];
    const std::int64_t steps = batch_count(data_.count, settings_.batch);
    std::int64_t taken = 0, judged = 0;
    for (std::int64_t i = 0; i < steps; ++i) {
        const int cols = batch_columns(data_.count, settings_.batch, i);
        if (cols < 2) continue;
        const bool discriminators = steps_taken_++ % 2 == 0;
        random_.before_step(epoch, i, cols);
        kinds[discriminators].run(stream_, cols, settings_.batch, [&] { step(epoch, cols, discriminators); });
        clock_.stepped();
        ++taken;
        judged += discriminators ? 1 : 0;
        if (progress) progress(i + 1, steps);
    }
    read_kept_.queue(kept_count_);
    log_.queue_read();
    stream_.device().synchronize();
    kept_ = read_kept_.values()[0];
    return read_figures(epoch, taken, judged);
}

template <class T>
Figures AugmentorPass<T>::read_figures(int epoch, std::int64_t steps, std::int64_t discriminator_steps) {
    Figures figures = log_.figures("epoch " + std::to_string(epoch) + ", the augmentor's pass");
    for (const auto& name : kAugmentorTerms) figures[name] /= static_cast<double>(std::max<std::int64_t>(1, steps));
    for (const auto& name : kDiscriminatorTerms)
        figures[name] /= static_cast<double>(std::max<std::int64_t>(1, discriminator_steps));
    return figures;
}

template class AugmentorPass<float>;
template class AugmentorPass<double>;

} // namespace poseaug
