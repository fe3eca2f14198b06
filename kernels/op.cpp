#include "kernels/op.hpp"

namespace poseaug {

namespace {

std::string extent(int n) { return n < 0 ? "any" : std::to_string(n); }
std::string describe(Shape shape) { return extent(shape.rows) + " x " + extent(shape.cols); }
bool agrees(int found, int expected) { return expected < 0 || found == expected; }

} // namespace

void expect_shape(std::string_view op, int input, Shape found, Shape expected) {
    if (agrees(found.rows, expected.rows) && agrees(found.cols, expected.cols)) return;
    throw Error(std::string(op) + ": input " + std::to_string(input) + " is " + describe(found) + ", expected " +
                describe(expected));
}

} // namespace poseaug
