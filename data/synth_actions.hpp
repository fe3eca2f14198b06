#pragma once
#include <array>
#include <string>
#include <vector>

namespace poseaug {

/// A joint angle's mean and how far it strays, in degrees.
struct Stray {
    double mean, spread;
};

/// How far an arm is raised and in which plane (0: sideways, 90: straight ahead), the upper arm's inward twist, the
/// elbow's bend.
struct ArmGesture {
    Stray plane, lift, twist, elbow;
};

/// One leg: thigh forward and out, its inward twist, the knee.
struct LegStance {
    Stray forward, out, twist, knee;
};

/// Pelvis and spine. On a `lying` body the legs follow the pelvis; else they stay under it when it leans.
struct TrunkStance {
    Stray pitch, roll, flex, side, twist;
    bool lying = false;
};

struct ArmPair {
    ArmGesture left, right;
};
struct LegPair {
    LegStance left, right;
};

/// What people do in a clip: for trunk, arms and legs, stances to change between.
struct SynthAction {
    std::string name;
    std::vector<TrunkStance> trunks;
    std::vector<ArmPair> arms;
    std::vector<LegPair> legs;
    double gait = 0;      ///< steps of one foot per second, 0 for staying in place
    double head_down = 0; ///< degrees
};

/// Human3.6M's fifteen actions: upright people, and seated ones.
const std::vector<SynthAction>& studio_actions();

/// Wider ones for the cross-data-set test: sport, crouching, bending, lying, arms overhead.
const std::vector<SynthAction>& broad_actions();

} // namespace poseaug
