#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace poseaug::bench {

struct Point {
    double x = 0, y = 0;
};

/// From the upper left corner, in pixels.
struct Box {
    double x = 0, y = 0, width = 0, height = 0;
};

/// A picture that is drawn element by element. How elements look is said by their class in the style sheet.
class Svg {
public:
    Svg(double width, double height, std::string_view style);
    void line(Point from, Point to, std::string_view look);
    void polygon(const std::vector<Point>& corners, std::string_view look);
    /// A rectangle that says `title` when it is pointed at.
    void rectangle(const Box& box, std::string_view look, std::string_view title = {});
    void circle(Point centre, double radius, std::string_view look, std::string_view title = {});
    void diamond(Point centre, double radius, std::string_view look, std::string_view title = {});
    /// Turned by `degrees` around its anchor, clockwise.
    void text(Point anchor, std::string_view text, std::string_view look, double degrees = 0);
    /// The whole picture.
    std::string str() const { return text_ + "</svg>\n"; }

private:
    void titled(std::string_view element, std::string_view attributes, std::string_view look, std::string_view title);
    std::string text_;
};

/// Text as it may stand in XML: markup escaped, what XML 1.0 cannot hold replaced by "?".
std::string xml_escaped(std::string_view text);

/// The width that a text takes at most in a sans-serif font, in pixels.
double text_width(std::string_view text, double font_size);

} // namespace poseaug::bench
