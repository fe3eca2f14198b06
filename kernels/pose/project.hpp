#pragma once
#include "kernels/column_op.hpp"
#include "kernels/pose/sampling.hpp"
#include "kernels/skeleton.hpp"

namespace poseaug {

/// x / z and y / z of one joint, clamped to [-1, 1]; `slope` is 1 / z where the clamp passes the gradient (its edges
/// included), else zero. At zero depth the quotient is the clamp's edge (zero where x is zero too), without gradient.
template <class T> struct Perspective { T u[2], slope[2]; };

template <class T> POSEAUG_HD Perspective<T> perspective(const T* joint) {
    const T one = lit<T>(1), zero = lit<T>(0), tiny = lit<T>(1e-20);
    const auto flat = joint[2] < tiny && joint[2] > -tiny;
    const T inverse = one / select(flat, tiny, joint[2]);
    Perspective<T> p;
    for (int k = 0; k < 2; ++k) {
        const T q = joint[k] * inverse;
        const T below = select(q > one, one, q);
        p.u[k] = select(q < -one, -one, below);
        p.slope[k] = select(q > one || q < -one || flat, zero, inverse);
    }
    return p;
}

/// Radial distortion of the squared radius: 1 + k1 r2 + k2 r2^2 + k3 r2^3.
template <class T> POSEAUG_HD T radial_distortion(const T (&camera)[9], const T& r2) {
    return lit<T>(1) + r2 * (camera[4] + r2 * (camera[5] + r2 * camera[6]));
}

/// One joint in camera space to normalised image coordinates.
template <class T> POSEAUG_HD void project_joint(const T* joint, const T (&camera)[9], T* image) {
    const auto p = perspective(joint);
    const T r2 = p.u[0] * p.u[0] + p.u[1] * p.u[1];
    const T factor = radial_distortion(camera, r2) + camera[7] * p.u[0] + camera[8] * p.u[1];
    for (int k = 0; k < 2; ++k) image[k] = camera[k] * (p.u[k] * factor + camera[7 + k] * r2) + camera[2 + k];
}

template <class T>
POSEAUG_HD void project_joint_vjp(const T* joint, const T (&camera)[9], const T (&d_image)[2], T* d_joint) {
    const auto p = perspective(joint);
    const T r2 = p.u[0] * p.u[0] + p.u[1] * p.u[1];
    const T factor = radial_distortion(camera, r2) + camera[7] * p.u[0] + camera[8] * p.u[1];
    const T d[2] = {d_image[0] * camera[0], d_image[1] * camera[1]};
    const T d_factor = d[0] * p.u[0] + d[1] * p.u[1];
    const T d_radial = camera[4] + r2 * (lit<T>(2) * camera[5] + r2 * lit<T>(3) * camera[6]);
    const T d_r2 = d[0] * camera[7] + d[1] * camera[8] + d_factor * d_radial;
    d_joint[2] = lit<T>(0);
    for (int k = 0; k < 2; ++k) {
        const T d_u = d[k] * factor + d_factor * camera[7 + k] + lit<T>(2) * p.u[k] * d_r2;
        d_joint[k] = d_u * p.slope[k];
        d_joint[2] -= d_u * p.slope[k] * p.u[k];
    }
}

/// Joints in camera space to normalised image coordinates, by intrinsics fx fy cx cy k1 k2 k3 p1 p2.
struct Project {
    static constexpr std::string_view name = "project";
    static constexpr std::string_view source =
        "pinhole camera with radial and tangential distortion, x/z and y/z clamped to [-1, 1]; PoseAug section 3.2";
    static constexpr std::string_view summary = "Joints in camera space to normalised image coordinates.";
    static constexpr std::string_view formula = "u = clamp(x / z, -1, 1),  v = clamp(y / z, -1, 1),  s = u^2 + v^2\n"
                                                "d = 1 + k1 s + k2 s^2 + k3 s^3 + p1 u + p2 v\n"
                                                "image = (fx (u d + p1 s) + cx, fy (v d + p2 s) + cy)\n"
                                                "camera = (fx, fy, cx, cy, k1, k2, k3, p1, p2)";
    static constexpr std::string_view fuses =
        "Division, clamp, radial and tangential distortion and the intrinsics, some fifteen passes.";
    static constexpr std::string_view inputs[] = {"joints", "camera"}, outputs[] = {"image"};
    using Params = NoParams;
    using In = Rows<48, 9>;
    using Out = Rows<32>;
    static constexpr unsigned differentiable = 0b01;
    static constexpr bool mean = false;

    template <class T>
    POSEAUG_HD static void value(Params, const T (&joints)[48], const T (&camera)[9], T (&image)[32]) {
        for (int j = 0; j < kJoints; ++j) project_joint(&joints[3 * j], camera, &image[2 * j]);
    }

    template <class T>
    POSEAUG_HD static void vjp(Params, const T (&joints)[48], const T (&camera)[9], const T (&d_image)[32],
                               T (&d_joints)[48], T (&)[9]) {
        for (int j = 0; j < kJoints; ++j) {
            const T d[2] = {d_image[2 * j], d_image[2 * j + 1]};
            project_joint_vjp(&joints[3 * j], camera, d, &d_joints[3 * j]);
        }
    }

    static std::vector<Sample> samples() {
        auto edge = sampling::filled(48, 4, 2.0); // x = z and y = z: on the clamp's corner
        auto nothing = sampling::filled(48, 4, 0);
        return {sample("in front of the camera", {}, {sampling::poses(19), sampling::cameras(19)}),
                singular("x / z or y / z beyond the clamp: no gradient", {},
                         {sampling::normal(48, 19, 3, 5), sampling::cameras(19)}),
                sample("behind the camera", {}, {sampling::normal(48, 9, 0.2, -3), sampling::cameras(9)}),
                kink("x / z or y / z at the clamp's edge: the gradient passes, as from inside", {},
                     {edge, sampling::cameras(4)}),
                kink("depth zero: the quotient is the clamp's edge (zero where x or y is), without gradient", {},
                     {sampling::zero_depth_poses(9), sampling::cameras(9)}),
                kink("a joint in the camera's centre: seen at the principal point, without gradient", {},
                     {nothing, sampling::cameras(4)})};
    }
};

} // namespace poseaug
