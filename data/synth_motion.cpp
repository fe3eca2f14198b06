#include "data/synth_motion.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace poseaug {
namespace {

constexpr double kDegree = std::numbers::pi / 180;
constexpr double kUnhurried = 110 * kDegree; // a move's mean speed per second; its peak is 1.9 times that
constexpr double kStrideSwing = 23 * kDegree;

/// Bell-shaped and bounded: the mean of three uniforms, stretched.
double draw(const Stray& stray, SynthRandom& random) {
    double bell = 0;
    for (int i = 0; i < 3; ++i) bell += random.uniform(-1, 1) / 1.5;
    return (stray.mean + stray.spread * bell) * kDegree;
}

void append(const ArmGesture& g, SynthRandom& random, KeyTrack::Values& values) {
    const double plane = draw(g.plane, random), lift = draw(g.lift, random);
    values.push_back(lift * std::sin(plane));
    values.push_back(lift * std::cos(plane));
    values.push_back(draw(g.twist, random));
    values.push_back(draw(g.elbow, random));
}

void append(const LegStance& s, SynthRandom& random, KeyTrack::Values& values) {
    for (const Stray& stray : {s.forward, s.out, s.twist, s.knee}) values.push_back(draw(stray, random));
}

/// Five trunk angles, and how far the legs make up for the pelvis' pitch (0 or 1).
KeyTrack::Values draw_trunk(const SynthAction& action, SynthRandom& random) {
    const TrunkStance& t = action.trunks[random.below(action.trunks.size())];
    KeyTrack::Values values;
    for (const Stray& stray : {t.pitch, t.roll, t.flex, t.side, t.twist}) values.push_back(draw(stray, random));
    values.push_back(t.lying ? 0 : 1);
    return values;
}

KeyTrack::Values draw_head(const SynthAction& action, SynthRandom& random) {
    return {draw({action.head_down, 14}, random), draw({0, 8}, random), draw({0, 32}, random)};
}

template <class Pair> KeyTrack::Values draw_pair(const std::vector<Pair>& pairs, SynthRandom& random) {
    Pair pair = pairs[random.below(pairs.size())];
    if (random.chance(0.3)) std::swap(pair.left, pair.right);
    KeyTrack::Values values;
    append(pair.left, random, values);
    append(pair.right, random, values);
    return values;
}

double largest_change(const KeyTrack::Values& a, const KeyTrack::Values& b) {
    double change = 0;
    for (std::size_t i = 0; i < a.size(); ++i) change = std::max(change, std::abs(a[i] - b[i]));
    return change;
}

} // namespace

template <class Draw> KeyTrack::KeyTrack(double seconds, SynthRandom& random, Draw draw) {
    // A start within a rest or a move, not always at a rest.
    double time = -random.uniform(0, 1.5);
    times_.push_back(time);
    keys_.push_back(draw());
    while (time < seconds) {
        times_.push_back(time += random.uniform(0.05, 0.9));
        keys_.push_back(Values(keys_.back()));
        Values next = draw();
        const double needed = largest_change(keys_.back(), next) / kUnhurried * random.uniform(1, 1.5);
        times_.push_back(time += std::max(0.35, needed));
        keys_.push_back(std::move(next));
    }
}

void KeyTrack::at(double time, Values& values) const {
    const auto later = std::ranges::upper_bound(times_, time) - times_.begin();
    const auto to = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(later, 1, std::ssize(times_) - 1));
    const std::size_t from = to - 1;
    const double s = std::clamp((time - times_[from]) / (times_[to] - times_[from]), 0.0, 1.0);
    const double share = s * s * s * (10 + s * (6 * s - 15)); // least jerk
    values.resize(keys_[from].size());
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = keys_[from][i] + share * (keys_[to][i] - keys_[from][i]);
}

double Motion::Sway::at(double time) const {
    return amplitude[0] * std::sin(rate[0] * time + phase[0]) + amplitude[1] * std::sin(rate[1] * time + phase[1]);
}

Motion::Motion(const SynthAction& action, const Body& body, double seconds, SynthRandom random)
    : body_(body), gait_(action.gait * random.uniform(0.9, 1.1)), gait_phase_(random.uniform(0, 2 * std::numbers::pi)),
      arm_swing_(random.uniform(10, 20) * kDegree), path_radius_(random.uniform(0.6, 0.85)),
      path_angle_(random.uniform(0, 2 * std::numbers::pi)), path_turn_(random.chance(0.5) ? 1 : -1),
      heading_(std::numbers::pi / 2 + random.uniform(-1, 1)), home_x_(random.uniform(-0.35, 0.35)),
      home_y_(random.uniform(-0.2, 0.5)), trunk_(seconds, random, [&] { return draw_trunk(action, random); }),
      head_(seconds, random, [&] { return draw_head(action, random); }),
      arms_(seconds, random, [&] { return draw_pair(action.arms, random); }),
      legs_(seconds, random, [&] { return draw_pair(action.legs, random); }) {
    const auto sway = [&](double amplitude) {
        Sway s{};
        for (int i = 0; i < 2; ++i) {
            s.amplitude[i] = amplitude * random.uniform(0.3, 1);
            s.rate[i] = 2 * std::numbers::pi * random.uniform(0.1, 0.6);
            s.phase[i] = random.uniform(0, 2 * std::numbers::pi);
        }
        return s;
    };
    for (int i = 0; i < kAngles; ++i) {
        const bool arm = i >= left_arm_forward && i <= right_elbow, leg = i >= left_thigh_forward;
        sways_[static_cast<std::size_t>(i)] = sway((arm ? 3.5 : leg ? 0.8 : 1.5) * kDegree);
    }
    drift_ = {sway(10 * kDegree), sway(0.03), sway(0.03)};
}

BodyAngles Motion::angles_at(double time) const {
    KeyTrack::Values trunk, head, arms, legs;
    trunk_.at(time, trunk);
    head_.at(time, head);
    arms_.at(time, arms);
    legs_.at(time, legs);
    BodyAngles angles;
    std::copy_n(trunk.begin(), 5, &angles[pelvis_pitch]);
    std::copy_n(head.begin(), 3, &angles[neck_flex]);
    std::ranges::copy(arms, &angles[left_arm_forward]);
    std::ranges::copy(legs, &angles[left_thigh_forward]);
    for (const Angle thigh : {left_thigh_forward, right_thigh_forward}) angles[thigh] += trunk[5] * trunk[0];
    for (std::size_t i = 0; i < angles.size(); ++i) angles[i] += sways_[i].at(time);
    if (gait_ > 0) add_gait(time, angles);
    return within_limits(angles);
}

void Motion::add_gait(double time, BodyAngles& angles) const {
    const double phase = gait_phase_ + 2 * std::numbers::pi * gait_ * time;
    const auto step = [&](double at, Angle thigh, Angle knee, Angle arm) {
        angles[thigh] += kStrideSwing * std::sin(at) + 3 * kDegree;
        const double swing_phase = 0.5 + 0.5 * std::cos(at + 0.45); // the knee bends while the thigh comes forward
        angles[knee] += 48 * kDegree * swing_phase * swing_phase;
        angles[arm] -= arm_swing_ * std::sin(at);
    };
    step(phase, left_thigh_forward, left_knee, left_arm_forward);
    step(phase + std::numbers::pi, right_thigh_forward, right_knee, right_arm_forward);
    angles[spine_twist] += 5 * kDegree * std::sin(phase);
}

SynthPose Motion::at(double time) const {
    double x = home_x_ + drift_[1].at(time), y = home_y_ + drift_[2].at(time);
    double yaw = heading_ + drift_[0].at(time);
    if (gait_ > 0) {
        // Around a circle, as fast as the steps carry: two of them to a period.
        const double step = 2 * (body_.thigh + body_.shank) * std::sin(kStrideSwing);
        const double along = path_angle_ + path_turn_ * 2 * step * gait_ * time / path_radius_;
        x = 0.4 * home_x_ + path_radius_ * std::cos(along);
        y = 0.15 + 0.4 * home_y_ + path_radius_ * std::sin(along);
        yaw = along + path_turn_ * std::numbers::pi / 2 + 0.3 * drift_[0].at(time);
    }
    return place_body(body_, angles_at(time), x, y, yaw);
}

} // namespace poseaug
