#pragma once
#include "kernels/pose/bones.hpp"

namespace poseaug {

/// Where entry `entry` of a part's compact Gram matrix (row-major, part_size x part_size) lies in the 225-wide form
/// that the discriminator's weights are stored for (row-major over all fifteen bones).
POSEAUG_HD constexpr int kcs_full_index(int part, int entry) {
    const int n = part_size(part);
    return part_bone(part, entry / n) * kBones + part_bone(part, entry % n);
}

/// The inverse; -1 for entries of the 225-wide form that are zero for the part.
POSEAUG_HD constexpr int kcs_compact_index(int part, int full) {
    const int n = part_size(part);
    int row = -1, col = -1;
    for (int k = 0; k < n; ++k) {
        if (part_bone(part, k) == full / kBones) row = k;
        if (part_bone(part, k) == full % kBones) col = k;
    }
    return row >= 0 && col >= 0 ? row * n + col : -1;
}

// Parts whose Gram matrices are equally large follow each other: two arms, two legs, the torso.
inline constexpr int kGramSizes = 3;
POSEAUG_HD constexpr int first_part_of_gram(int k) { return 2 * k; }
POSEAUG_HD constexpr int parts_of_gram(int k) { return k < 2 ? 2 : 1; }
POSEAUG_HD constexpr int gram_of_part(int part) { return part / 2; }
POSEAUG_HD constexpr int entries_of_gram(int k) { return part_size(2 * k) * part_size(2 * k); }
static_assert(part_size(0) == part_size(1) && part_size(2) == part_size(3) && kParts == 5);

/// Where a part's entries begin among those of all parts.
POSEAUG_HD constexpr int first_gram_entry(int part) {
    int first = 0;
    for (int p = 0; p < part; ++p) first += part_size(p) * part_size(p);
    return first;
}
inline constexpr int kAllGramEntries = first_gram_entry(kParts);

/// Inner products of a part's unit bones.
template <int Part, class T> POSEAUG_HD void part_gram(const T (&unit)[45], T* gram) {
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
template <int Part, class T, class Grams>
POSEAUG_HD void part_gram_vjp(const T (&unit)[45], const Grams& d_grams, T (&d_unit)[45]) {
    constexpr int n = part_size(Part), first = first_gram_entry(Part);
    unroll<n>([&](auto i) {
        unroll<n>([&](auto j) {
            if constexpr (j <= i) {
                constexpr int row = part_bone(Part, i), col = part_bone(Part, j);
                const T d = d_grams[first + i * n + j] + d_grams[first + j * n + i];
                for (int k = 0; k < 3; ++k) {
                    d_unit[3 * row + k] += d * unit[3 * col + k];
                    if constexpr (j < i) d_unit[3 * col + k] += d * unit[3 * row + k];
                }
            }
        });
    });
}

/// Part-aware kinematic chain space: the Gram matrices of the unit bones of the five body parts, one after another in
/// the order of the 3D discriminator's paths. Only the entries that can be non-zero: see kcs_full_index.
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
    static constexpr std::string_view inputs[] = {"joints"}, outputs[] = {"grams"};
    using Params = NoParams;
    using In = Rows<48>;
    using Out = Rows<kAllGramEntries>;
    static constexpr unsigned differentiable = 0b1;
    static constexpr bool mean = false;

    template <class T> POSEAUG_HD static void value(Params, const T (&joints)[48], T (&grams)[kAllGramEntries]) {
        T unit[45], length[15];
        unit_bones(joints, unit, length);
        unroll<kParts>([&](auto part) {
            constexpr int first = first_gram_entry(part);
            part_gram<part>(unit, &grams[first]);
        });
    }

    static constexpr bool streamed = true;
    template <class Joints, class Grams, class T>
    POSEAUG_HD static void vjp(Params, const Joints& joints, const Grams& d_grams, T (&d_joints)[48]) {
        T unit[45], inverse[15], d_unit[45];
        unroll<kBones>([&](auto b) {
            T bone[3];
            bone_of_joints<b>(joints, bone);
            const auto v = unit_vector(bone);
            inverse[b] = v.inverse;
            for (int k = 0; k < 3; ++k) {
                unit[3 * b + k] = v.unit[k];
                d_unit[3 * b + k] = lit<T>(0);
            }
        });
        unroll<kParts>([&](auto part) { part_gram_vjp<part>(unit, d_grams, d_unit); });
        for (int i = 0; i < 48; ++i) d_joints[i] = lit<T>(0);
        unroll<kBones>([&](auto b) {
            const UnitVector<T> bone{{unit[3 * b], unit[3 * b + 1], unit[3 * b + 2]}, lit<T>(0), inverse[b]};
            T d_bone[3];
            unit_vector_vjp(bone, &d_unit[3 * b], lit<T>(0), d_bone);
            add_bone_vjp<b>(d_bone, d_joints);
        });
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
