#include "data/onnx.hpp"

#include "kernels/skeleton.hpp"

#include <algorithm>

namespace poseaug {

void write_onnx(const std::filesystem::path& file, const std::string& title, Tape<float>& tape, Var image, Var pose,
                const OnnxNames& names) {
    OnnxModel model(title);
    model.input = {"image", {kJoints, 2}};
    model.output = {"pose", {kJoints, 3}};
    OnnxConversion conversion(model, tape, names);
    conversion.name(image.id, model.reshape(model.input.name, {-1, 2 * kJoints}));
    for (const auto& node : tape.nodes()) {
        const bool depends =
            std::ranges::any_of(node.in, [&](int id) { return id >= 0 && !conversion.is_constant(id); });
        if (depends) conversion.convert(node);
    }
    if (conversion.is_constant(pose.id)) throw Error("export to ONNX: the pose does not depend on the image");
    model.reshape(conversion.tensor(pose.id), {-1, kJoints, 3}, model.output.name);
    save_onnx(file, model);
}

} // namespace poseaug
