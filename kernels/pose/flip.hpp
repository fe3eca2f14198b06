#pragma once
#include "kernels/column_op.hpp"
#include "kernels/pose/sampling.hpp"
#include "kernels/pose/unroll.hpp"
#include "kernels/skeleton.hpp"

namespace poseaug {

/// A 2D pose seen in a mirror: left and right joints trade places, x changes sign.
struct MirrorImage {
    static constexpr std::string_view name = "mirror_image";
    static constexpr std::string_view source = "test-time flip; PoseAug section 4, public evaluation procedure";
    static constexpr std::string_view summary = "A 2D pose seen in a mirror.";
    static constexpr std::string_view formula =
        "mirrored[j] = (-x, y) of image[m(j)],  m(j): the same joint on the other side of the body";
    static constexpr std::string_view fuses = "The exchange of left and right, and the change of sign.";
    static constexpr std::string_view inputs[] = {"image"}, outputs[] = {"mirrored"};
    using Params = NoParams;
    using In = Rows<32>;
    using Out = Rows<32>;
    static constexpr unsigned differentiable = 0b1;
    static constexpr bool mean = false;

    template <class T> POSEAUG_HD static void value(Params, const T (&image)[32], T (&mirrored)[32]) {
        unroll<kJoints>([&](auto j) {
            constexpr int other = mirror_of(j);
            mirrored[2 * j] = -image[2 * other];
            mirrored[2 * j + 1] = image[2 * other + 1];
        });
    }
    /// Its own adjoint.
    template <class T>
    POSEAUG_HD static void vjp(Params params, const T (&)[32], const T (&d_mirrored)[32], T (&d_image)[32]) {
        value(params, d_mirrored, d_image);
    }

    static std::vector<Sample> samples() { return {sample("images", {}, {sampling::normal(32, 19, 0.4)})}; }
};

/// The mean of an estimate and of the estimate on the mirrored image, mirrored back.
struct FlipAverage {
    static constexpr std::string_view name = "flip_average";
    static constexpr std::string_view source = "test-time flip; PoseAug section 4, public evaluation procedure";
    static constexpr std::string_view summary =
        "The mean of an estimate and of the estimate on the mirrored image, mirrored back.";
    static constexpr std::string_view formula =
        "average[j] = (pose[j] + M pose_of_mirrored[m(j)]) / 2\n"
        "M = diag(-1, 1, 1),  m(j): the same joint on the other side of the body";
    static constexpr std::string_view fuses = "Mirroring back, the sum and the halving.";
    static constexpr std::string_view inputs[] = {"pose", "pose_of_mirrored"}, outputs[] = {"average"};
    using Params = NoParams;
    using In = Rows<48, 48>;
    using Out = Rows<48>;
    static constexpr unsigned differentiable = 0b11;
    static constexpr bool mean = false;

    template <class T>
    POSEAUG_HD static void value(Params, const T (&pose)[48], const T (&pose_of_mirrored)[48], T (&average)[48]) {
        const T half = lit<T>(0.5);
        unroll<kJoints>([&](auto j) {
            constexpr int other = mirror_of(j);
            average[3 * j] = half * (pose[3 * j] - pose_of_mirrored[3 * other]);
            for (int k = 1; k < 3; ++k) average[3 * j + k] = half * (pose[3 * j + k] + pose_of_mirrored[3 * other + k]);
        });
    }
    template <class T>
    POSEAUG_HD static void vjp(Params, const T (&)[48], const T (&)[48], const T (&d_average)[48], T (&d_pose)[48],
                               T (&d_pose_of_mirrored)[48]) {
        const T half = lit<T>(0.5);
        unroll<kJoints>([&](auto j) {
            constexpr int other = mirror_of(j);
            for (int k = 0; k < 3; ++k) {
                d_pose[3 * j + k] = half * d_average[3 * j + k];
                d_pose_of_mirrored[3 * other + k] = (k == 0 ? -half : half) * d_average[3 * j + k];
            }
        });
    }

    static std::vector<Sample> samples() {
        return {sample("poses", {}, {sampling::normal(48, 19, 0.4), sampling::normal(48, 19, 0.4)})};
    }
};

} // namespace poseaug
