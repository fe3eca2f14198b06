#include "data/synth_actions.hpp"

namespace poseaug {
namespace {

// Arms: plane, lift, twist, elbow.
constexpr ArmGesture kHang = {{25, 25}, {12, 8}, {10, 20}, {18, 12}};
constexpr ArmGesture kPoint = {{60, 35}, {78, 16}, {0, 20}, {15, 12}};
constexpr ArmGesture kTalk = {{45, 25}, {30, 16}, {15, 25}, {75, 28}};
constexpr ArmGesture kToEar = {{40, 18}, {42, 16}, {5, 18}, {136, 8}};
constexpr ArmGesture kToMouth = {{60, 15}, {38, 14}, {28, 15}, {124, 12}};
constexpr ArmGesture kWave = {{12, 18}, {80, 16}, {-60, 18}, {75, 28}};
constexpr ArmGesture kCamera = {{62, 12}, {58, 12}, {28, 14}, {112, 14}};
constexpr ArmGesture kHandOnHip = {{-8, 10}, {40, 8}, {45, 10}, {88, 12}};
constexpr ArmGesture kFolded = {{55, 10}, {26, 8}, {58, 12}, {102, 12}};
constexpr ArmGesture kCarry = {{45, 15}, {24, 10}, {15, 15}, {86, 14}};
constexpr ArmGesture kLeash = {{58, 20}, {36, 12}, {10, 15}, {38, 20}};
constexpr ArmGesture kInLap = {{68, 14}, {28, 8}, {28, 15}, {56, 15}};
constexpr ArmGesture kOverhead = {{40, 40}, {150, 18}, {0, 30}, {28, 28}};
constexpr ArmGesture kReach = {{72, 25}, {85, 28}, {0, 20}, {18, 16}};
constexpr ArmGesture kThrow = {{25, 30}, {95, 20}, {-35, 35}, {85, 40}};
constexpr ArmGesture kBehind = {{-45, 20}, {34, 14}, {10, 25}, {22, 18}};
constexpr ArmGesture kSpread = {{10, 20}, {92, 14}, {0, 35}, {12, 10}};

// Legs: thigh forward, out, twist, knee.
constexpr LegStance kStand = {{4, 4}, {4, 3}, {-8, 8}, {7, 5}};
constexpr LegStance kEase = {{14, 6}, {9, 4}, {-14, 10}, {24, 9}};
constexpr LegStance kSit = {{82, 7}, {9, 7}, {-4, 10}, {80, 11}};
constexpr LegStance kSitCrossed = {{96, 7}, {-6, 5}, {4, 8}, {72, 14}};
constexpr LegStance kSitLow = {{98, 10}, {14, 9}, {-8, 12}, {104, 16}};
constexpr LegStance kSquat = {{104, 14}, {20, 9}, {-10, 12}, {124, 14}};
constexpr LegStance kLungeFront = {{68, 16}, {8, 8}, {0, 10}, {76, 18}};
constexpr LegStance kLungeBack = {{-10, 8}, {6, 6}, {0, 10}, {36, 20}};
constexpr LegStance kKneel = {{8, 10}, {6, 6}, {0, 10}, {102, 12}};
constexpr LegStance kKick = {{62, 26}, {16, 16}, {0, 14}, {28, 24}};
constexpr LegStance kWide = {{8, 8}, {26, 9}, {-10, 12}, {12, 10}};
constexpr LegStance kStretched = {{22, 20}, {10, 9}, {-8, 14}, {22, 20}};
constexpr LegStance kTucked = {{72, 24}, {12, 12}, {-6, 14}, {84, 26}};

// Trunk: pelvis pitch and roll, spine flex, side and twist.
constexpr TrunkStance kUpright = {{2, 4}, {0, 3}, {5, 7}, {0, 5}, {0, 9}};
constexpr TrunkStance kLean = {{7, 5}, {0, 3}, {22, 9}, {0, 6}, {0, 12}};
constexpr TrunkStance kSeated = {{-8, 7}, {0, 3}, {16, 10}, {0, 6}, {0, 11}};
constexpr TrunkStance kBow = {{34, 16}, {0, 6}, {44, 16}, {0, 12}, {0, 20}};
constexpr TrunkStance kCrouch = {{20, 10}, {0, 6}, {30, 12}, {0, 10}, {0, 16}};
constexpr TrunkStance kArched = {{-5, 6}, {0, 6}, {-14, 8}, {0, 16}, {0, 22}};
constexpr TrunkStance kBent = {{4, 6}, {0, 8}, {10, 12}, {0, 26}, {0, 30}};
constexpr TrunkStance kSupine = {{-80, 8}, {0, 8}, {8, 12}, {0, 10}, {0, 14}, true};
constexpr TrunkStance kProne = {{78, 10}, {0, 8}, {-6, 10}, {0, 10}, {0, 14}, true};
constexpr TrunkStance kPropped = {{-42, 12}, {0, 8}, {14, 12}, {0, 10}, {0, 16}, true};

constexpr LegPair kBothStand = {kStand, kStand};
constexpr LegPair kAtEase = {kStand, kEase};
constexpr LegPair kBothSit = {kSit, kSit};

} // namespace

const std::vector<SynthAction>& studio_actions() {
    static const std::vector<SynthAction> actions = {
        {"Directions",
         {kUpright},
         {{kHang, kPoint}, {kTalk, kPoint}, {kHang, kHang}, {kPoint, kPoint}},
         {kBothStand, kAtEase}},
        {"Discussion",
         {kUpright, kLean},
         {{kTalk, kTalk}, {kHang, kTalk}, {kFolded, kFolded}, {kTalk, kHandOnHip}},
         {kBothStand, kAtEase}},
        {"Eating", {kSeated}, {{kInLap, kToMouth}, {kCarry, kToMouth}, {kCarry, kCarry}}, {kBothSit}, 0, 12},
        {"Greeting",
         {kUpright, kLean},
         {{kHang, kWave}, {kHang, kPoint}, {kTalk, kWave}, {kHang, kHang}},
         {kBothStand, kAtEase}},
        {"Phoning",
         {kUpright, kSeated},
         {{kHang, kToEar}, {kHandOnHip, kToEar}, {kTalk, kToEar}},
         {kBothStand, kAtEase}},
        {"Photo", {kUpright, kLean}, {{kCamera, kCamera}, {kCarry, kCarry}, {kHang, kCamera}}, {kBothStand, kAtEase}},
        {"Posing",
         {kUpright},
         {{kHandOnHip, kHandOnHip}, {kHandOnHip, kWave}, {kFolded, kFolded}, {kHang, kToEar}},
         {kBothStand, kAtEase}},
        {"Purchases",
         {kUpright, kLean},
         {{kCarry, kCarry}, {kHang, kCarry}, {kReach, kCarry}},
         {kBothStand, kAtEase},
         0,
         14},
        {"Sitting",
         {kSeated},
         {{kInLap, kInLap}, {kTalk, kInLap}, {kFolded, kFolded}, {kTalk, kTalk}},
         {kBothSit, {kSit, kSitCrossed}}},
        {"SittingDown",
         {kSeated, kLean},
         {{kInLap, kInLap}, {kHang, kInLap}, {kTalk, kTalk}},
         {{kSitLow, kSitLow}, kBothSit, {kSitLow, kSit}}},
        {"Smoking",
         {kUpright, kSeated},
         {{kHang, kToMouth}, {kHang, kCarry}, {kHandOnHip, kToMouth}},
         {kBothStand, kAtEase}},
        {"Waiting",
         {kUpright},
         {{kHang, kHang}, {kFolded, kFolded}, {kHandOnHip, kHang}, {kHang, kToEar}},
         {kBothStand, kAtEase}},
        {"WalkDog", {kUpright, kLean}, {{kHang, kLeash}, {kHang, kPoint}}, {kBothStand}, 0.75, 8},
        {"Walking", {kUpright}, {{kHang, kHang}}, {kBothStand}, 0.9},
        {"WalkTogether", {kUpright}, {{kHang, kHang}, {kTalk, kHang}}, {kBothStand}, 0.82},
    };
    return actions;
}

const std::vector<SynthAction>& broad_actions() {
    static const std::vector<SynthAction> actions = {
        {"Standing",
         {kUpright, kBent},
         {{kTalk, kPoint}, {kHang, kTalk}, {kFolded, kFolded}, {kSpread, kHang}},
         {kBothStand, kAtEase, {kWide, kWide}}},
        {"Walking", {kUpright, kLean}, {{kHang, kHang}, {kHang, kCarry}}, {kBothStand}, 0.95},
        {"Exercise",
         {kUpright, kBent, kArched},
         {{kOverhead, kOverhead}, {kSpread, kSpread}, {kOverhead, kHandOnHip}},
         {{kWide, kWide}, kBothStand, {kLungeFront, kLungeBack}}},
        {"Sitting",
         {kSeated, kLean},
         {{kInLap, kInLap}, {kTalk, kPoint}, {kOverhead, kTalk}},
         {kBothSit, {kSit, kSitCrossed}}},
        {"Crouching",
         {kCrouch, kLean},
         {{kReach, kReach}, {kInLap, kReach}, {kToMouth, kTalk}},
         {{kSquat, kSquat}, {kLungeFront, kKneel}}},
        {"Bending",
         {kBow, kLean},
         {{kReach, kReach}, {kHang, kReach}, {kBehind, kHang}},
         {kBothStand, kAtEase, {kWide, kWide}},
         0,
         -8},
        {"Sport",
         {kBent, kLean, kArched},
         {{kThrow, kReach}, {kThrow, kBehind}, {kSpread, kThrow}, {kOverhead, kBehind}},
         {{kStand, kKick}, {kLungeFront, kLungeBack}, {kWide, kWide}}},
        {"Reaching",
         {kUpright, kArched, kBent},
         {{kReach, kReach}, {kOverhead, kHang}, {kReach, kSpread}},
         {kBothStand, kAtEase}},
        {"Floor",
         {kSupine, kPropped, kProne},
         {{kHang, kHang}, {kToEar, kHang}, {kSpread, kReach}},
         {{kStretched, kStretched}, {kTucked, kStretched}, {kTucked, kTucked}}},
    };
    return actions;
}

} // namespace poseaug
