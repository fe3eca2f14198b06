#include "kernels/op.hpp"

#include <algorithm>

namespace poseaug {

namespace {

std::string written(int n) { return n < 0 ? "any" : std::to_string(n); }
std::string describe(Shape shape) { return written(shape.rows) + " x " + written(shape.cols); }
bool agrees(int found, int expected) { return expected < 0 || found == expected; }

bool complete(const std::vector<OperandText>& operands, int count) {
    return static_cast<int>(operands.size()) == count && std::ranges::none_of(operands, [](const OperandText& operand) {
               return operand.name.empty() || operand.shape.empty();
           });
}

} // namespace

std::string missing_text(const KernelText& text, int inputs, int outputs, int states) {
    if (text.summary.empty()) return "no summary";
    if (text.formula.empty()) return "no formula";
    if (text.fuses.empty()) return "no word on what it fuses";
    if (!complete(text.inputs, inputs)) return "no names and shapes of all inputs";
    if (!complete(text.outputs, outputs)) return "no names and shapes of all outputs";
    if (!complete(text.states, states)) return "no names and shapes of all states";
    return {};
}

void expect_shape(std::string_view op, int input, Shape found, Shape expected) {
    if (agrees(found.rows, expected.rows) && agrees(found.cols, expected.cols)) return;
    throw Error(std::string(op) + ": input " + std::to_string(input) + " is " + describe(found) + ", expected " +
                describe(expected));
}

int extent(std::string_view op, std::int64_t n) {
    if (n >= 0 && n <= kMaxExtent) return static_cast<int>(n);
    throw Error(std::string(op) + ": " + std::to_string(n) + " rows or columns, where " + std::to_string(kMaxExtent) +
                " are the most; try a smaller batch or network");
}

} // namespace poseaug
