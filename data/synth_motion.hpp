#pragma once
#include "data/synth_actions.hpp"
#include "data/synth_body.hpp"

#include <vector>

namespace poseaug {

/// Values that rest and move, with no jerk at either end, from one key to the next.
class KeyTrack {
public:
    using Values = std::vector<double>;

    /// `draw` gives the next key's values; a move takes as long as the largest change needs at an unhurried speed.
    template <class Draw> KeyTrack(double seconds, SynthRandom& random, Draw draw);

    /// Values at a time; times are asked for in any order.
    void at(double time, Values& values) const;

private:
    std::vector<double> times_;
    std::vector<Values> keys_;
};

/// One performance of an action by one body: a smooth function of time.
class Motion {
public:
    Motion(const SynthAction& action, const Body& body, double seconds, SynthRandom random);

    /// The 17 joints (metres, world space, z up) at a time between 0 and the duration given.
    SynthPose at(double time) const;

private:
    /// A slow sway of one angle: two sine waves.
    struct Sway {
        double amplitude[2], rate[2], phase[2];
        double at(double time) const;
    };

    BodyAngles angles_at(double time) const;
    void add_gait(double time, BodyAngles& angles) const;

    Body body_;
    double gait_, gait_phase_, arm_swing_, path_radius_, path_angle_, path_turn_;
    double heading_, home_x_, home_y_;
    KeyTrack trunk_, head_, arms_, legs_;
    std::array<Sway, kAngles> sways_;
    std::array<Sway, 3> drift_; ///< of heading, x and y
};

} // namespace poseaug
