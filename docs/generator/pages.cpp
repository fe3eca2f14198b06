#include "docs/generator/pages.hpp"

#include "docs/generator/kernels.hpp"
#include "docs/generator/numbers.hpp"
#include "engine/registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace poseaug::pages {

namespace {

using Figures = std::optional<bench::BenchResults>;

std::string indented(std::string_view lines) {
    std::string text = "    ";
    for (const char c : lines) {
        text += c;
        if (c == '\n') text += "    ";
    }
    return text;
}

/// A paragraph in lines of at most 120 characters.
std::string wrapped(std::string_view text) {
    constexpr std::size_t width = 120;
    std::string lines;
    while (text.size() > width) {
        const std::size_t end = text.rfind(' ', width);
        lines.append(text.substr(0, end)).append("\n");
        text.remove_prefix(end + 1);
    }
    return lines.append(text).append("\n");
}

/// What a call of an op or a procedure takes and gives, an operand a line.
class Signature {
public:
    /// `passes`: what the backward does with operands, a column of its own where there is one.
    explicit Signature(bool has_backward) : has_backward_(has_backward) {}

    void add(const char* kind, const OperandText& operand, Shape usual, bool read = false, const char* passes = "") {
        rows_ += fmt::format("| {} | `{}` | {} | {} |", kind, operand.name, operand.shape, written(usual));
        if (has_backward_) rows_ += fmt::format(" {}{}{} |", read ? "read" : "", read && *passes ? ", " : "", passes);
        rows_ += "\n";
    }
    std::string text() const {
        if (rows_.empty()) return "\n## Signature\n\nNo matrices: it changes what its parameters point to.\n";
        return fmt::format("\n## Signature\n\n| | | shape | at B = {} |{}\n|---|---|---|---|{}\n{}", kBatch,
                           has_backward_ ? " backward |" : "", has_backward_ ? "---|" : "", rows_);
    }

private:
    static std::string written(Shape shape) {
        return shape.rows == 0 ? "absent" : fmt::format("({}, {})", shape.rows, shape.cols);
    }

    bool has_backward_;
    std::string rows_;
};

Signature signature_of(const UsualOp& usual) {
    const Op& op = usual.op();
    const auto bit = [](unsigned mask, int i) { return (mask >> i & 1U) != 0; };
    Signature signature(op.differentiable != 0);
    for (int i = 0; i < op.inputs; ++i)
        signature.add("in", op.text.inputs[static_cast<std::size_t>(i)], usual.in(i), bit(op.saved_in, i),
                      bit(op.differentiable, i) ? "gets a gradient" : "");
    for (int k = 0; k < op.outputs; ++k)
        signature.add("out", op.text.outputs[static_cast<std::size_t>(k)], usual.out(k), bit(op.saved_out, k),
                      bit(op.auxiliary, k) || op.weight ? "" : "brings a gradient");
    for (int k = 0; k < op.states; ++k)
        signature.add("state", op.text.states[static_cast<std::size_t>(k)], usual.state(k));
    return signature;
}

Signature signature_of(const Procedure& procedure) {
    const UsualShapes usual = procedure.usual(kBatch);
    Signature signature(false);
    const auto add = [&](const char* kind, const std::vector<OperandText>& operands, const std::vector<Shape>& shapes) {
        for (std::size_t i = 0; i < operands.size(); ++i) signature.add(kind, operands[i], shapes[i]);
    };
    add("in", procedure.text.inputs, usual.in);
    add("out", procedure.text.outputs, usual.out);
    add("state", procedure.text.states, usual.state);
    return signature;
}

double intensity(const Work& work) { return work.bytes > 0 ? work.flops / work.bytes : 0; }

/// The work of an op, forward and backward, or of a procedure.
class WorkTable {
public:
    /// `by_pose`: says what it is for one pose, too.
    explicit WorkTable(bool by_pose) : by_pose_(by_pose) {}

    void add(const char* direction, const Work& work) {
        if (work.bytes == 0) return;
        rows_ += fmt::format("| {} | {} | {} |", direction, count(work.flops), count(work.bytes));
        if (by_pose_) rows_ += fmt::format(" {} | {} |", count(work.flops / kBatch), count(work.bytes / kBatch));
        rows_ += fmt::format(" {} |\n", ratio(intensity(work)));
    }
    std::string text() const {
        if (rows_.empty()) return "\n## Work\n\nNext to none.\n";
        return fmt::format(
            "\n## Work\n\nOf a call with these shapes, in float32:\n\n| | FLOPs | bytes |{} FLOPs a byte "
            "|\n|---|---|---|{}---|\n{}",
            by_pose_ ? " FLOPs a pose | bytes a pose |" : "", by_pose_ ? "---|---|" : "", rows_);
    }

private:
    bool by_pose_;
    std::string rows_;
};

WorkTable work_table(const UsualOp& usual) {
    WorkTable table(usual.of_poses());
    table.add(usual.op().weight ? "value and gradients" : "forward", usual.work(Direction::value));
    if (usual.has_backward()) table.add("backward", usual.work(Direction::vjp));
    return table;
}

WorkTable work_table(const Procedure& procedure) {
    WorkTable table(false);
    table.add("a call", usual_work(procedure));
    return table;
}

std::string singular_points(const std::vector<Sample>& samples) {
    std::string points;
    for (const Sample& sample : samples)
        if (sample.singular) points += fmt::format("- {}\n", sample.label);
    return "\n## Singular points\n\n" + (points.empty() ? "None.\n" : points);
}

std::string proof(const Op& op, const std::vector<Sample>& samples) {
    const std::string verb = fmt::format("`poseaug gradcheck --op {}`", op.name), title = "\n## Proof\n\n";
    if (op.differentiable == 0)
        return title +
               wrapped(fmt::format("{} compares float32 with float64 on {} samples, on which everything must be "
                                   "finite. There is no backward: nothing learns through it.",
                                   verb, samples.size()));
    double tolerance = 0, difference = 0;
    for (const Sample& sample : samples) {
        tolerance = std::max(tolerance, sample.tolerance);
        difference = std::max(difference, sample.difference);
    }
    const auto smooth = std::ranges::count(samples, true, &Sample::smooth);
    const auto kinks = static_cast<std::ptrdiff_t>(samples.size()) - smooth;
    return title +
           wrapped(fmt::format(
               "{} compares the backward with dual numbers, to {}, and with central differences, to {}, on {} "
               "sample{}{}.",
               verb, power_of_ten(tolerance), power_of_ten(difference), smooth, smooth == 1 ? "" : "s",
               kinks > 0 ? fmt::format("; on {} more, at singular points, everything must be finite", kinks) : ""));
}

/// Whether a figure is of the op as it is now: its call did the work that a call does today.
bool is_of(const UsualOp& usual, const bench::BenchName& name, const bench::BenchRow& row) {
    if (!name.is_op() || name.subject != usual.op().name) return false;
    if (name.direction == "backward" && !usual.has_backward()) return false;
    const Work work = usual.work(name.direction == "backward" ? Direction::vjp : Direction::value);
    const auto same = [&](double measured, double today) {
        return std::abs(measured / name.batch - today / kBatch) <=
               0.01 * today / kBatch; // parts are common to all poses
    };
    return same(row.bytes, work.bytes) && same(row.flops, work.flops);
}

std::string measured(const UsualOp& usual, const Figures& figures) {
    std::string rows;
    if (figures)
        for (const bench::BenchRow& row : figures->rows) {
            const auto name = bench::parse_name(row.name);
            const double seconds = row.median();
            if (!name || seconds <= 0 || !is_of(usual, *name, row)) continue;
            const auto rate = [seconds](double n) { return n > 0 ? count(n / seconds) : ""; };
            rows += fmt::format("| {} | {} | {} | {} | {} | {} |\n", name->direction, name->batch, name->device,
                                duration(seconds), rate(row.bytes), rate(row.flops));
        }
    if (rows.empty()) return "\n## Measured\n\nNothing yet.\n";
    return fmt::format("\n## Measured\n\nOn {}, {}, in float32:\n\n"
                       "| | batch | device | time | bytes/s | FLOP/s |\n|---|---|---|---|---|---|\n{}",
                       figures->device, figures->date.substr(0, 10), rows);
}

/// All that ops and procedures have in common; `rest` comes last.
template <class K>
std::string page(const K& kernel, const Signature& signature, const WorkTable& work, const std::string& rest) {
    const KernelText& text = kernel.text;
    return fmt::format("{}\n# {}\n\n{}\n{}\n\n{}", kMark, kernel.name, wrapped(text.summary), indented(text.formula),
                       wrapped(fmt::format("Source: {}.", kernel.source))) +
           signature.text() + "\n## Fused\n\n" + wrapped(text.fuses) + work.text() + rest;
}

std::string page_of(const UsualOp& usual, const Figures& figures) {
    const Op& op = usual.op();
    const auto samples = op.samples();
    return page(op, signature_of(usual), work_table(usual),
                singular_points(samples) + proof(op, samples) + measured(usual, figures));
}

std::string page_of(const Procedure& procedure) {
    return page(procedure, signature_of(procedure), work_table(procedure), "");
}

/// A kernel's line in the list: work for one of `items`, forward and, if there is one, backward.
std::string listed(std::string_view name, std::string_view summary, double items, const std::vector<Work>& directions) {
    const auto each = [&](const auto& number) {
        std::string numbers;
        for (const Work& work : directions) numbers += (numbers.empty() ? "" : ", ") + number(work);
        return numbers;
    };
    return fmt::format("| [{}]({}.md) | {} | {} | {} | {} |\n", name, name, summary,
                       each([&](const Work& w) { return count(w.flops / items); }),
                       each([&](const Work& w) { return count(w.bytes / items); }),
                       each([](const Work& w) { return ratio(intensity(w)); }));
}

double elements(Shape shape) { return static_cast<double>(shape.rows) * shape.cols; }

std::string listed(const UsualOp& usual) {
    std::vector<Work> directions = {usual.work(Direction::value)};
    if (usual.has_backward()) directions.push_back(usual.work(Direction::vjp));
    return listed(usual.op().name, usual.op().text.summary, usual.of_poses() ? kBatch : elements(usual.out(0)),
                  directions);
}

std::string listed(const Procedure& procedure) {
    const UsualShapes usual = procedure.usual(kBatch);
    double items = 0;
    for (const Shape shape : usual.out.empty() ? usual.in : usual.out) items += elements(shape);
    return listed(procedure.name, procedure.text.summary, std::max(items, 1.0), {usual_work(procedure)});
}

std::string table(const char* title, const char* item, const std::string& rows) {
    return fmt::format("\n## {}\n\n| | | FLOPs {} | bytes {} | FLOPs a byte |\n|---|---|---|---|---|\n{}", title, item,
                       item, rows);
}

std::string overview(const std::vector<UsualOp>& ops, const Figures& figures) {
    std::string pose_rows, network_rows, procedure_rows;
    for (const UsualOp& usual : ops) (usual.of_poses() ? pose_rows : network_rows) += listed(usual);
    for (const Procedure* procedure : procedures()) procedure_rows += listed(*procedure);
    const std::string measured =
        figures ? fmt::format("They were measured on {}, {}.", figures->device, figures->date.substr(0, 10))
                : "None was measured yet.";
    return fmt::format("{}\n# Kernels\n\n", kMark) +
           wrapped(
               "Every op and procedure of the program has a page: formula, signature, what it fuses, work, singular "
               "points, how its backward is proven, and its times. " +
               measured) +
           "\n" +
           wrapped(fmt::format(
               "Numbers are forward and, after the comma, backward, for {} poses in float32 at the shapes of a "
               "training. "
               "Bytes are those that a call must read and write if nothing stays in a cache. A sum, difference, "
               "product, "
               "quotient or math function is one FLOP; comparisons, choices and signs are none. Ops of poses are "
               "counted "
               "by running them on numbers that count (kernels/tally.hpp), as written: a compiler may leave some out. "
               "A "
               "kernel with fewer FLOPs a byte than a machine does in the time in which it moves one waits for memory.",
               kBatch)) +
           table("Ops of poses", "a pose", pose_rows) + table("Ops of networks", "an element", network_rows) +
           table("Procedures", "an element", procedure_rows);
}

void require(std::string_view name, const std::string& missing) {
    if (!missing.empty()) throw Error(fmt::format("{}: {} for its page", name, missing));
}

} // namespace

std::map<std::string, std::string> kernel_pages(const Figures& figures) {
    std::map<std::string, std::string> pages;
    std::vector<UsualOp> ops;
    for (const Op& op : registry()) {
        require(op.name, missing_text(op.text, op.inputs, op.outputs, op.states));
        ops.emplace_back(op);
        pages[std::string(op.name) + ".md"] = page_of(ops.back(), figures);
    }
    for (const Procedure* procedure : procedures()) {
        require(procedure->name, missing_text(*procedure));
        pages[std::string(procedure->name) + ".md"] = page_of(*procedure);
    }
    pages["README.md"] = overview(ops, figures);
    return pages;
}

} // namespace poseaug::pages
