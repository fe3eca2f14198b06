#pragma once
#include "kernels/elementary.hpp"
#include "kernels/pose/rodrigues.hpp"
#include "kernels/pose/unit_vector.hpp"
#include "kernels/skeleton.hpp"

namespace poseaug {

/// Rotation about the hip by r = 3.1415 tanh(y_r), then translation of the hip to t = (x, y, z^2) of y_t: depth is
/// squared so that it is never negative.
struct RotateTranslate {
    static constexpr std::string_view name = "rotate_translate";
    static constexpr std::string_view source = "PoseAug section 3.2, rotation and translation";
    static constexpr std::string_view summary = "Rotation about the hip, then translation of the hip.";
    static constexpr std::string_view formula = "r = 3.1415 * tanh(y_r),  t = (x, y, z^2) of y_t\n"
                                                "pose_rt[j] = R(r) (pose_bl[j] - pose_bl[0]) + t,  R: see rodrigues";
    static constexpr std::string_view fuses = "tanh, the rotation matrix (which never leaves registers), hip-relative "
                                              "joints, sixteen products and the translation.";
    static constexpr std::string_view inputs[] = {"pose_bl", "y_r", "y_t"}, outputs[] = {"pose_rt", "r", "t"};
    using Params = NoParams;
    using In = Rows<48, 3, 3>;
    using Out = Rows<48, 3, 3>;
    static constexpr unsigned differentiable = 0b111;
    static constexpr bool mean = false;
    static constexpr double kLargestAngle = 3.1415;

    template <class T>
    POSEAUG_HD static void value(Params, const T (&pose_bl)[48], const T (&y_r)[3], const T (&y_t)[3], T (&pose_rt)[48],
                                 T (&r)[3], T (&t)[3]) {
        for (int k = 0; k < 3; ++k) r[k] = tanh_of(y_r[k]) * lit<T>(kLargestAngle);
        t[0] = y_t[0];
        t[1] = y_t[1];
        t[2] = y_t[2] * y_t[2];
        T rotation[9];
        rodrigues(r, rotation);
        for (int j = 0; j < kJoints; ++j) {
            T relative[3];
            for (int k = 0; k < 3; ++k) relative[k] = pose_bl[3 * j + k] - pose_bl[k];
            for (int k = 0; k < 3; ++k) pose_rt[3 * j + k] = dot(&rotation[3 * k], relative) + t[k];
        }
    }

    template <class T>
    POSEAUG_HD static void vjp(Params, const T (&pose_bl)[48], const T (&y_r)[3], const T (&y_t)[3],
                               const T (&d_pose_rt)[48], const T (&d_r)[3], const T (&d_t)[3], T (&d_pose_bl)[48],
                               T (&d_y_r)[3], T (&d_y_t)[3]) {
        T saturation[3], r[3], rotation[9], d_rotation[9];
        for (int k = 0; k < 3; ++k) {
            saturation[k] = tanh_of(y_r[k]);
            r[k] = saturation[k] * lit<T>(kLargestAngle);
            d_y_t[k] = d_t[k] + d_pose_rt[k];
            d_pose_bl[k] = lit<T>(0);
        }
        rodrigues(r, rotation);
        for (int i = 0; i < 9; ++i) d_rotation[i] = lit<T>(0);
        for (int j = 1; j < kJoints; ++j) {
            const T* const d = &d_pose_rt[3 * j];
            for (int k = 0; k < 3; ++k) {
                const T relative = pose_bl[3 * j + k] - pose_bl[k];
                for (int i = 0; i < 3; ++i) d_rotation[3 * i + k] += d[i] * relative;
                d_pose_bl[3 * j + k] = rotation[k] * d[0] + rotation[3 + k] * d[1] + rotation[6 + k] * d[2];
                d_pose_bl[k] -= d_pose_bl[3 * j + k];
                d_y_t[k] += d[k];
            }
        }
        d_y_t[2] *= lit<T>(2) * y_t[2];
        rodrigues_vjp(r, d_rotation, d_y_r);
        for (int k = 0; k < 3; ++k)
            d_y_r[k] = (d_y_r[k] + d_r[k]) * lit<T>(kLargestAngle) * (lit<T>(1) - saturation[k] * saturation[k]);
    }

    static std::vector<Sample> samples() {
        return {
            sample("poses", {}, {sampling::poses(19), sampling::normal(3, 19), sampling::normal(3, 19)}),
            singular("no rotation: the series gives the identity and its exact gradient", {},
                     {sampling::poses(5), sampling::filled(3, 5, 0), sampling::filled(3, 5, 0)}),
            singular("a tiny angle, by the series: no digits cancel", {},
                     {sampling::poses(5), sampling::normal(3, 5, 1e-5), sampling::normal(3, 5)}),
            singular("half a turn: smooth", {}, {sampling::poses(5), sampling::half_turns(5), sampling::normal(3, 5)}),
            singular("far in the tails of tanh: the gradient of y_r vanishes", {},
                     {sampling::poses(5), sampling::filled(3, 5, -40), sampling::normal(3, 5)})};
    }
};

} // namespace poseaug
