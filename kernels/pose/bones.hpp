#pragma once
#include "kernels/column_op.hpp"
#include "kernels/pose/sampling.hpp"
#include "kernels/pose/unit_vector.hpp"
#include "kernels/pose/unroll.hpp"
#include "kernels/skeleton.hpp"

namespace poseaug {

/// One bone vector, parent minus child: the sign that public checkpoints rely on.
template <int Bone, class Joints, class T> POSEAUG_HD void bone_of_joints(const Joints& joints, T* bone) {
    constexpr int child = Bone + 1, parent = parent_of(child);
    for (int k = 0; k < 3; ++k) bone[k] = joints[3 * parent + k] - joints[3 * child + k];
}
template <int Bone, class T> POSEAUG_HD void add_bone_vjp(const T* d_bone, T (&d_joints)[48]) {
    constexpr int child = Bone + 1, parent = parent_of(child);
    for (int k = 0; k < 3; ++k) {
        d_joints[3 * parent + k] += d_bone[k];
        d_joints[3 * child + k] -= d_bone[k];
    }
}

template <class T> POSEAUG_HD void bones_of_joints(const T (&joints)[48], T (&bones)[45]) {
    unroll<kBones>([&](auto b) { bone_of_joints<b>(joints, &bones[3 * b]); });
}
template <class T> POSEAUG_HD void bones_of_joints_vjp(const T (&d_bones)[45], T (&d_joints)[48]) {
    for (int i = 0; i < 48; ++i) d_joints[i] = lit<T>(0);
    unroll<kBones>([&](auto b) { add_bone_vjp<b>(&d_bones[3 * b], d_joints); });
}

/// Joints with the hip at the origin.
template <class T> POSEAUG_HD void joints_of_bones(const T (&bones)[45], T (&joints)[48]) {
    for (int k = 0; k < 3; ++k) joints[k] = lit<T>(0);
    unroll<kBones>([&](auto b) {
        constexpr int child = b + 1, parent = parent_of(child);
        for (int k = 0; k < 3; ++k) joints[3 * child + k] = joints[3 * parent + k] - bones[3 * b + k];
    });
}

/// `d_sum` is the gradient of a translation of all joints.
template <class T> POSEAUG_HD void joints_of_bones_vjp(const T (&d_joints)[48], T (&d_bones)[45], T (&d_sum)[3]) {
    T subtree[48]; // sums of d_joints over a joint and all below it
    for (int i = 0; i < 48; ++i) subtree[i] = d_joints[i];
    unroll<kBones>([&](auto i) {
        constexpr int bone = kBones - 1 - i, child = bone + 1, parent = parent_of(child);
        for (int k = 0; k < 3; ++k) {
            d_bones[3 * bone + k] = -subtree[3 * child + k];
            subtree[3 * parent + k] += subtree[3 * child + k];
        }
    });
    for (int k = 0; k < 3; ++k) d_sum[k] = subtree[k];
}

/// Moves all joints by `offset` (3 numbers).
template <class T> POSEAUG_HD void translate(T (&joints)[48], const T* offset) {
    for (int j = 0; j < kJoints; ++j)
        for (int k = 0; k < 3; ++k) joints[3 * j + k] += offset[k];
}

/// Directions and lengths of all bones of a pose.
template <class T> POSEAUG_HD void unit_bones(const T (&joints)[48], T (&unit)[45], T (&length)[15]) {
    T bones[45];
    bones_of_joints(joints, bones);
    unroll<kBones>([&](auto b) {
        const auto bone = unit_vector(&bones[3 * b]);
        for (int k = 0; k < 3; ++k) unit[3 * b + k] = bone.unit[k];
        length[b] = bone.length;
    });
}

template <class T>
POSEAUG_HD void unit_bones_vjp(const T (&joints)[48], const T (&d_unit)[45], const T (&d_length)[15],
                               T (&d_joints)[48]) {
    T bones[45], d_bones[45];
    bones_of_joints(joints, bones);
    unroll<kBones>(
        [&](auto b) { unit_vector_vjp(unit_vector(&bones[3 * b]), &d_unit[3 * b], d_length[b], &d_bones[3 * b]); });
    bones_of_joints_vjp(d_bones, d_joints);
}

struct BonesOfJoints {
    static constexpr std::string_view name = "bones_of_joints";
    static constexpr std::string_view source = "bone vector = parent joint - child joint; PoseAug section 3.2";
    static constexpr std::string_view summary = "Bone vectors of a pose, parent minus child.";
    static constexpr std::string_view formula = "bone[b] = joint[parent of b] - joint[child of b]";
    static constexpr std::string_view fuses = "Two gathers of joints and their difference.";
    static constexpr std::string_view inputs[] = {"joints"}, outputs[] = {"bones"};
    using Params = NoParams;
    using In = Rows<48>;
    using Out = Rows<45>;
    static constexpr unsigned differentiable = 0b1;
    static constexpr bool mean = false;

    template <class T> POSEAUG_HD static void value(Params, const T (&joints)[48], T (&bones)[45]) {
        bones_of_joints(joints, bones);
    }
    template <class T> POSEAUG_HD static void vjp(Params, const T (&)[48], const T (&d_bones)[45], T (&d_joints)[48]) {
        bones_of_joints_vjp(d_bones, d_joints);
    }

    static std::vector<Sample> samples() {
        return {sample("poses", {}, {sampling::poses(19)}),
                sample("all joints in one place", {}, {sampling::filled(48, 5, 1.5)})};
    }
};

struct JointsOfBones {
    static constexpr std::string_view name = "joints_of_bones";
    static constexpr std::string_view source = "joint = parent joint - bone vector, hip at zero; PoseAug section 3.2";
    static constexpr std::string_view summary = "Joints from bone vectors, the hip at the origin.";
    static constexpr std::string_view formula =
        "joint[0] = 0\n"
        "joint[child of b] = joint[parent of b] - bone[b], from the hip outwards";
    static constexpr std::string_view fuses =
        "The walk down the skeleton, a pass for each of its levels, stays in registers.";
    static constexpr std::string_view inputs[] = {"bones"}, outputs[] = {"joints"};
    using Params = NoParams;
    using In = Rows<45>;
    using Out = Rows<48>;
    static constexpr unsigned differentiable = 0b1;
    static constexpr bool mean = false;

    template <class T> POSEAUG_HD static void value(Params, const T (&bones)[45], T (&joints)[48]) {
        joints_of_bones(bones, joints);
    }
    template <class T> POSEAUG_HD static void vjp(Params, const T (&)[45], const T (&d_joints)[48], T (&d_bones)[45]) {
        T d_sum[3];
        joints_of_bones_vjp(d_joints, d_bones, d_sum);
    }

    static std::vector<Sample> samples() {
        return {sample("bones", {}, {sampling::normal(45, 19, 0.3)}),
                sample("no bones", {}, {sampling::filled(45, 5, 0)})};
    }
};

struct UnitBones {
    static constexpr std::string_view name = "unit_bones";
    static constexpr std::string_view source = "bone vector = direction times length; PoseAug section 3.2";
    static constexpr std::string_view summary = "Directions and lengths of a pose's bones.";
    static constexpr std::string_view formula = "bone[b] = joint[parent of b] - joint[child of b]\n"
                                                "length[b] = |bone[b]|,  unit[b] = bone[b] / |bone[b]|";
    static constexpr std::string_view fuses =
        "Bone vectors, their lengths and the division; the bone vectors are never written.";
    static constexpr std::string_view inputs[] = {"joints"}, outputs[] = {"unit", "length"};
    using Params = NoParams;
    using In = Rows<48>;
    using Out = Rows<45, 15>;
    static constexpr unsigned differentiable = 0b1;
    static constexpr bool mean = false;

    template <class T> POSEAUG_HD static void value(Params, const T (&joints)[48], T (&unit)[45], T (&length)[15]) {
        unit_bones(joints, unit, length);
    }
    template <class T>
    POSEAUG_HD static void vjp(Params, const T (&joints)[48], const T (&d_unit)[45], const T (&d_length)[15],
                               T (&d_joints)[48]) {
        unit_bones_vjp(joints, d_unit, d_length, d_joints);
    }

    static std::vector<Sample> samples() {
        return {sample("poses", {}, {sampling::poses(19)}),
                kink("a bone of length zero: direction and length are zero and pass no gradient", {},
                     {sampling::folded_poses(9)}),
                kink("all joints in one place: all directions are zero, without gradient", {},
                     {sampling::filled(48, 5, 1.5)})};
    }
};

struct HipRelative {
    static constexpr std::string_view name = "hip_relative";
    static constexpr std::string_view source = "joints minus the hip; PoseAug section 3.2";
    static constexpr std::string_view summary = "A pose seen from its hip.";
    static constexpr std::string_view formula = "relative[j] = joint[j] - joint[0]";
    static constexpr std::string_view fuses = "Nothing: it is the one difference.";
    static constexpr std::string_view inputs[] = {"joints"}, outputs[] = {"relative"};
    using Params = NoParams;
    using In = Rows<48>;
    using Out = Rows<48>;
    static constexpr unsigned differentiable = 0b1;
    static constexpr bool mean = false;

    template <class T> POSEAUG_HD static void value(Params, const T (&joints)[48], T (&relative)[48]) {
        for (int j = 0; j < kJoints; ++j)
            for (int k = 0; k < 3; ++k) relative[3 * j + k] = joints[3 * j + k] - joints[k];
    }
    template <class T>
    POSEAUG_HD static void vjp(Params, const T (&)[48], const T (&d_relative)[48], T (&d_joints)[48]) {
        for (int k = 0; k < 3; ++k) d_joints[k] = lit<T>(0);
        for (int j = 1; j < kJoints; ++j)
            for (int k = 0; k < 3; ++k) {
                d_joints[3 * j + k] = d_relative[3 * j + k];
                d_joints[k] -= d_relative[3 * j + k];
            }
    }

    static std::vector<Sample> samples() { return {sample("poses", {}, {sampling::poses(19)})}; }
};

/// What the augmentor's nets see of a pose.
struct PoseFeatures {
    static constexpr std::string_view name = "pose_features";
    static constexpr std::string_view source = "inputs of the augmentor's nets; PoseAug section 3.2";
    static constexpr std::string_view summary = "A pose seen from its hip and, below, the lengths of its bones.";
    static constexpr std::string_view formula = "features[3 j + k] = joint[j][k] - joint[0][k]\n"
                                                "features[48 + b] = |joint[parent of b] - joint[child of b]|";
    static constexpr std::string_view fuses =
        "The difference, the bone vectors, which are never written, their lengths and the stacking.";
    static constexpr std::string_view inputs[] = {"joints"}, outputs[] = {"features"};
    using Params = NoParams;
    using In = Rows<48>;
    using Out = Rows<48 + kBones>;
    static constexpr unsigned differentiable = 0b1;
    static constexpr bool mean = false;

    template <class T> POSEAUG_HD static void value(Params, const T (&joints)[48], T (&features)[63]) {
        for (int i = 0; i < 48; ++i) features[i] = joints[i] - joints[i % 3];
        unroll<kBones>([&](auto b) {
            T bone[3];
            bone_of_joints<b>(joints, bone);
            features[48 + b] = length_of(bone);
        });
    }

    static constexpr bool streamed = true;
    template <class Joints, class Features, class T>
    POSEAUG_HD static void vjp(Params, const Joints& joints, const Features& d_features, T (&d_joints)[48]) {
        for (int k = 0; k < 3; ++k) d_joints[k] = lit<T>(0);
        for (int i = 3; i < 48; ++i) {
            d_joints[i] = d_features[i];
            d_joints[i % 3] -= d_joints[i];
        }
        unroll<kBones>([&](auto b) {
            T bone[3], d_bone[3];
            bone_of_joints<b>(joints, bone);
            const auto direction = unit_vector(bone);
            for (int k = 0; k < 3; ++k) d_bone[k] = d_features[48 + b] * direction.unit[k];
            add_bone_vjp<b>(d_bone, d_joints);
        });
    }

    static std::vector<Sample> samples() {
        return {sample("poses", {}, {sampling::poses(19)}),
                kink("a bone of length zero: its length passes no gradient", {}, {sampling::folded_poses(9)})};
    }
};

} // namespace poseaug
