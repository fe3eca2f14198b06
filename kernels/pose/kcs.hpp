#pragma once
#include "kernels/pose/bones.hpp"

namespace poseaug {

/// Where entry `entry` of a part's compact Gram matrix (row-major, part_size x part_size) lies in the 225-wide form
/// that the discriminator's weights are stored for (row-major over all fifteen bones).
POSEAUG_HD constexpr int kcs_full_index(int part, int entry) {
    const int n = part_size(part);
    return part_bone(part, entry / n) * kBones + part_bone(part, entry % n);
}

template <int Part> inline constexpr int kGramEntries = part_size(Part) * part_size(Part);

/// Inner products of a part's unit bones.
template <int Part, class T> POSEAUG_HD void part_gram(const T (&unit)[45], T (&gram)[kGramEntries<Part>]) {
    constexpr int n = part_size(Part);
    unroll<n>([&](auto i) {
        unroll<n>([&](auto j) {
            constexpr int row = i, col = j;
            if constexpr (row > col) gram[row * n + col] = gram[col * n + row];
            else gram[row * n + col] = dot(&unit[3 * part_bone(Part, row)], &unit[3 * part_bone(Part, col)]);
        });
    });
}

/// Adds to d_unit.
template <int Part, class T>
POSEAUG_HD void part_gram_vjp(const T (&unit)[45], const T (&d_gram)[kGramEntries<Part>], T (&d_unit)[45]) {
    constexpr int n = part_size(Part);
    unroll<n>([&](auto i) {
        unroll<n>([&](auto j) {
            constexpr int row = part_bone(Part, i), col = part_bone(Part, j);
            const T d = d_gram[i * n + j] + d_gram[j * n + i];
            for (int k = 0; k < 3; ++k) d_unit[3 * row + k] += d * unit[3 * col + k];
        });
    });
}

/// Part-aware kinematic chain space: the Gram matrices of the unit bones of the five body parts, in the order of the
/// 3D discriminator's paths. Only the entries that can be non-zero: see kcs_full_index.
struct Kcs {
    static constexpr std::string_view name = "kcs";
    static constexpr std::string_view source = "part-aware kinematic chain space; PoseAug section 3.3";
    static constexpr std::string_view summary =
        "Part-aware kinematic chain space: the inner products of unit bones within each of five body parts.";
    static constexpr std::string_view formula =
        "u[b] = bone[b] / |bone[b]|\n"
        "gram[i, k] = u[b_i] . u[b_k] for the n bones b_1, ..., b_n of a part;  n = 4, 4, 5, 5, 7";
    static constexpr std::string_view fuses = "Bone vectors, their normalisation, and five masked 15 x 15 products: of "
                                              "1125 entries only the 131 that can be other than zero are computed.";
    static constexpr std::string_view inputs[] = {"joints"},
                                      outputs[] = {"left_arm", "right_arm", "left_leg", "right_leg", "torso"};
    using Params = NoParams;
    using In = Rows<48>;
    using Out = Rows<kGramEntries<0>, kGramEntries<1>, kGramEntries<2>, kGramEntries<3>, kGramEntries<4>>;
    static constexpr unsigned differentiable = 0b1;
    static constexpr bool mean = false;

    template <class T>
    POSEAUG_HD static void value(Params, const T (&joints)[48], T (&left_arm)[16], T (&right_arm)[16],
                                 T (&left_leg)[25], T (&right_leg)[25], T (&torso)[49]) {
        T unit[45], length[15];
        unit_bones(joints, unit, length);
        part_gram<0>(unit, left_arm);
        part_gram<1>(unit, right_arm);
        part_gram<2>(unit, left_leg);
        part_gram<3>(unit, right_leg);
        part_gram<4>(unit, torso);
    }

    template <class T>
    POSEAUG_HD static void vjp(Params, const T (&joints)[48], const T (&d_left_arm)[16], const T (&d_right_arm)[16],
                               const T (&d_left_leg)[25], const T (&d_right_leg)[25], const T (&d_torso)[49],
                               T (&d_joints)[48]) {
        T unit[45], length[15], d_unit[45], d_length[15];
        unit_bones(joints, unit, length);
        for (int i = 0; i < 45; ++i) d_unit[i] = lit<T>(0);
        for (int b = 0; b < kBones; ++b) d_length[b] = lit<T>(0);
        part_gram_vjp<0>(unit, d_left_arm, d_unit);
        part_gram_vjp<1>(unit, d_right_arm, d_unit);
        part_gram_vjp<2>(unit, d_left_leg, d_unit);
        part_gram_vjp<3>(unit, d_right_leg, d_unit);
        part_gram_vjp<4>(unit, d_torso, d_unit);
        unit_bones_vjp(joints, d_unit, d_length, d_joints);
    }

    static std::vector<Sample> samples() {
        return {
            sample("poses", {}, {sampling::poses(19)}),
            kink("a bone of length zero: its inner products are zero, without gradient", {},
                 {sampling::folded_poses(9)}),
            kink("all joints in one place: everything is zero, without gradient", {}, {sampling::filled(48, 5, 1.5)})};
    }
};

} // namespace poseaug
