#include "kernels/pose/bones.hpp"

#include "kernels/pose/kcs.hpp"
#include "kernels/pose/pad_hip.hpp"
#include "tests/kernels/pose/poses.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace poseaug;

TEST_CASE("a bone is parent minus child") {
    double joints[48] = {}, bones[45];
    joints[3 * 8 + 1] = 2; // thorax
    joints[3 * 10] = 7;    // left shoulder
    bones_of_joints(joints, bones);
    CHECK(bones[3 * 9] == -7); // thorax to left shoulder
    CHECK(bones[3 * 9 + 1] == 2);
    CHECK(bones[3 * 7 + 1] == -2); // spine to thorax
    CHECK(bones[3 * 10] == 7);     // left shoulder to elbow
}

TEST_CASE("joints of bones invert bones of joints") {
    const auto poses = sampling::poses(20);
    for (int c = 0; c < poses.cols; ++c) {
        const auto pose = column<48>(poses, c);
        double bones[45], rebuilt[48], relative[48];
        bones_of_joints(pose.rows, bones);
        joints_of_bones(bones, rebuilt);
        HipRelative::value({}, pose.rows, relative);
        CHECK(largest_difference(rebuilt, relative) < 1e-14);
        CHECK(rebuilt[0] == 0);
    }
}

TEST_CASE("unit bones times lengths are the bones") {
    const auto pose = column<48>(sampling::poses(1), 0);
    double bones[45], unit[45], length[15], product[45];
    bones_of_joints(pose.rows, bones);
    unit_bones(pose.rows, unit, length);
    for (int b = 0; b < kBones; ++b) {
        CHECK(dot(&unit[3 * b], &unit[3 * b]) == doctest::Approx(1).epsilon(1e-14));
        for (int k = 0; k < 3; ++k) product[3 * b + k] = unit[3 * b + k] * length[b];
    }
    CHECK(largest_difference(product, bones) < 1e-15);
}

TEST_CASE("a zero-length bone has direction zero and no gradient") {
    auto pose = column<48>(sampling::poses(1), 0);
    for (int k = 0; k < 3; ++k) pose.rows[3 * 9 + k] = pose.rows[3 * 8 + k]; // head on thorax, a leaf
    double unit[45], length[15], d_unit[45], d_length[15], d_joints[48];
    unit_bones(pose.rows, unit, length);
    CHECK(length[8] == 0);
    CHECK(unit[3 * 8] == 0);
    for (double& d : d_unit) d = 1;
    for (double& d : d_length) d = 1;
    unit_bones_vjp(pose.rows, d_unit, d_length, d_joints);
    CHECK(all_finite(d_joints));
    for (int k = 0; k < 3; ++k) CHECK(d_joints[3 * 9 + k] == 0);
}

TEST_CASE("hip-relative poses forget where the hip is") {
    const auto pose = column<48>(sampling::poses(1), 0);
    double relative[48], moved[48], again[48];
    HipRelative::value({}, pose.rows, relative);
    for (int i = 0; i < 48; ++i) moved[i] = pose.rows[i] + i % 3;
    HipRelative::value({}, moved, again);
    CHECK(largest_difference(relative, again) < 1e-14);
    CHECK(relative[2] == 0);
}

TEST_CASE("the features of a pose are its joints seen from the hip and, below, its bones' lengths") {
    const auto pose = column<48>(sampling::poses(1), 0);
    double features[63], relative[48], unit[45], length[15];
    PoseFeatures::value({}, pose.rows, features);
    HipRelative::value({}, pose.rows, relative);
    unit_bones(pose.rows, unit, length);
    for (int i = 0; i < 48; ++i) CHECK(features[i] == relative[i]);
    for (int b = 0; b < kBones; ++b) CHECK(features[48 + b] == length[b]);
}

TEST_CASE("padding puts the hip in front") {
    double estimate[45], pose[48];
    for (int i = 0; i < 45; ++i) estimate[i] = i + 1;
    PadHip::value({}, estimate, pose);
    CHECK(pose[2] == 0);
    CHECK(pose[3] == 1);
    CHECK(pose[47] == 45);
}

TEST_CASE("compact Gram entries lie where the 225-wide form has them") {
    CHECK(kcs_full_index(0, 0) == 7 * 15 + 7);
    CHECK(kcs_full_index(0, 1) == 7 * 15 + 9);
    CHECK(kcs_full_index(1, 4) == 12 * 15 + 7);
    CHECK(kcs_full_index(4, 48) == 12 * 15 + 12);
    for (int part = 0; part < kParts; ++part) {
        std::set<int> places;
        for (int e = 0; e < part_size(part) * part_size(part); ++e) {
            const int place = kcs_full_index(part, e);
            CHECK(place >= 0);
            CHECK(place < 225);
            CHECK(kcs_compact_index(part, place) == e);
            places.insert(place);
        }
        CHECK(static_cast<int>(places.size()) == part_size(part) * part_size(part));
        for (int place = 0; place < 225; ++place)
            CHECK((kcs_compact_index(part, place) >= 0) == places.contains(place));
    }
}

TEST_CASE("Gram matrices hold the inner products of a part's unit bones") {
    const auto pose = column<48>(sampling::poses(1), 0);
    double unit[45], length[15], grams[131];
    unit_bones(pose.rows, unit, length);
    Kcs::value({}, pose.rows, grams);
    double worst = 0;
    int i = 0;
    for (int part = 0; part < kParts; ++part)
        for (int e = 0; e < part_size(part) * part_size(part); ++e) {
            const int place = kcs_full_index(part, e);
            worst = std::max(worst, std::abs(grams[i++] - dot(&unit[3 * (place / 15)], &unit[3 * (place % 15)])));
        }
    CHECK(i == 131);
    CHECK(worst < 1e-15);
    CHECK(grams[131 - 49] == doctest::Approx(1).epsilon(1e-14));
}
