#pragma once
#include "kernels/column_op.hpp"
#include "kernels/pose/sampling.hpp"

namespace poseaug {

/// An estimate of fifteen joints, completed by the hip at zero.
struct PadHip {
    static constexpr std::string_view name = "pad_hip";
    static constexpr std::string_view source = "poses are relative to the hip; PoseAug section 3.1";
    static constexpr std::string_view summary = "An estimate of fifteen joints, completed by the hip at zero.";
    static constexpr std::string_view formula = "pose = (0, 0, 0, estimate)";
    static constexpr std::string_view fuses = "A fill and a copy.";
    static constexpr std::string_view inputs[] = {"estimate"}, outputs[] = {"pose"};
    using Params = NoParams;
    using In = Rows<45>;
    using Out = Rows<48>;
    static constexpr unsigned differentiable = 0b1;
    static constexpr bool mean = false;

    template <class T> POSEAUG_HD static void value(Params, const T (&estimate)[45], T (&pose)[48]) {
        for (int k = 0; k < 3; ++k) pose[k] = lit<T>(0);
        for (int i = 0; i < 45; ++i) pose[3 + i] = estimate[i];
    }
    template <class T> POSEAUG_HD static void vjp(Params, const T (&)[45], const T (&d_pose)[48], T (&d_estimate)[45]) {
        for (int i = 0; i < 45; ++i) d_estimate[i] = d_pose[3 + i];
    }

    static std::vector<Sample> samples() { return {sample("estimates", {}, {sampling::normal(45, 19, 0.4)})}; }
};

} // namespace poseaug
