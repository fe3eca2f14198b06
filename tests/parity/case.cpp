#include "tests/parity/case.hpp"

#include "data/npz.hpp"

#include <algorithm>
#include <cmath>

namespace poseaug::parity {

Case::Case(const std::filesystem::path& file) : name_(file.stem().string()) {
    for (auto& [key, content] : read_npz(file)) {
        values_[key] = content.array.doubles();
        shapes_[key] = content.array.shape;
    }
}

const std::vector<double>& Case::values(const std::string& key) const {
    const auto found = values_.find(key);
    if (found == values_.end()) throw Error(name_ + " has no array '" + key + "'");
    return found->second;
}

Arrays Case::under(const std::string& prefix) const {
    Arrays found;
    for (const auto& [key, values] : values_)
        if (key.rfind(prefix + ".", 0) == 0) found[key.substr(prefix.size() + 1)] = values;
    return found;
}

double largest(const std::vector<double>& values) {
    double most = 0;
    for (const double v : values) most = std::max(most, std::abs(v));
    return most;
}

double largest(const Arrays& arrays) {
    double most = 0;
    for (const auto& [name, values] : arrays) most = std::max(most, largest(values));
    return most;
}

void check_close(const std::string& what, const std::vector<double>& found, const std::vector<double>& expected,
                 double tolerance, double floor) {
    INFO(what);
    REQUIRE(found.size() == expected.size());
    double difference = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const double d = std::abs(found[i] - expected[i]);
        if (std::isnan(d) || d > difference) difference = d; // a NaN is kept
    }
    CHECK_LE(difference, tolerance * std::max(largest(expected), floor));
}

void check_all_close(const std::string& what, const Arrays& found, const Arrays& expected, double tolerance,
                     double floor) {
    for (const auto& [name, values] : expected) {
        INFO(what, " ", name);
        REQUIRE(found.count(name) == 1);
        check_close(what + " " + name, found.at(name), values, tolerance, floor);
    }
}

} // namespace poseaug::parity
