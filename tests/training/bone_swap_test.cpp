#include "training/bone_swap.hpp"

#include "kernels/skeleton.hpp"
#include "tests/training/tiny.hpp"

#include <set>

using namespace poseaug;
using test::TinyData;

namespace {

struct Bone {
    double length = 0, direction[3] = {};
    Bone(const double* pose, int bone) {
        const int child = bone + 1, parent = parent_of(child);
        for (int k = 0; k < 3; ++k) {
            direction[k] = pose[3 * parent + k] - pose[3 * child + k];
            length += direction[k] * direction[k];
        }
        length = std::sqrt(length);
        for (double& d : direction) d /= length;
    }
};

} // namespace

TEST_CASE("every pose gets one subject's bone lengths and keeps its directions and its hip; its 2D is its projection") {
    for (const auto& device : test::devices()) {
        constexpr int poses = 60;
        TinyData data(poses);
        for (std::size_t i = 0; i < data.camera.size(); ++i)
            if (i % 9 >= 4) data.camera[i] = 0; // a camera without distortion, to project by hand
        const auto resident = data.on<double>(*device);
        Stream<double> stream(*device);
        Arena arena(*device, std::size_t{1} << 20);
        StepClock clock(*device);
        PhiloxDecisions<double> random(*device, 1, clock.state());
        BoneSwap<double> swap(stream, arena, clock, resident, data.templates);
        std::vector<double> first;
        for (const int epoch : {1, 2}) {
            swap.run(random, epoch);
            const std::vector<double> joints = swap.joints().download(), image = swap.image().download();
            std::set<std::size_t> subjects;
            double worst = 0, worst_image = 0;
            for (std::size_t i = 0; i < poses; ++i) {
                const double *before = &data.joints[48 * i], *after = &joints[48 * i];
                const auto subject = static_cast<std::size_t>(std::lround((Bone(after, 0).length - 0.2) / 0.15));
                subjects.insert(subject);
                for (int k = 0; k < 3; ++k) worst = std::max(worst, std::abs(before[k] - after[k]));
                for (int b = 0; b < kBones; ++b) {
                    const Bone old(before, b), now(after, b);
                    worst = std::max(
                        worst, std::abs(now.length - data.templates.at(15 * subject + static_cast<std::size_t>(b))));
                    for (int k = 0; k < 3; ++k) worst = std::max(worst, std::abs(now.direction[k] - old.direction[k]));
                }
                for (std::size_t j = 0; j < 16; ++j)
                    for (std::size_t k = 0; k < 2; ++k) {
                        const double ratio = std::clamp(after[3 * j + k] / after[3 * j + 2], -1.0, 1.0);
                        const double expected = data.camera[9 * i + k] * ratio + data.camera[9 * i + 2 + k];
                        worst_image = std::max(worst_image, std::abs(image[32 * i + 2 * j + k] - expected));
                    }
            }
            CHECK(worst < 1e-12);
            CHECK(worst_image < 1e-12);
            CHECK(subjects == std::set<std::size_t>{0, 1, 2});
            if (epoch == 2) CHECK(joints != first); // drawn anew
            first = joints;
        }
    }
}
