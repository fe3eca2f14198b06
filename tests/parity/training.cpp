#include "kernels/pose/losses.hpp"
#include "tests/parity/case.hpp"
#include "tests/parity/widths.hpp"
#include "training/batches.hpp"
#include "training/poseaug.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace poseaug::parity {
namespace {

template <class T> PoseAugNetworks<T> networks_of(Device& device, const Case& c, const Estimator& kind) {
    PoseAugNetworks<T> nets(device, kind, widths_of(c, kind));
    nets.augmentor.load(c.under("p.augmentor"));
    nets.discriminator_3d.load(c.under("p.discriminator_3d"));
    nets.discriminator_2d.load(c.under("p.discriminator_2d"));
    nets.estimator.load(c.under("p.estimator"));
    return nets;
}

/// The mean whose runs are row r of a loss.
template <class T> double mean_of(Bench<T>& bench, Var loss, int r) {
    const auto runs = test::download(bench.device(), bench.tape.value(loss).slice(r, 1));
    return std::accumulate(runs.begin(), runs.end(), 0.0);
}

/// One forward of the objective on a bench; `key` is "x" or "x.step<i>".
template <class T> struct ObjectiveRun {
    Scope<T> augmentor, judge_3d, judge_2d, source, augmented;
    Objective objective;
    double total;
    std::map<std::string, double> terms;

    ObjectiveRun(Bench<T>& bench, PoseAugNetworks<T>& nets, const Case& c, const std::string& key, int epoch)
        : augmentor(bench.tape, nets.augmentor, {true, true}),
          judge_3d(bench.tape, nets.discriminator_3d, {true, false}),
          judge_2d(bench.tape, nets.discriminator_2d, {true, false}), source(bench.tape, nets.estimator, {true, false}),
          augmented(bench.tape, nets.estimator, {true, false, 0.0, 2}) {
        std::array<Var, 4> noise;
        for (int q = 0; q < 4; ++q)
            noise[static_cast<std::size_t>(q)] = bench.constant(c, key + ".noise" + std::to_string(q));
        const LossSettings settings;
        const auto hardness = hardness_at(epoch, 50, settings);
        const bool teaches = epoch > settings.warmup;
        objective =
            augmentor_objective<T>({augmentor, judge_3d, judge_2d, nets.kind, source, augmented},
                                   bench.constant(c, key + ".joints"), bench.constant(c, key + ".camera"), noise,
                                   bench.tape.constant(bench.matrix({hardness[0], hardness[1]}, 1)), teaches, settings);
        const auto row = [&](Var loss, int r) { return mean_of(bench, loss, r); };
        const Objective& o = objective;
        const ObjectiveTerms t = {row(o.own, 0), row(o.own, 1),      row(o.own, 2),
                                  row(o.own, 3), row(o.feedback, 0), row(o.feedback, 1)};
        total = total_of(t, teaches, settings);
        terms = {{"adv3", t[0]},        {"adv2", t[1]},  {"diff_angle", t[2]},
                 {"diff_length", t[3]}, {"fb_ba", t[4]}, {"fb_rt", t[5]}};
    }
};

template <class T> void run_objective(Device& device, const Case& c) {
    const std::string name = c.name().substr(10, c.name().rfind('_') - 10);
    Bench<T> bench(device);
    auto nets = networks_of<T>(device, c, find_estimator(name));
    const ObjectiveRun<T> run(bench, nets, c, "x", static_cast<int>(c.scalar("x.epoch")));
    bench.tape.backward();
    check_close("total", {run.total}, c.values("y.total"), tolerance<T>());
    for (const auto& [term, value] : run.terms) check_close(term, {value}, c.values("y." + term), tolerance<T>());
    const Arrays expected = c.under("g.augmentor");
    check_all_close("gradient of", nets.augmentor.gradients(), expected, tolerance<T>(), rounding_floor(expected));
    check_all_close("statistic", nets.estimator.save(), c.under("s.estimator"), tolerance<T>());
}

/// Parameters after `steps` Adam steps. In float32 Adam's first steps amplify the rounding of gradients that are almost
/// zero: an allowance in learning rates is added, and one element in a thousand may take other steps altogether (the
/// reference itself, run in float32, does so too).
template <class T>
void check_updated(const Case& c, const std::string& net, const Network<T>& network, double tolerance64, double rate,
                   int steps) {
    const Arrays found = network.save();
    std::size_t elements = 0, strays = 0;
    for (const auto& [name, expected] : c.under("s." + net)) {
        const double most = largest(expected);
        if constexpr (sizeof(T) == 8) {
            check_close(net + " " + name, found.at(name), expected, tolerance64);
            continue;
        }
        check_close(net + " " + name, found.at(name), expected, 1e-3 + 2 * rate * steps / most);
        for (std::size_t i = 0; i < expected.size(); ++i)
            strays += std::abs(found.at(name)[i] - expected[i]) > 1e-3 * most + 0.02 * rate * steps ? 1 : 0;
        elements += expected.size();
    }
    INFO(net, ": ", strays, " of ", elements, " elements beyond the tolerance");
    CHECK_LE(1000 * strays, elements);
}

template <class T> void run_update(Device& device, const Case& c) {
    constexpr double rate = 1e-4;
    constexpr int steps = 3;
    auto nets = networks_of<T>(device, c, find_estimator("mlp"));
    for (Network<T>* n : {&nets.augmentor, &nets.discriminator_3d, &nets.discriminator_2d, &nets.estimator})
        n->set_rate(rate);
    std::map<std::string, std::vector<double>> losses;
    for (int i = 0; i < steps; ++i) {
        const std::string key = "x.step" + std::to_string(i);
        Bench<T> bench(device);
        const ObjectiveRun<T> run(bench, nets, c, key, 20);
        const Objective& o = run.objective;
        bench.tape.backward();
        nets.augmentor.adam_step(bench.stream, bench.arena, {});
        losses["augmentor"].push_back(run.total);

        const auto learn = [&](const std::string& name, Network<T>& network, const auto& loss_of) {
            Tape<T> tape(bench.stream, bench.arena);
            Scope<T> scope(tape, network, {true, true});
            const Var loss = loss_of(scope);
            tape.backward();
            network.adam_step(bench.stream, bench.arena, {});
            const auto runs = test::download(device, tape.value(loss).slice(0, 1));
            losses[name].push_back(std::accumulate(runs.begin(), runs.end(), 0.0));
        };
        const auto fixed = [&](Scope<T>& scope, Var v) { return scope.tape().constant(bench.tape.value(v)); };
        const auto shown = [&](Scope<T>& scope, Var fake, const char* real) {
            const Var real_poses = scope.tape().constant(bench.matrix(c, key + real));
            return scope.tape().template apply<ConcatColumns>({fixed(scope, fake), real_poses});
        };
        learn("discriminator_3d", nets.discriminator_3d,
              [&](Scope<T>& s) { return discriminator_3d_loss(s, shown(s, o.pose.pose_ba, ".real_3d")); });
        learn("discriminator_2d", nets.discriminator_2d,
              [&](Scope<T>& s) { return discriminator_2d_loss(s, shown(s, o.pose.image_rt, ".real_2d")); });
        learn("estimator", nets.estimator, [&](Scope<T>& s) {
            const Var pose = nets.kind.forward(s, fixed(s, o.pose.image_rt));
            return s.tape().template apply<MeanSquare>({pose, fixed(s, o.pose.pose_rt)});
        });
    }
    for (const auto& [name, values] : losses)
        check_close("loss of " + name, values, c.values("y." + name), tolerance<T>());
    check_updated(c, "augmentor", nets.augmentor, 1e-9, rate, steps);
    check_updated(c, "discriminator_3d", nets.discriminator_3d, 1e-9, rate, steps);
    check_updated(c, "discriminator_2d", nets.discriminator_2d, 1e-9, rate, steps);
    check_updated(c, "estimator", nets.estimator, 1e-9, rate, steps);
}

/// Random decisions read from a case: "x.draw.<name>.<epoch>.<step>".
template <class T> class GivenDecisions final : public RandomDecisions<T> {
public:
    GivenDecisions(Device& device, const Case& c, int batch) : device_(device), case_(c) {
        for (auto& buffer : noise_) buffer = DeviceArray<T>(device, static_cast<std::int64_t>(batch) * kNoise);
        for (auto& buffer : pool_) buffer = DeviceArray<T>(device, static_cast<std::int64_t>(batch) * 2);
    }
    void order(Order which, int epoch, std::int32_t* to, std::int64_t n) override {
        const char* names[] = {"order_source", "order_real_3d", "order_real_2d", "order_augmented", "order_original"};
        give(names[static_cast<int>(which)], epoch, to, n);
    }
    void swap(int epoch, std::int32_t* to, std::int64_t n, std::int32_t) override { give("swap", epoch, to, n); }
    void before_step(int epoch, std::int64_t step, int) override {
        for (int q = 0; q < 4; ++q) put(noise_[q], draw("noise" + std::to_string(q), epoch, step));
        for (int q = 0; q < 2; ++q) {
            if (!case_.has(key("coin" + std::to_string(q), epoch, step))) continue; // a step without the discriminators
            const auto& coin = draw("coin" + std::to_string(q), epoch, step);
            const auto& slot = draw("slot" + std::to_string(q), epoch, step);
            std::vector<double> pairs;
            for (std::size_t i = 0; i < coin.size(); ++i) pairs.insert(pairs.end(), {coin[i], slot[i]});
            put(pool_[q], pairs);
        }
    }
    void noise(Stream<T>& stream, View<T> to) override {
        for (int q = 0; q < 4; ++q) take(stream, noise_[q], to.slice(q * kNoise, kNoise));
    }
    void pool(Stream<T>& stream, int q, std::int64_t, View<T> to) override { take(stream, pool_[q], to); }
    RandomKey dropout(std::uint32_t) override { return {}; }

private:
    static std::string key(const std::string& name, int epoch, std::int64_t step) {
        return "x.draw." + name + "." + std::to_string(epoch) + "." + std::to_string(step);
    }
    const std::vector<double>& draw(const std::string& name, int epoch, std::int64_t step) const {
        return case_.values(key(name, epoch, step));
    }
    void give(const std::string& name, int epoch, std::int32_t* to, std::int64_t n) {
        const auto& values = draw(name, epoch, 0);
        REQUIRE(static_cast<std::int64_t>(values.size()) == n);
        const std::vector<std::int32_t> indices(values.begin(), values.end());
        device_.upload(to, indices.data(), indices.size() * sizeof(std::int32_t));
    }
    void put(DeviceArray<T>& buffer, const std::vector<double>& values) {
        const std::vector<T> converted(values.begin(), values.end());
        device_.upload(buffer.data(), converted.data(), converted.size() * sizeof(T));
    }
    void take(Stream<T>& stream, const DeviceArray<T>& from, View<T> to) {
        Call<T> call;
        call.attributes = Attributes::of(Gather{from.data()});
        call.out[0] = to;
        stream.run(gather_procedure(), call);
    }
    Device& device_;
    const Case& case_;
    DeviceArray<T> noise_[4], pool_[2];
};

template <class T> void run_epochs(Device& device, const Case& c) {
    const auto integer = [&](const char* key) { return static_cast<int>(c.scalar(std::string("x.") + key)); };
    const auto array = [&](const char* key) {
        const auto& values = c.values(std::string("x.") + key);
        return std::vector<T>(values.begin(), values.end());
    };
    auto nets = networks_of<T>(device, c, find_estimator("mlp"));
    const ResidentPoses<T> data(device, array("joints"), array("image"), array("camera"));
    PoseAugSettings settings;
    settings.epochs = integer("epochs");
    settings.batch = integer("batch");
    settings.pool_capacity = integer("capacity");
    settings.loss.warmup = integer("warmup");
    settings.two_sided = integer("two_sided") != 0;
    settings.rate_augmentor = settings.rate_discriminator = settings.rate_estimator = c.scalar("x.rate");
    settings.dropout = 0;
    Stream<T> stream(device);
    StepClock clock(device);
    GivenDecisions<T> random(device, c, settings.batch);
    PoseAugTrainer<T> trainer(stream, clock, random, nets, data, array("templates"), settings);
    std::vector<double> kept;
    for (int k = 1; k <= settings.epochs; ++k) kept.push_back(static_cast<double>(trainer.epoch(k).kept));
    check_close("kept poses", kept, c.values("y.kept"), 0);
    const int steps = settings.epochs * static_cast<int>(batch_count(data.count, settings.batch));
    const double rate = c.scalar("x.rate");
    check_updated(c, "augmentor", nets.augmentor, 1e-7, rate, steps);
    check_updated(c, "discriminator_3d", nets.discriminator_3d, 1e-7, rate, steps);
    check_updated(c, "discriminator_2d", nets.discriminator_2d, 1e-7, rate, steps);
    check_updated(c, "estimator", nets.estimator, 1e-7, rate, 2 * steps);
}

} // namespace

template <class T> bool run_training(Device& device, const Case& c) {
    if (c.name().rfind("objective_", 0) == 0) run_objective<T>(device, c);
    else if (c.name() == "update_three_steps") run_update<T>(device, c);
    else if (c.name() == "training_epochs") run_epochs<T>(device, c);
    else return false;
    return true;
}

template bool run_training<float>(Device&, const Case&);
template bool run_training<double>(Device&, const Case&);

} // namespace poseaug::parity
