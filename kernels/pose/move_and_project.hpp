#pragma once
#include "kernels/elementary.hpp"
#include "kernels/pose/bone_length.hpp"
#include "kernels/pose/project.hpp"
#include "kernels/pose/rodrigues.hpp"
#include "kernels/pose/walk.hpp"

#include <utility>

namespace poseaug {

/// Bone-length augmentation (see BoneLengthStep), rotation about the hip by r = 3.1415 tanh(y_r), translation of the hip
/// to t = (x, y, z^2) of y_t (depth is squared so that it is never negative), and what the camera then sees. The pose
/// between stays in registers, and the backward makes it anew.
struct MoveAndProject {
    static constexpr std::string_view name = "move_and_project";
    static constexpr std::string_view source = "PoseAug section 3.2, bone length, rotation and translation";
    static constexpr std::string_view summary =
        "Bone lengths, rotation about the hip and translation of the hip of a pose, and its projection.";
    static constexpr std::string_view formula = "pose_bl, ratio = bone_length_step(pose_ba, y)\n"
                                                "r = 3.1415 * tanh(y_r),  t = (x, y, z^2) of y_t\n"
                                                "pose_rt[j] = R(r) (pose_bl[j] - pose_bl[0]) + t,  R: see rodrigues\n"
                                                "image_rt = project(pose_rt, camera)";
    static constexpr std::string_view fuses =
        "Three stages of some 40 passes: neither the pose of changed bones nor the rotation matrix leaves registers, "
        "and the gradients of both poses within are never written.";
    static constexpr std::string_view inputs[] = {"pose_ba", "y", "y_r", "y_t", "camera"},
                                      outputs[] = {"pose_rt", "image_rt", "ratio", "r", "t"};
    using Params = BoneLengthStep::Params;
    using In = Rows<48, 9, 3, 3, 9>;
    using Out = Rows<48, 32, 9, 3, 3>;
    static constexpr unsigned differentiable = 0b01111;
    static constexpr bool mean = false;
    static constexpr double kLargestAngle = 3.1415;

    template <class T>
    POSEAUG_HD static void value(const Params& params, const T (&pose_ba)[48], const T (&y)[9], const T (&y_r)[3],
                                 const T (&y_t)[3], const T (&camera)[9], T (&pose_rt)[48], T (&image_rt)[32],
                                 T (&ratio)[9], T (&r)[3], T (&t)[3]) {
        T bones[45], from_hip[48], rotation[9];
        stretched_bones(params.ratio_limit, pose_ba, y, bones, ratio);
        joints_of_bones(bones, from_hip);
        for (int k = 0; k < 3; ++k) {
            r[k] = tanh_of(y_r[k]) * lit<T>(kLargestAngle);
            t[k] = k < 2 ? y_t[k] : y_t[k] * y_t[k];
        }
        rodrigues(r, rotation);
        for (int j = 0; j < kJoints; ++j)
            for (int k = 0; k < 3; ++k) pose_rt[3 * j + k] = dot(&rotation[3 * k], &from_hip[3 * j]) + t[k];
        Project::value({}, pose_rt, camera, image_rt);
    }

    static constexpr bool streamed = true;
    /// Out along a limb with the poses, back with their gradients.
    template <class Poses, class Y, class YR, class YT, class Cameras, class DPoses, class DImages, class DRatio,
              class DR, class DT, class T>
    POSEAUG_HD static void vjp(const Params& params, const Poses& pose_ba, const Y& y, const YR& y_r, const YT& y_t,
                               const Cameras& cameras, const DPoses& d_pose_rt, const DImages& d_image_rt,
                               const DRatio& d_ratio, const DR& d_r, const DT& d_t, T (&d_pose_ba)[48], T (&d_y)[9],
                               T (&d_y_r)[3], T (&d_y_t)[3], T (&)[9]) {
        const T limit = lit<T>(params.ratio_limit), one = lit<T>(1), depth = y_t[2];
        T camera[9], saturation[9], turn[3], r[3], t[3] = {y_t[0], y_t[1], depth * depth};
        for (int i = 0; i < 9; ++i) camera[i] = cameras[i];
        for (int i = 0; i < kRatios; ++i) saturation[i] = i == kHeldRatio ? lit<T>(0) : tanh_of(T(y[i]));
        for (int k = 0; k < 3; ++k) {
            turn[k] = tanh_of(T(y_r[k]));
            r[k] = turn[k] * lit<T>(kLargestAngle);
            d_y_t[k] = d_t[k];
        }
        T rotation[9], d_rotation[9];
        rodrigues(r, rotation);
        for (int i = 0; i < 9; ++i) d_rotation[i] = lit<T>(0);
        for (int i = 0; i < 48; ++i) d_pose_ba[i] = lit<T>(0);
        for (int i = 0; i < kRatios; ++i) d_y[i] = d_ratio[i];
        T from_hip[48], beyond[48]; // beyond: gradients of a joint, then sums over it and all below it
        const auto enter = [&](auto j) {
            T* const x = &from_hip[3 * j];
            if constexpr (j == 0) {
                for (int k = 0; k < 3; ++k) x[k] = lit<T>(0);
            } else {
                constexpr int b = j - 1, parent = parent_of(j);
                T bone[3];
                bone_of_joints<b>(pose_ba, bone);
                const T scale = one + saturation[ratio_of_bone(b)] * limit;
                for (int k = 0; k < 3; ++k) x[k] = from_hip[3 * parent + k] - bone[k] * scale;
            }
            T seen[3], d[3];
            for (int k = 0; k < 3; ++k) seen[k] = dot(&rotation[3 * k], x) + t[k];
            const T d_image[2] = {d_image_rt[2 * j], d_image_rt[2 * j + 1]};
            project_joint_vjp(seen, camera, d_image, d);
            for (int k = 0; k < 3; ++k) {
                d[k] += d_pose_rt[3 * j + k];
                d_y_t[k] += d[k];
                for (int i = 0; i < 3; ++i) d_rotation[3 * k + i] += d[k] * x[i];
            }
            for (int k = 0; k < 3; ++k)
                beyond[3 * j + k] = rotation[k] * d[0] + rotation[3 + k] * d[1] + rotation[6 + k] * d[2];
        };
        const auto leave = [&](auto j) {
            if constexpr (j > 0) {
                constexpr int b = j - 1, parent = parent_of(j), of = ratio_of_bone(b);
                T bone[3], d_bone[3];
                bone_of_joints<b>(pose_ba, bone);
                for (int k = 0; k < 3; ++k) {
                    beyond[3 * parent + k] += beyond[3 * j + k];
                    d_bone[k] = -beyond[3 * j + k];
                }
                d_y[of] += dot(d_bone, bone);
                for (int k = 0; k < 3; ++k) d_bone[k] *= one + saturation[of] * limit;
                add_bone_vjp<b>(d_bone, d_pose_ba);
            }
        };
        walk_limbs(enter, leave);
        for (int i = 0; i < kRatios; ++i)
            d_y[i] = i == kHeldRatio ? lit<T>(0) : d_y[i] * limit * (one - saturation[i] * saturation[i]);
        rodrigues_vjp(r, d_rotation, d_y_r);
        for (int k = 0; k < 3; ++k) d_y_r[k] = (d_y_r[k] + d_r[k]) * lit<T>(kLargestAngle) * (one - turn[k] * turn[k]);
        d_y_t[2] *= lit<T>(2) * depth;
    }

    static std::vector<Sample> samples() {
        const Attributes limits = Attributes::of(Params{0.2});
        const auto with = [](Sample::Matrix pose, Sample::Matrix y, Sample::Matrix y_r) {
            const int cols = pose.cols;
            Sample::Matrix y_t = sampling::normal(3, cols, 0.3);
            for (int c = 0; c < cols; ++c) y_t.values[std::size_t{2} * cols + c] += 2.2; // in front of the camera
            return std::vector<Sample::Matrix>{std::move(pose), std::move(y), std::move(y_r), std::move(y_t),
                                               sampling::cameras(cols)};
        };
        using sampling::normal, sampling::filled, sampling::poses;
        auto behind = with(poses(9), normal(9, 9), normal(3, 9)), at_camera = behind;
        behind[3] = filled(3, 9, -0.1);
        at_camera[3] = filled(3, 9, 0);
        return {sample("poses", limits, with(poses(19), normal(9, 19), normal(3, 19))),
                sample("zero-length bones", limits, with(sampling::folded_poses(9), normal(9, 9), normal(3, 9))),
                singular("no rotation: the series gives the identity and its exact gradient", limits,
                         with(poses(5), normal(9, 5), filled(3, 5, 0))),
                singular("a tiny angle, by the series: no digits cancel", limits,
                         with(poses(5), normal(9, 5), normal(3, 5, 1e-5))),
                singular("half a turn: smooth", limits, with(poses(5), normal(9, 5), sampling::half_turns(5))),
                singular("far in the tails of tanh: the gradients of y and y_r vanish", limits,
                         with(poses(5), filled(9, 5, 40), filled(3, 5, -40))),
                singular("a hip at the camera: joints beside it are seen at the clamp's edge, without gradient", limits,
                         behind),
                kink("a hip in the camera's centre: seen at the principal point, without gradient", limits, at_camera)};
    }
};

} // namespace poseaug
