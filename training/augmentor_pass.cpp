#include "training/augmentor_pass.hpp"

#include "training/batches.hpp"

#include <algorithm>

namespace poseaug {

namespace {
/// In the order of ObjectiveTerms.
const std::vector<std::string> kAugmentorTerms = {"adversarial_3d", "adversarial_2d", "angle_penalty",
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
      kept_count_(stream.device(), 1), read_kept_(stream.device(), 1), hardness_(stream.device(), 2),
      log_(stream.device(), all_terms(), clock.state()) {
    adam_.clip = settings.clip;
}

template <class T> void AugmentorPass<T>::step(int cols, bool feedback, bool discriminators) {
    arena_.rewind();
    stream_.begin_phase("augmentor, forward");
    Tape<T> tape(stream_, arena_);
    const View<T> poses = tape.matrix(48, cols), cameras = tape.matrix(9, cols);
    take_together(stream_, source_joints_, poses, source_camera_, cameras);
    const Var joints = tape.constant(poses), camera = tape.constant(cameras);
    const View<T> draws = tape.matrix(4 * kNoise, cols);
    random_.noise(stream_, draws);
    const auto parts = tape.split_rows(tape.constant(draws), {kNoise, kNoise, kNoise, kNoise});
    const std::array<Var, 4> noise = {parts[0], parts[1], parts[2], parts[3]};
    // only the augmentor learns; the others pass gradients on. The estimator's batch statistics move.
    Scope<T> augmentor(tape, networks_.augmentor, {true, true});
    Scope<T> judge_3d(tape, networks_.discriminator_3d, {true, false}),
        judge_2d(tape, networks_.discriminator_2d, {true, false});
    Scope<T> on_source(tape, networks_.estimator,
                       {true, false, settings_.dropout, 1, random_.dropout(random_stream::kSourcePass)});
    Scope<T> on_augmented(tape, networks_.estimator,
                          {true, false, settings_.dropout, 2, random_.dropout(random_stream::kAugmentedPass)});
    const Objective o =
        augmentor_objective<T>({augmentor, judge_3d, judge_2d, networks_.kind, on_source, on_augmented}, joints, camera,
                               noise, tape.constant({hardness_.data(), 2, 1, 1}), feedback, settings_.loss);
    std::vector<View<T>> losses;
    for (const Var loss : {o.own, o.feedback}) losses.push_back(tape.value(loss));
    // the discriminators judge as they are until the augmentor's backward is done, and only then change
    if (discriminators)
        stream_.beside([&] {
            for (const View<T>& loss : learn_discriminators(tape, o, cols)) losses.push_back(loss);
        });
    stream_.begin_phase("augmentor, backward");
    tape.backward();
    if (discriminators) stream_.beside([&] { update_discriminators(); });
    stream_.begin_phase("augmentor, update");
    networks_.augmentor.adam_step(stream_, arena_, adam_);
    keep_poses(tape, o);
    stream_.join();
    log_.end_step(stream_, losses);
}

template <class T> void AugmentorPass<T>::keep_poses(Tape<T>& tape, const Objective& o) {
    Call<T> keep;
    keep.attributes =
        Attributes::of(AppendKept{images_.data(), poses_.data(), kept_count_.data(), settings_.two_sided ? 1 : 0});
    keep.in[0] = tape.value(o.pose.image_rt);
    keep.in[1] = tape.value(o.pose.pose_rt);
    keep.scratch = static_cast<T*>(arena_.allocate(kAppendScratch * sizeof(T)));
    stream_.run(append_kept_procedure(), keep);
}

template <class T>
std::array<View<T>, 2> AugmentorPass<T>::learn_discriminators(const Tape<T>& before, const Objective& objective,
                                                              int cols) {
    stream_.begin_phase("discriminators, forward");
    Tape<T> tape(stream_, arena_);
    // fakes and real ones, each written to its place
    const auto shown = [&](int q, Var fake, BatchFeed<T>& real, int rows) {
        const View<T> draws = tape.matrix(2, cols), both = tape.matrix(rows, 2 * cols);
        random_.pool(stream_, q, settings_.pool_capacity, draws);
        pool(q).exchange(stream_, before.value(fake), draws, both.columns(0, cols));
        real.take(stream_, both.columns(cols, cols));
        return tape.constant(both);
    };
    Scope<T> judge_3d(tape, networks_.discriminator_3d, {true, true}),
        judge_2d(tape, networks_.discriminator_2d, {true, true});
    const Var loss_3d = discriminator_3d_loss(judge_3d, shown(0, objective.pose.pose_ba, real_joints_, 48));
    const Var loss_2d = discriminator_2d_loss(judge_2d, shown(1, objective.pose.image_rt, real_image_, 32));
    stream_.begin_phase("discriminators, backward");
    tape.backward(); // one for both: they share nothing
    return {tape.value(loss_3d), tape.value(loss_2d)};
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
    const auto hardness = hardness_at(epoch, settings_.epochs, settings_.loss);
    hardness_.upload({static_cast<T>(hardness[0]), static_cast<T>(hardness[1])});
    const bool feedback = epoch > settings_.loss.warmup;
    const std::int64_t steps = batch_count(data_.count, settings_.batch);
    std::int64_t taken = 0, judged = 0;
    for (std::int64_t i = 0; i < steps; ++i) {
        const int cols = batch_columns(data_.count, settings_.batch, i);
        if (cols < 2) continue;
        const bool discriminators = steps_taken_++ % 2 == 0;
        random_.before_step(epoch, i, cols);
        steps_[feedback][discriminators].run(stream_, cols, settings_.batch,
                                             [&] { step(cols, feedback, discriminators); });
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
    ObjectiveTerms terms;
    std::ranges::transform(kAugmentorTerms, terms.begin(), [&](const std::string& name) { return figures.at(name); });
    figures["augmentor_loss"] = total_of(terms, epoch > settings_.loss.warmup, settings_.loss);
    return figures;
}

template class AugmentorPass<float>;
template class AugmentorPass<double>;

} // namespace poseaug
