#include "bench/roofline_svg.hpp"

#include "bench/label_placement.hpp"
#include "bench/svg.hpp"
#include "tests/bench/samples.hpp"
#include "tests/data/files.hpp"

#include <doctest/doctest.h>

using namespace poseaug;
using namespace poseaug::bench;
using testing::contains;

namespace {

std::size_t count(std::string_view text, std::string_view part) {
    std::size_t n = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++n;
    return n;
}

/// What is wrong with XML that has elements, attributes in double quotes and text; empty if nothing is.
std::string fault_of(std::string_view xml) {
    std::vector<std::string> open;
    while (!xml.empty()) {
        if (xml.front() != '<') {
            const std::string_view text = xml.substr(0, xml.find('<'));
            if (open.empty() && text.find_first_not_of(" \n") != std::string_view::npos)
                return "text outside of the root";
            for (std::size_t at = text.find('&'); at != std::string_view::npos; at = text.find('&', at + 1))
                if (const auto end = text.find(';', at); end == std::string_view::npos || end > at + 5) return "bare &";
            xml.remove_prefix(text.size());
            continue;
        }
        const std::size_t end = xml.find('>');
        if (end == std::string_view::npos) return "an element without end";
        const std::string_view element = xml.substr(1, end - 1);
        if (element.find('<') != std::string_view::npos || count(element, "\"") % 2) return "markup in an element";
        if (element.starts_with('/')) {
            if (open.empty() || open.back() != element.substr(1)) return "closed in the wrong order";
            open.pop_back();
        } else if (!element.ends_with('/')) {
            open.emplace_back(element.substr(0, element.find(' ')));
        }
        xml.remove_prefix(end + 1);
    }
    return open.empty() ? "" : open.back() + " is not closed";
}

} // namespace

TEST_CASE("the roofline picture is well-formed, by itself, and free of scripts") {
    const std::string svg = roofline_svg(test::sample_results());
    CHECK(fault_of(svg) == "");
    CHECK(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
    CHECK(count(svg, "http") == 1); // the name space
    for (const char* part : {"<script", "href", "url(", "@import", "nan", "inf\""}) CHECK_FALSE(contains(svg, part));
    CHECK(fault_of("<a><b></a></b>") != "");
    CHECK(fault_of("<a>me & you</a>") != "");
}

TEST_CASE("the roofline picture has a titled mark for every row with counters") {
    const BenchResults results = test::sample_results();
    const std::string svg = roofline_svg(results);
    for (const BenchRow& row : results.rows) {
        CAPTURE(row.name);
        const std::size_t marks = row.bytes == 0 ? 0 : row.name.starts_with("op/") ? 1 : 2; // steps: a point and a bar
        CHECK(count(svg, "<title>" + row.name + ": ") == marks);
    }
    CHECK(contains(svg,
                   "<title>op/project/forward/1024/cpu: 10 us, 20.0 GFLOP/s, 50.0 GB/s, 50 % of the roof (memory)<"));
    CHECK(contains(svg, "80 % of the roof (arithmetic)"));
    CHECK(count(svg, "</circle>") == 4); // ops that compute
    CHECK(count(svg, "</path>") == 3);   // steps
    CHECK(count(svg, "</rect>") == 4);   // halve_columns, and the steps
    CHECK(contains(svg, "Not drawn, for lack of counters or of another device: 1."));
}

TEST_CASE("the roofline picture names its ceilings, device and date") {
    const std::string svg = roofline_svg(test::sample_results());
    CHECK(contains(svg, ">Roofline: CPU &lt;made &amp; up&gt;, 2 threads<"));
    CHECK(contains(svg, "2026-11-23T10:00:00+00:00"));
    CHECK(contains(svg, ">copy: 100 GB/s<"));
    CHECK(contains(svg, ">product, float32: 1000 GFLOP/s<"));
    CHECK(contains(svg, ">gan_step mlp<"));
    CHECK(contains(svg, ">Moves data only<"));
    CHECK(contains(svg, ">Steps<"));
}

TEST_CASE("a roofline picture is drawn of whatever was measured") {
    BenchResults results = test::sample_results();
    results.ceilings = {};
    CHECK(fault_of(roofline_svg(results)) == "");
    CHECK_FALSE(contains(roofline_svg(results), "of the roof ("));
    results = test::sample_results();
    results.ceilings.product_flops["bf16"] = 4e12;
    results.rows.resize(1);
    CHECK(fault_of(roofline_svg(results)) == "");
    CHECK(contains(roofline_svg(results), ">product, bf16: 4000 GFLOP/s<"));
    CHECK_FALSE(contains(roofline_svg(results), "Moves data only"));
    results.rows.clear();
    CHECK(fault_of(roofline_svg(results)) == "");
    results.ceilings = {};
    const std::string empty = roofline_svg(results);
    CHECK(fault_of(empty) == "");
    CHECK_FALSE(contains(empty, "nan"));
}

TEST_CASE("names with markup are escaped") {
    CHECK(xml_escaped("a<b> & \"c\"") == "a&lt;b&gt; &amp; &quot;c&quot;");
    CHECK(xml_escaped("\x01\xff") == "??");
}

TEST_CASE("a label is placed where it covers nothing") {
    LabelPlacement labels({0, 0, 100, 100});
    const auto first = labels.place({50, 50}, 20, 10, 5);
    REQUIRE(first);
    CHECK(first->x == 55); // to the right
    const auto second = labels.place({50, 50}, 20, 10, 5);
    REQUIRE(second);
    CHECK(second->x + second->width == 45); // to the left
    const auto at_the_edge = labels.place({98, 20}, 20, 10, 5);
    REQUIRE(at_the_edge);
    CHECK(at_the_edge->x + at_the_edge->width <= 100);
    labels.keep_free({30, 30, 40, 40});
    CHECK_FALSE(labels.place({50, 50}, 20, 10, 5));
    CHECK_FALSE(labels.is_free({0, 50}, {100, 50}));
    CHECK(labels.is_free({5, 90}, {95, 90}));
}
