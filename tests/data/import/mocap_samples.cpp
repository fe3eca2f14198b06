#include "tests/data/import/mocap_samples.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string_view>
#include <vector>

namespace poseaug::testing {
namespace {

struct Joint {
    int depth;
    std::string_view name;
    std::array<double, 3> offset;
};

/// In the order of a hierarchy; the one before with a smaller depth is the parent.
const std::vector<Joint> kPerson = {
    {0, "Hips", {0, 95, 0}},        {1, "RightUpLeg", {-10, -4, 0}}, {2, "RightLeg", {0, -43, 0}},
    {3, "RightFoot", {0, -41, 0}},  {1, "LeftUpLeg", {10, -4, 0}},   {2, "LeftLeg", {0, -43, 0}},
    {3, "LeftFoot", {0, -41, 0}},   {1, "Spine1", {0, 22, 0}},       {2, "Neck", {0, 27, 0}},
    {3, "HeadTop_End", {0, 24, 0}}, {3, "LeftArm", {17, -5, 0}},     {4, "LeftForeArm", {0, -28, 0}},
    {5, "LeftHand", {0, -25, 0}},   {3, "RightArm", {-17, -5, 0}},   {4, "RightForeArm", {0, -28, 0}},
    {5, "RightHand", {0, -25, 0}},
};

bool has_child(std::size_t j) { return j + 1 < kPerson.size() && kPerson[j + 1].depth > kPerson[j].depth; }

struct Bone {
    std::string_view name, parent;
    std::array<double, 3> direction;
    double length;
    std::string_view dof;
};

const std::vector<Bone> kBones = {
    {"rhipjoint", "root", {-0.9, -0.436, 0}, 2, ""},
    {"rfemur", "rhipjoint", {0, -1, 0}, 7.3, "rx ry rz"},
    {"rtibia", "rfemur", {0, -1, 0}, 7, "rx"},
    {"lhipjoint", "root", {0.9, -0.436, 0}, 2, ""},
    {"lfemur", "lhipjoint", {0, -1, 0}, 7.3, "rx ry rz"},
    {"ltibia", "lfemur", {0, -1, 0}, 7, "rx"},
    {"lowerback", "root", {0, 1, 0}, 2.1, ""},
    {"upperback", "lowerback", {0, 1, 0}, 2.1, ""},
    {"thorax", "upperback", {0, 1, 0}, 2.1, "rx ry rz"},
    {"head", "thorax", {0, 1, 0}, 4.2, ""},
    {"lclavicle", "thorax", {0.96, -0.28, 0}, 3.2, ""},
    {"lhumerus", "lclavicle", {0, -1, 0}, 5, "rx ry rz"},
    {"lradius", "lhumerus", {0, -1, 0}, 4.4, "rx"},
    {"rclavicle", "thorax", {-0.96, -0.28, 0}, 3.2, ""},
    {"rhumerus", "rclavicle", {0, -1, 0}, 5, "rx ry rz"},
    {"rradius", "rhumerus", {0, -1, 0}, 4.4, "rx"},
};

} // namespace

std::string person_bvh(int frames, double rate, double speed, double scale) {
    std::string text = "HIERARCHY\n";
    for (std::size_t j = 0; j < kPerson.size(); ++j) {
        const auto& [depth, name, offset] = kPerson[j];
        text += fmt::format("{} mixamorig:{}\n{{\nOFFSET {} {} {}\nCHANNELS {} Zrotation Xrotation Yrotation\n",
                            depth == 0 ? "ROOT" : "JOINT", name, scale * offset[0], scale * offset[1],
                            scale * offset[2], depth == 0 ? "6 Xposition Yposition Zposition" : "3");
        const int next = j + 1 < kPerson.size() ? kPerson[j + 1].depth : 0;
        if (!has_child(j)) text += "End Site\n{\nOFFSET 0 0 0\n}\n";
        for (int closing = depth; closing >= next; --closing) text += "}\n";
    }
    text += fmt::format("MOTION\nFrames: {}\nFrame Time: {:.6f}\n", frames, 1 / rate);
    for (int f = 0; f < frames; ++f) {
        text += fmt::format("{} 0 0", scale * speed * f);
        for (std::size_t j = 0; j < kPerson.size(); ++j) {
            const double swing = 25 * std::sin(0.2 * f + static_cast<double>(j));
            text += fmt::format(" 0 {} 0", j == 0 ? 0.0 : swing);
        }
        text += "\n";
    }
    return text;
}

std::string person_asf() {
    std::string text = "# a person\n:version 1.10\n:name sample\n:units\n  mass 1.0\n  length 0.45\n  angle deg\n"
                       ":documentation\n  written by a test\n:root\n  order TX TY TZ RX RY RZ\n  axis XYZ\n"
                       "  position 0 0 0\n  orientation 0 0 0\n:bonedata\n";
    int id = 0;
    for (const Bone& bone : kBones)
        text +=
            fmt::format("  begin\n    id {}\n    name {}\n    direction {} {} {}\n    length {}\n    axis 0 0 0 XYZ\n"
                        "{}  end\n",
                        ++id, bone.name, bone.direction[0], bone.direction[1], bone.direction[2], bone.length,
                        bone.dof.empty() ? ""
                                         : fmt::format("    dof {}\n    limits (-160.0 20.0)\n"
                                                       "           (-70.0 70.0)\n",
                                                       bone.dof));
    text += ":hierarchy\n  begin\n";
    for (const Bone& bone : kBones) text += fmt::format("    {} {}\n", bone.parent, bone.name);
    return text + "  end\n";
}

std::string person_amc(int frames) {
    std::string text = "#!OML:ASF\n:FULLY-SPECIFIED\n:DEGREES\n";
    for (int f = 0; f < frames; ++f) {
        text += fmt::format("{}\nroot {} 17 0 0 0 0\n", f + 1, 0.01 * f);
        for (std::size_t b = 0; b < kBones.size(); ++b) {
            const double swing = 20 * std::sin(0.1 * f + static_cast<double>(b));
            if (kBones[b].dof == "rx") text += fmt::format("{} {}\n", kBones[b].name, swing);
            if (kBones[b].dof == "rx ry rz") text += fmt::format("{} {} 0 0\n", kBones[b].name, swing);
        }
    }
    return text;
}

} // namespace poseaug::testing
