#pragma once
#include "kernels/column_op.hpp"
#include "kernels/graph.hpp"
#include "kernels/pose/sampling.hpp"
#include "kernels/pose/unroll.hpp"

namespace poseaug {

/// The 17 joints of a 2D pose: a neck, halfway between thorax and head, comes before the head.
struct InsertNeck {
    static constexpr std::string_view name = "insert_neck";
    static constexpr std::string_view source = "ST-GCN's 17 joints; PoseAug public training procedure";
    static constexpr std::string_view summary = "The 17 joints of a 2D pose: a neck comes between thorax and head.";
    static constexpr std::string_view formula =
        "with_neck[neck] = (image[thorax] + image[head]) / 2, the other joints as they are";
    static constexpr std::string_view fuses = "The mean, and the stacking of the joints before and after it.";
    static constexpr std::string_view inputs[] = {"image"}, outputs[] = {"with_neck"};
    using Params = NoParams;
    using In = Rows<2 * kJoints>;
    using Out = Rows<2 * kJointsWithNeck>;
    static constexpr unsigned differentiable = 0b1;
    static constexpr bool mean = false;

    template <class T> POSEAUG_HD static void value(Params, const T (&image)[32], T (&with_neck)[34]) {
        unroll<kJoints>([&](auto j) {
            for (int k = 0; k < 2; ++k) with_neck[2 * joint_with_neck(j) + k] = image[2 * j + k];
        });
        for (int k = 0; k < 2; ++k)
            with_neck[2 * kNeck + k] = lit<T>(0.5) * (image[2 * thorax + k] + image[2 * head + k]);
    }
    template <class T>
    POSEAUG_HD static void vjp(Params, const T (&)[32], const T (&d_with_neck)[34], T (&d_image)[32]) {
        unroll<kJoints>([&](auto j) {
            for (int k = 0; k < 2; ++k) {
                const bool beside = j == thorax || j == head;
                const T d = d_with_neck[2 * joint_with_neck(j) + k];
                d_image[2 * j + k] = beside ? d + lit<T>(0.5) * d_with_neck[2 * kNeck + k] : d;
            }
        });
    }

    static std::vector<Sample> samples() { return {sample("images", {}, {sampling::normal(32, 19, 0.4)})}; }

private:
    static constexpr int thorax = 8, head = 9;
};

/// A 3D pose of 17 joints without its neck.
struct RemoveNeck {
    static constexpr std::string_view name = "remove_neck";
    static constexpr std::string_view source = "ST-GCN's 17 joints; PoseAug public training procedure";
    static constexpr std::string_view summary = "A 3D pose of 17 joints without its neck.";
    static constexpr std::string_view formula = "pose = with_neck but for the neck";
    static constexpr std::string_view fuses = "Two slices and their stacking.";
    static constexpr std::string_view inputs[] = {"with_neck"}, outputs[] = {"pose"};
    using Params = NoParams;
    using In = Rows<3 * kJointsWithNeck>;
    using Out = Rows<3 * kJoints>;
    static constexpr unsigned differentiable = 0b1;
    static constexpr bool mean = false;

    template <class T> POSEAUG_HD static void value(Params, const T (&with_neck)[51], T (&pose)[48]) {
        unroll<kJoints>([&](auto j) {
            for (int k = 0; k < 3; ++k) pose[3 * j + k] = with_neck[3 * joint_with_neck(j) + k];
        });
    }
    template <class T>
    POSEAUG_HD static void vjp(Params, const T (&)[51], const T (&d_pose)[48], T (&d_with_neck)[51]) {
        unroll<kJoints>([&](auto j) {
            for (int k = 0; k < 3; ++k) d_with_neck[3 * joint_with_neck(j) + k] = d_pose[3 * j + k];
        });
        for (int k = 0; k < 3; ++k) d_with_neck[3 * kNeck + k] = lit<T>(0);
    }

    static std::vector<Sample> samples() { return {sample("estimates", {}, {sampling::normal(51, 19, 0.4)})}; }
};

} // namespace poseaug
