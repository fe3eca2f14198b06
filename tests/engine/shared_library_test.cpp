#include "engine/shared_library.hpp"
#include "kernels/error.hpp"
#include "tests/data/files.hpp"

#include <doctest/doctest.h>

using namespace poseaug;
using testing::contains;

TEST_CASE("a shared library gives the functions it has, and what it lacks is named") {
    const SharedLibrary math("libm.so.6", "knows cosines", "");
    CHECK(math.symbol<double(double)>("cos")(0.0) == 1.0);
    CHECK_THROWS_WITH_AS(math.symbol<double(double)>("cosmos"),
                         "The library libm.so.6 has no cosmos; it is another version.", Error);
}

TEST_CASE("a shared library that is not there is named with what it is for and what to do") {
    try {
        const SharedLibrary none("libnowhere.so.1", "reads tea leaves", "Drink the tea.");
        FAIL("it was opened");
    } catch (const Error& error) {
        const std::string text = error.what();
        CHECK(contains(text, "The library libnowhere.so.1, which reads tea leaves, cannot be opened ("));
        CHECK(text.ends_with(" Drink the tea."));
    }
}
