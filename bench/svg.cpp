#include "bench/svg.hpp"

#include <fmt/format.h>

namespace poseaug::bench {

std::string xml_escaped(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        switch (c) {
        case '&': escaped += "&amp;"; break;
        case '<': escaped += "&lt;"; break;
        case '>': escaped += "&gt;"; break;
        case '"': escaped += "&quot;"; break;
        case '\n': escaped += '\n'; break;
        default: escaped += c < ' ' || c > '~' ? '?' : c; // any name here is ASCII; half a character would be malformed
        }
    }
    return escaped;
}

double text_width(std::string_view text, double font_size) {
    return 0.6 * font_size * static_cast<double>(text.size());
}

Svg::Svg(double width, double height, std::string_view style)
    : text_(
          fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
                      "role=\"img\">\n<style>{2}</style>\n",
                      width, height, style)) {}

void Svg::line(Point from, Point to, std::string_view look) {
    text_ += fmt::format("<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", look, from.x,
                         from.y, to.x, to.y);
}

void Svg::polygon(const std::vector<Point>& corners, std::string_view look) {
    std::string points;
    for (const Point& p : corners) points += fmt::format("{:.1f},{:.1f} ", p.x, p.y);
    text_ += fmt::format("<polygon class=\"{}\" points=\"{}\"/>\n", look, points);
}

void Svg::titled(std::string_view element, std::string_view attributes, std::string_view look, std::string_view title) {
    text_ += fmt::format("<{} class=\"{}\" {}", element, look, attributes);
    text_ += title.empty() ? "/>\n" : fmt::format("><title>{}</title></{}>\n", xml_escaped(title), element);
}

void Svg::rectangle(const Box& box, std::string_view look, std::string_view title) {
    titled("rect",
           fmt::format("x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"", box.x, box.y, box.width,
                       box.height),
           look, title);
}

void Svg::circle(Point centre, double radius, std::string_view look, std::string_view title) {
    titled("circle", fmt::format("cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\"", centre.x, centre.y, radius), look, title);
}

void Svg::diamond(Point centre, double radius, std::string_view look, std::string_view title) {
    titled("path",
           fmt::format("d=\"M{0:.1f} {1:.1f}l{2:.1f} {2:.1f}l-{2:.1f} {2:.1f}l-{2:.1f} -{2:.1f}z\"", centre.x,
                       centre.y - radius, radius),
           look, title);
}

void Svg::text(Point anchor, std::string_view text, std::string_view look, double degrees) {
    const std::string turn =
        degrees == 0 ? "" : fmt::format(" transform=\"rotate({:.1f} {:.1f} {:.1f})\"", degrees, anchor.x, anchor.y);
    text_ += fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\"{}>{}</text>\n", look, anchor.x, anchor.y, turn,
                         xml_escaped(text));
}

} // namespace poseaug::bench
