#pragma once
#include "kernels/pose/bones.hpp"
#include "kernels/pose/project.hpp"
#include "kernels/pose/walk.hpp"

namespace poseaug {

/// The two bones from hip to thorax keep their direction.
POSEAUG_HD constexpr bool angle_held(int bone) { return bone == 6 || bone == 7; }

/// Bone-angle augmentation: every free unit bone is moved by `change` and made unit again; lengths and the hip stay.
/// `angle_diff` is one minus the cosine of each bone's turn, and `image_ba` what the camera sees of the pose. A bone of
/// zero length stays one.
struct BoneAngleStep {
    static constexpr std::string_view name = "bone_angle_step";
    static constexpr std::string_view source = "PoseAug section 3.2, bone angle";
    static constexpr std::string_view summary =
        "Bone-angle augmentation: bones turn, their lengths and the hip stay; and its projection.";
    static constexpr std::string_view formula =
        "u = bone[b] / |bone[b]|,  v = (u + change[b]) / |u + change[b]|\n"
        "bone b of pose_ba = |bone[b]| v,  angle_diff[b] = 1 - u . v\n"
        "the two bones from hip to thorax keep their direction: angle_diff[b] = 0\n"
        "image_ba = project(pose_ba, camera)";
    static constexpr std::string_view fuses =
        "Bone vectors, two normalisations, the cosine, the scaling, the walk back to joints and the projection, some "
        "25 passes. The backward makes the pose anew to go back through its projection.";
    static constexpr std::string_view inputs[] = {"joints", "change", "camera"},
                                      outputs[] = {"pose_ba", "angle_diff", "image_ba"};
    using Params = NoParams;
    using In = Rows<48, 45, 9>;
    using Out = Rows<48, 15, 32>;
    static constexpr unsigned differentiable = 0b011;
    static constexpr bool mean = false;

    template <class T>
    POSEAUG_HD static void value(Params, const T (&joints)[48], const T (&change)[45], const T (&camera)[9],
                                 T (&pose_ba)[48], T (&angle_diff)[15], T (&image_ba)[32]) {
        T bones[45];
        bones_of_joints(joints, bones);
        unroll<kBones>([&](auto b) {
            if constexpr (angle_held(b)) {
                angle_diff[b] = lit<T>(0);
            } else {
                const auto [old, turned] = turn(&bones[3 * b], &change[3 * b]);
                angle_diff[b] = lit<T>(1) - dot(turned.unit, old.unit);
                for (int k = 0; k < 3; ++k) bones[3 * b + k] = turned.unit[k] * old.length;
            }
        });
        joints_of_bones(bones, pose_ba);
        translate(pose_ba, &joints[0]);
        Project::value({}, pose_ba, camera, image_ba);
    }

    static constexpr bool streamed = true;
    /// Out along a limb with the pose, and back through its projection and its bones.
    template <class Joints, class Change, class Cameras, class Poses, class Angles, class Images, class T>
    POSEAUG_HD static void vjp(Params, const Joints& joints, const Change& change, const Cameras& cameras,
                               const Poses& d_pose_ba, const Angles& d_angle_diff, const Images& d_image_ba,
                               T (&d_joints)[48], T (&d_change)[45], T (&)[9]) {
        T camera[9], from_hip[48], beyond[48]; // beyond: gradients of a joint, then sums over it and all below it
        Turn<T> turns[kBones];
        for (int i = 0; i < 9; ++i) camera[i] = cameras[i];
        for (int i = 0; i < 48; ++i) d_joints[i] = lit<T>(0);
        const auto enter = [&](auto j) {
            T* const x = &from_hip[3 * j];
            if constexpr (j == 0) {
                for (int k = 0; k < 3; ++k) x[k] = lit<T>(0);
            } else {
                constexpr int b = j - 1, parent = parent_of(j);
                T bone[3];
                bone_of_joints<b>(joints, bone);
                if constexpr (!angle_held(b)) {
                    const T by[3] = {change[3 * b], change[3 * b + 1], change[3 * b + 2]};
                    turns[b] = turn(bone, by);
                    for (int k = 0; k < 3; ++k) bone[k] = turns[b].turned.unit[k] * turns[b].old.length;
                }
                for (int k = 0; k < 3; ++k) x[k] = from_hip[3 * parent + k] - bone[k];
            }
            const T seen[3] = {x[0] + joints[0], x[1] + joints[1], x[2] + joints[2]};
            const T d_image[2] = {d_image_ba[2 * j], d_image_ba[2 * j + 1]};
            project_joint_vjp(seen, camera, d_image, &beyond[3 * j]);
            for (int k = 0; k < 3; ++k) beyond[3 * j + k] += d_pose_ba[3 * j + k];
        };
        const auto leave = [&](auto j) {
            if constexpr (j == 0) {
                for (int k = 0; k < 3; ++k) d_joints[k] += beyond[k];
            } else {
                constexpr int b = j - 1, parent = parent_of(j);
                T d_bone[3];
                for (int k = 0; k < 3; ++k) {
                    beyond[3 * parent + k] += beyond[3 * j + k];
                    d_bone[k] = -beyond[3 * j + k];
                    if constexpr (angle_held(b)) d_change[3 * b + k] = lit<T>(0);
                }
                if constexpr (!angle_held(b)) {
                    const auto& [old, turned] = turns[b];
                    const T d_length = dot(d_bone, turned.unit), d_angle = d_angle_diff[b];
                    T d_turned[3], d_old[3];
                    for (int k = 0; k < 3; ++k) d_turned[k] = d_bone[k] * old.length - d_angle * old.unit[k];
                    unit_vector_vjp(turned, d_turned, lit<T>(0), &d_change[3 * b]);
                    for (int k = 0; k < 3; ++k) d_old[k] = d_change[3 * b + k] - d_angle * turned.unit[k];
                    unit_vector_vjp(old, d_old, d_length, d_bone);
                }
                add_bone_vjp<b>(d_bone, d_joints);
            }
        };
        walk_limbs(enter, leave);
    }

    static std::vector<Sample> samples() {
        const auto with = [](Sample::Matrix joints, Sample::Matrix change) {
            const int cols = joints.cols;
            return std::vector<Sample::Matrix>{std::move(joints), std::move(change), sampling::cameras(cols)};
        };
        return {sample("poses", {}, with(sampling::poses(19), sampling::normal(45, 19, 0.3))),
                sample("no change", {}, with(sampling::poses(5), sampling::filled(45, 5, 0))),
                singular("poses beside what the camera sees: no gradient of the image", {},
                         with(sampling::normal(48, 19, 3, 5), sampling::normal(45, 19, 0.3))),
                kink("a bone of length zero: its direction is zero and passes no gradient", {},
                     with(sampling::folded_poses(9), sampling::normal(45, 9, 0.3))),
                kink("a bone of length zero that nothing changes: it stays zero, without gradient", {},
                     with(sampling::folded_poses(9), sampling::filled(45, 9, 0))),
                kink("a change that cancels the direction: the bone becomes zero and gets no gradient", {},
                     with(sampling::axis_aligned_poses(3), sampling::axis_aligned_bones(3, -1))),
                kink("joints of depth zero: the image is the clamp's edge, without gradient", {},
                     with(sampling::zero_depth_poses(9), sampling::filled(45, 9, 0)))};
    }

private:
    /// A free bone before and after.
    template <class T> struct Turn { UnitVector<T> old, turned; };
    template <class T> POSEAUG_HD static Turn<T> turn(const T* bone, const T* change) {
        const auto old = unit_vector(bone);
        const T moved[3] = {old.unit[0] + change[0], old.unit[1] + change[1], old.unit[2] + change[2]};
        return {old, unit_vector(moved)};
    }
};

} // namespace poseaug
