#include "docs/generator/pages.hpp"

#include "docs/generator/kernels.hpp"
#include "docs/generator/numbers.hpp"
#include "engine/registry.hpp"
#include "kernels/pose/ops.hpp"
#include "kernels/step/procedures.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace poseaug::pages {

namespace {

std::string indented(std::string_view lines) {
    std::string text = "    ";
    for (const char c : lines) {
        text += c;
        if (c == '\n') text += "    ";
    }
    return text;
}

std::string head(std::string_view name, const KernelText& text, std::string_view source) {
    return fmt::format("{}\n# {}\n\n{}\n\n{}\n\nSource: {}.\n", kMark, name, text.summary, indented(text.formula), source);
}

std::string written(Shape shape) { return shape.rows == 0 ? "absent" : fmt::format("{} x {}", shape.rows, shape.cols); }

/// One line of a signature.
struct Line {
    const char* kind;
    const OperandText& operand;
    std::string usual, note;
};

std::string signature(const std::vector<Line>& lines, const char* last_title) {
    if (lines.empty()) return "\n## Signature\n\nNo matrices: it works on what its parameters point to.\n";
    const bool notes = std::ranges::any_of(lines, [](const Line& line) { return !line.note.empty(); });
    std::string text = fmt::format("\n## Signature\n\n| | | shape | at B = {} |{}\n|---|---|---|---|{}\n", kBatch,
                                   notes ? fmt::format(" {} |", last_title) : "", notes ? "---|" : "");
    for (const Line& line : lines)
        text += fmt::format("| {} | `{}` | {} | {} |{}\n", line.kind, line.operand.name, line.operand.shape, line.usual,
                            notes ? fmt::format(" {} |", line.note) : "");
    return text;
}

std::string signature(const UsualOp& usual) {
    const Op& op = usual.op();
    std::vector<Line> lines;
    const auto bit = [](unsigned mask, int i) { return (mask >> i & 1U) != 0; };
    const auto add = [&](const char* kind, const OperandText& operand, Shape shape, bool read, const char* gradient) {
        if (!usual.has_backward()) read = false;
        lines.push_back({kind, operand, written(shape),
                         std::string(read ? "read" : "") + (read && *gradient ? ", " : "") + gradient});
    };
    for (int i = 0; i < op.inputs; ++i)
        add("in", op.text.inputs[static_cast<std::size_t>(i)], usual.in(i), bit(op.saved_in, i),
            bit(op.differentiable, i) ? "gets a gradient" : "");
    for (int k = 0; k < op.outputs; ++k)
        add("out", op.text.outputs[static_cast<std::size_t>(k)], usual.out(k), bit(op.saved_out, k), "");
    for (const OperandText& state : op.text.states) lines.push_back({"state", state, written(usual.in(1)), {}});
    return signature(lines, "the backward");
}

std::string signature(const Procedure& procedure) {
    const UsualCall usual = procedure.usual(kBatch);
    std::vector<Line> lines;
    const auto add = [&](const char* kind, const std::vector<OperandText>& operands, const std::vector<Shape>& shapes) {
        for (std::size_t i = 0; i < operands.size(); ++i) lines.push_back({kind, operands[i], written(shapes[i]), {}});
    };
    add("in", procedure.text.inputs, usual.in);
    add("out", procedure.text.outputs, usual.out);
    add("state", procedure.text.states, usual.state);
    return signature(lines, "");
}

std::string work_row(const char* direction, const Work& work) {
    return fmt::format("| {} | {} | {} | {} |\n", direction, count(work.flops), count(work.bytes),
                       ratio(work.bytes > 0 ? work.flops / work.bytes : 0));
}

constexpr std::string_view kWorkHead = "| | FLOPs | bytes | FLOPs a byte |\n|---|---|---|---|\n";

std::string work_of_op(const UsualOp& usual, bool of_poses) {
    const Work forward = usual.work(Direction::value);
    std::string text = fmt::format("\n## Work\n\nAt these shapes, in float32:\n\n{}{}", kWorkHead,
                                   work_row("forward", forward));
    if (usual.has_backward()) text += work_row("backward", usual.work(Direction::vjp));
    if (of_poses) {
        text += fmt::format("\nA pose: {} FLOPs", count(forward.flops / kBatch));
        if (usual.has_backward()) text += fmt::format(" forward, {} backward", count(usual.work(Direction::vjp).flops / kBatch));
        text += ".\n";
    }
    return text;
}

std::string singular_points(const std::vector<Sample>& samples) {
    std::string text;
    for (const Sample& sample : samples)
        if (sample.singular) text += "- " + sample.label + "\n";
    return "\n## Singular points\n\n" + (text.empty() ? "None.\n" : text);
}

std::string proof(const Op& op, const std::vector<Sample>& samples) {
    const auto smooth = std::ranges::count(samples, true, &Sample::smooth);
    if (op.differentiable == 0)
        return fmt::format("\n## Proof\n\nNothing learns through it, so it has no backward. `poseaug gradcheck --op {}` "
                           "compares float32 with float64 on {} samples and asks for finite values.\n",
                           op.name, samples.size());
    double tolerance = 0, difference = 0;
    for (const Sample& sample : samples) {
        tolerance = std::max(tolerance, sample.tolerance);
        difference = std::max(difference, sample.difference);
    }
    std::string text = fmt::format("\n## Proof\n\n`poseaug gradcheck --op {}` proves the backward on {} samples, to {:.0e} against "
                                   "dual numbers and to {:.0e} against central differences",
                                   op.name, smooth, tolerance, difference);
    const auto kinks = static_cast<std::ptrdiff_t>(samples.size()) - smooth;
    if (kinks > 0) text += fmt::format("; at {} more, where there is no one gradient, all must be finite", kinks);
    return text + ".\n";
}

std::string measured(const Op& op, const Figures& figures) {
    std::string rows;
    for (const Figure& figure : figures.ops)
        if (figure.op == op.name)
            rows += fmt::format("| {} | {} | {} | {} |\n", figure.device,
                                figure.direction == Direction::vjp ? "backward" : "forward", figure.batch,
                                duration(figure.seconds));
    if (rows.empty()) return "\n## Measured\n\nNot measured yet.\n";
    return fmt::format("\n## Measured\n\n{}, {}:\n\n| | | batch | time |\n|---|---|---|---|\n{}", figures.date,
                       figures.device, rows);
}

std::string page_of(const UsualOp& usual, bool of_poses, const Figures& figures) {
    const Op& op = usual.op();
    const auto samples = op.samples();
    return head(op.name, op.text, op.source) + signature(usual) + fmt::format("\n## Fused\n\n{}\n", op.text.fuses) +
           work_of_op(usual, of_poses) + singular_points(samples) + proof(op, samples) + measured(op, figures);
}

std::string page_of(const Procedure& procedure) {
    return head(procedure.name, procedure.text, procedure.source) + signature(procedure) +
           fmt::format("\n## Fused\n\n{}\n\n## Work\n\nAt these shapes, in float32:\n\n{}{}", procedure.text.fuses, kWorkHead,
                       work_row("", work_of_usual(procedure)));
}

} // namespace

} // namespace poseaug::pages
