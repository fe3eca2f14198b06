#pragma once
#include "kernels/elementary.hpp"
#include "kernels/pose/bones.hpp"

namespace poseaug {

/// The fifth ratio (of the bone from thorax to head) is held at zero.
inline constexpr int kHeldRatio = 4;

/// The bones of a pose after they are stretched by `ratio`, tanh(y) times the limit.
template <class T>
POSEAUG_HD void stretched_bones(double ratio_limit, const T (&joints)[48], const T (&y)[9], T (&bones)[45],
                                T (&ratio)[9]) {
    for (int i = 0; i < kRatios; ++i) ratio[i] = i == kHeldRatio ? lit<T>(0) : tanh_of(y[i]) * lit<T>(ratio_limit);
    bones_of_joints(joints, bones);
    unroll<kBones>([&](auto b) {
        constexpr int i = ratio_of_bone(b);
        for (int k = 0; k < 3; ++k) bones[3 * b + k] *= lit<T>(1) + ratio[i];
    });
}

/// Bone-length augmentation: nine ratios tanh(y) * ratio_limit, the same for both sides of the body, stretch the
/// fifteen bones; directions and the hip stay.
struct BoneLengthStep {
    static constexpr std::string_view name = "bone_length_step";
    static constexpr std::string_view source = "PoseAug section 3.2, bone length";
    static constexpr std::string_view summary =
        "Bone-length augmentation: bones stretch, alike on both sides; directions and the hip stay.";
    static constexpr std::string_view formula =
        "ratio[i] = limit * tanh(y[i]), but ratio[4] (thorax to head) = 0\n"
        "bone b of pose_bl = (1 + ratio[i]) * bone b of pose_ba,  i: the pair that b belongs to";
    static constexpr std::string_view fuses =
        "tanh and its scaling, the spread of nine ratios over fifteen bones, bone vectors and the walk back to joints.";
    static constexpr std::string_view inputs[] = {"pose_ba", "y"}, outputs[] = {"pose_bl", "ratio"};
    struct Params {
        double ratio_limit = 0.2;
    };
    using In = Rows<48, 9>;
    using Out = Rows<48, 9>;
    static constexpr unsigned differentiable = 0b11;
    static constexpr bool mean = false;

    template <class T>
    POSEAUG_HD static void value(const Params& params, const T (&pose_ba)[48], const T (&y)[9], T (&pose_bl)[48],
                                 T (&ratio)[9]) {
        T bones[45];
        stretched_bones(params.ratio_limit, pose_ba, y, bones, ratio);
        joints_of_bones(bones, pose_bl);
        translate(pose_bl, &pose_ba[0]);
    }

    template <class T>
    POSEAUG_HD static void vjp(const Params& params, const T (&pose_ba)[48], const T (&y)[9], const T (&d_pose_bl)[48],
                               const T (&d_ratio)[9], T (&d_pose_ba)[48], T (&d_y)[9]) {
        T saturation[9]; // tanh y
        for (int i = 0; i < kRatios; ++i) {
            saturation[i] = i == kHeldRatio ? lit<T>(0) : tanh_of(y[i]);
            d_y[i] = d_ratio[i];
        }
        T bones[45], d_bones[45], d_hip[3];
        bones_of_joints(pose_ba, bones);
        joints_of_bones_vjp(d_pose_bl, d_bones, d_hip);
        const T limit = lit<T>(params.ratio_limit);
        unroll<kBones>([&](auto b) {
            constexpr int i = ratio_of_bone(b);
            d_y[i] += dot(&d_bones[3 * b], &bones[3 * b]);
            for (int k = 0; k < 3; ++k) d_bones[3 * b + k] *= lit<T>(1) + saturation[i] * limit;
        });
        for (int i = 0; i < kRatios; ++i)
            d_y[i] = i == kHeldRatio ? lit<T>(0) : d_y[i] * limit * (lit<T>(1) - saturation[i] * saturation[i]);
        bones_of_joints_vjp(d_bones, d_pose_ba);
        for (int k = 0; k < 3; ++k) d_pose_ba[k] += d_hip[k];
    }

    static std::vector<Sample> samples() {
        const Attributes limits = Attributes::of(Params{0.2});
        return {sample("poses", limits, {sampling::poses(19), sampling::normal(9, 19)}),
                sample("zero-length bones", limits, {sampling::folded_poses(9), sampling::normal(9, 9)}),
                singular("far in the tails of tanh: the gradient of y vanishes", limits,
                         {sampling::poses(5), sampling::filled(9, 5, 40)})};
    }
};

/// Gives a pose the bone lengths of a template; directions and the hip stay.
struct SwapLengths {
    static constexpr std::string_view name = "swap_lengths";
    static constexpr std::string_view source =
        "bone-length swap between training subjects; PoseAug section 4, public training procedure";
    static constexpr std::string_view summary =
        "Gives a pose the bone lengths of a template; directions and the hip stay.";
    static constexpr std::string_view formula = "bone b of swapped = lengths[b] * bone[b] / |bone[b]|";
    static constexpr std::string_view fuses =
        "Bone vectors, their normalisation, the scaling and the walk back to joints.";
    static constexpr std::string_view inputs[] = {"joints", "lengths"}, outputs[] = {"swapped"};
    using Params = NoParams;
    using In = Rows<48, 15>;
    using Out = Rows<48>;
    static constexpr unsigned differentiable = 0b11;
    static constexpr bool mean = false;

    template <class T>
    POSEAUG_HD static void value(Params, const T (&joints)[48], const T (&lengths)[15], T (&swapped)[48]) {
        T bones[45];
        bones_of_joints(joints, bones);
        unroll<kBones>([&](auto b) {
            const auto bone = unit_vector(&bones[3 * b]);
            for (int k = 0; k < 3; ++k) bones[3 * b + k] = bone.unit[k] * lengths[b];
        });
        joints_of_bones(bones, swapped);
        translate(swapped, &joints[0]);
    }

    template <class T>
    POSEAUG_HD static void vjp(Params, const T (&joints)[48], const T (&lengths)[15], const T (&d_swapped)[48],
                               T (&d_joints)[48], T (&d_lengths)[15]) {
        T bones[45], d_bones[45], d_hip[3];
        bones_of_joints(joints, bones);
        joints_of_bones_vjp(d_swapped, d_bones, d_hip);
        unroll<kBones>([&](auto b) {
            const auto bone = unit_vector(&bones[3 * b]);
            d_lengths[b] = dot(&d_bones[3 * b], bone.unit);
            T d_unit[3];
            for (int k = 0; k < 3; ++k) d_unit[k] = d_bones[3 * b + k] * lengths[b];
            unit_vector_vjp(bone, d_unit, lit<T>(0), &d_bones[3 * b]);
        });
        bones_of_joints_vjp(d_bones, d_joints);
        for (int k = 0; k < 3; ++k) d_joints[k] += d_hip[k];
    }

    static std::vector<Sample> samples() {
        return {sample("poses", {}, {sampling::poses(19), sampling::normal(15, 19, 0.1, 0.4)}),
                kink("a bone of length zero: it stays zero whatever its new length, without gradient", {},
                     {sampling::folded_poses(9), sampling::normal(15, 9, 0.1, 0.4)})};
    }
};

} // namespace poseaug
