#pragma once
#include "kernels/pose/bones.hpp"

namespace poseaug {

/// The two bones from hip to thorax keep their direction.
POSEAUG_HD constexpr bool angle_held(int bone) { return bone == 6 || bone == 7; }

/// Bone-angle augmentation: every free unit bone is moved by `change` and made unit again; lengths and the hip stay.
/// `angle_diff` is one minus the cosine of each bone's turn. A bone of zero length stays one.
struct BoneAngleStep {
    static constexpr std::string_view name = "bone_angle_step";
    static constexpr std::string_view source = "PoseAug section 3.2, bone angle";
    static constexpr std::string_view summary = "Bone-angle augmentation: bones turn, their lengths and the hip stay.";
    static constexpr std::string_view formula =
        "u = bone[b] / |bone[b]|,  v = (u + change[b]) / |u + change[b]|\n"
        "bone b of pose_ba = |bone[b]| v,  angle_diff[b] = 1 - u . v\n"
        "the two bones from hip to thorax keep their direction: angle_diff[b] = 0";
    static constexpr std::string_view fuses =
        "Bone vectors, two normalisations, the cosine, the scaling and the walk back to joints, some ten passes.";
    static constexpr std::string_view inputs[] = {"joints", "change"}, outputs[] = {"pose_ba", "angle_diff"};
    using Params = NoParams;
    using In = Rows<48, 45>;
    using Out = Rows<48, 15>;
    static constexpr unsigned differentiable = 0b11;
    static constexpr bool mean = false;

    template <class T>
    POSEAUG_HD static void value(Params, const T (&joints)[48], const T (&change)[45], T (&pose_ba)[48],
                                 T (&angle_diff)[15]) {
        T bones[45];
        bones_of_joints(joints, bones);
        unroll<kBones>([&](auto b) {
            if constexpr (angle_held(b)) {
                angle_diff[b] = lit<T>(0);
            } else {
                const auto old = unit_vector(&bones[3 * b]);
                const auto turned = turn(old, &change[3 * b]);
                angle_diff[b] = lit<T>(1) - dot(turned.unit, old.unit);
                for (int k = 0; k < 3; ++k) bones[3 * b + k] = turned.unit[k] * old.length;
            }
        });
        joints_of_bones(bones, pose_ba);
        translate(pose_ba, &joints[0]);
    }

    static constexpr bool streamed = true;
    /// From the ends of the limbs to the hip, so that the sum of what lies beyond a bone is at hand.
    template <class Joints, class Change, class Poses, class Angles, class T>
    POSEAUG_HD static void vjp(Params, const Joints& joints, const Change& change, const Poses& d_pose_ba,
                               const Angles& d_angle_diff, T (&d_joints)[48], T (&d_change)[45]) {
        T beyond[48];
        for (int i = 0; i < 48; ++i) {
            beyond[i] = d_pose_ba[i];
            d_joints[i] = lit<T>(0);
        }
        unroll<kBones>([&](auto i) {
            constexpr int b = kBones - 1 - i, child = b + 1, parent = parent_of(child);
            T d_bone[3];
            for (int k = 0; k < 3; ++k) {
                beyond[3 * parent + k] += beyond[3 * child + k];
                d_bone[k] = -beyond[3 * child + k];
                if constexpr (angle_held(b)) d_change[3 * b + k] = lit<T>(0);
            }
            if constexpr (!angle_held(b)) {
                T bone[3];
                bone_of_joints<b>(joints, bone);
                const T moved_by[3] = {change[3 * b], change[3 * b + 1], change[3 * b + 2]}, d_angle = d_angle_diff[b];
                const auto old = unit_vector(bone);
                const auto turned = turn(old, moved_by);
                const T d_length = dot(d_bone, turned.unit);
                T d_turned[3], d_old[3];
                for (int k = 0; k < 3; ++k) d_turned[k] = d_bone[k] * old.length - d_angle * old.unit[k];
                unit_vector_vjp(turned, d_turned, lit<T>(0), &d_change[3 * b]);
                for (int k = 0; k < 3; ++k) d_old[k] = d_change[3 * b + k] - d_angle * turned.unit[k];
                unit_vector_vjp(old, d_old, d_length, d_bone);
            }
            add_bone_vjp<b>(d_bone, d_joints);
        });
        for (int k = 0; k < 3; ++k) d_joints[k] += beyond[k];
    }

    static std::vector<Sample> samples() {
        const auto still = sampling::poses(5);
        return {sample("poses", {}, {sampling::poses(19), sampling::normal(45, 19, 0.3)}),
                sample("no change", {}, {still, sampling::filled(45, 5, 0)}),
                kink("a bone of length zero: its direction is zero and passes no gradient", {},
                     {sampling::folded_poses(9), sampling::normal(45, 9, 0.3)}),
                kink("a bone of length zero that nothing changes: it stays zero, without gradient", {},
                     {sampling::folded_poses(9), sampling::filled(45, 9, 0)}),
                kink("a change that cancels the direction: the bone becomes zero and gets no gradient", {},
                     {sampling::axis_aligned_poses(3), sampling::axis_aligned_bones(3, -1)})};
    }

private:
    template <class T> POSEAUG_HD static UnitVector<T> turn(const UnitVector<T>& bone, const T* change) {
        const T moved[3] = {bone.unit[0] + change[0], bone.unit[1] + change[1], bone.unit[2] + change[2]};
        return unit_vector(moved);
    }
};

} // namespace poseaug
