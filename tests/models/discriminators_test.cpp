#include "models/discriminators.hpp"

#include "kernels/pose/kcs.hpp"
#include "kernels/pose/sampling.hpp"
#include "kernels/skeleton.hpp"
#include "tests/workbench.hpp"

using namespace poseaug;

TEST_CASE("weights of Gram entries that are always zero keep their bytes, and their moments stay zero") {
    for (const auto& device : test::devices()) {
        test::Workbench<float> bench(*device);
        Network<float> network(*device, discriminator_3d_layout(8, 4));
        network.initialise(1);
        network.set_rate(0.01);
        const auto before = network.save();
        for (int step = 0; step < 4; ++step) {
            Tape<float> tape(bench.stream, bench.arena);
            Scope<float> scope(tape, network, {true, true});
            const Var score = discriminate_3d(scope, tape.constant(bench.put(sampling::poses(9))));
            tape.backward({{score, bench.normal(5, 9, static_cast<unsigned>(step))}});
            network.adam_step(bench.stream, bench.arena, {});
        }
        const auto after = network.save();
        const auto first = network.first_moment().download(), second = network.second_moment().download();
        for (int part = 0; part < kParts; ++part) {
            bool used[kBones] = {};
            for (int k = 0; k < part_size(part); ++k) used[part_bone(part, k)] = true;
            const std::string name = "kcs_path_" + std::to_string(part + 1) + ".kcs_layer_1.weight";
            std::size_t offset = 0;
            for (const Placement& p : network.placements())
                if (p.spec.name == name) offset = static_cast<std::size_t>(p.offset);
            int moved = 0, still = 0, wrong = 0;
            for (std::size_t i = 0; i < before.at(name).size(); ++i) {
                const std::size_t column = i % 225;
                const bool live = used[column / 15] && used[column % 15];
                const bool same =
                    after.at(name)[i] == before.at(name)[i] && first[offset + i] == 0 && second[offset + i] == 0;
                (same ? still : moved) += 1;
                if (!live && !same) ++wrong;
            }
            CHECK(wrong == 0);
            CHECK(moved > 0.9 * 8 * part_size(part) * part_size(part)); // a dead unit's may rest
            CHECK(moved + still == 8 * 225);
        }
    }
}

TEST_CASE("a score of a body part does not depend on the others") {
    const auto device = open_device({.kind = "cpu", .threads = 1});
    test::Workbench<double> bench(*device);
    Network<double> network(*device, discriminator_3d_layout(8, 4));
    network.initialise(1);
    Sample::Matrix poses = sampling::poses(2);
    const auto scores = [&] {
        Tape<double> tape(bench.stream, bench.arena);
        Scope<double> scope(tape, network, {});
        return bench.get(tape.value(discriminate_3d(scope, tape.constant(bench.put(poses)))));
    };
    const auto before = scores();
    poses.values[static_cast<std::size_t>(3 * 15) * 2] += 0.3; // the right wrist of the first pose
    const auto after = scores();
    for (const std::size_t part : {0, 2, 3, 4}) CHECK(after[part * 2] == before[part * 2]);
    CHECK(after[1 * 2] != before[1 * 2]);
    for (std::size_t part = 0; part < 5; ++part) CHECK(after[part * 2 + 1] == before[part * 2 + 1]);
}
