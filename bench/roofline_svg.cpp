#include "bench/roofline_svg.hpp"

#include "bench/label_placement.hpp"
#include "bench/result_table.hpp"
#include "bench/roofline.hpp"
#include "bench/svg.hpp"
#include "bench/text_columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>

namespace poseaug::bench {

namespace {

constexpr double kPlotLeft = 78, kPlotTop = 112, kPlotWidth = 842, kLeastHeight = 600, kLargestHeight = 760;
constexpr double kBarsLeft = 968, kBarsWidth = 400, kBarStep = 17, kBarsHeading = 84;
constexpr double kBarStart = kBarsLeft + 180, kBarLength = 170; // names before it, values behind
constexpr double kMargin = 24, kFoot = 78;
constexpr double kLabelSize = 11;

constexpr const char* kStyle = R"(
text { font-family: Helvetica, Arial, "Liberation Sans", "DejaVu Sans", sans-serif; font-size: 12px; fill: #333c46 }
.page { fill: #fbfbfa } .plot { fill: #ffffff; stroke: #b9c0c7 } .reach { fill: #eef3f8 }
.title { font-size: 20px; font-weight: bold; fill: #1d242b } .head { font-size: 14px; font-weight: bold; fill: #1d242b }
.tick-y, .value-end { text-anchor: end } .tick-x, .axis { text-anchor: middle } .axis { font-size: 13px }
.grid { stroke: #dfe3e7 } .fine { stroke: #f0f2f4 } .roof { stroke: #1d242b; stroke-width: 2 }
.ceiling-end { fill: #1d242b; font-weight: bold; text-anchor: end }
.ceiling-middle { fill: #1d242b; font-weight: bold; text-anchor: middle }
.forward { fill: #1f6fb4 } .backward { fill: #d1601f } .step { fill: #1f7a4d } .other { fill: #6b7580 }
circle, path { stroke: #ffffff; stroke-width: 1; fill-opacity: 0.9 }
.label, .ceiling-end, .ceiling-middle { paint-order: stroke; stroke: #ffffff; stroke-width: 3px; stroke-opacity: 0.7 }
.label { font-size: 11px } .small { font-size: 11px }
)";

/// A range of positive numbers along a side of the plot, in the logarithm.
struct LogAxis {
    double low, high;       ///< numbers
    double at_low, at_high; ///< pixels

    double operator()(double value) const {
        return std::lerp(at_low, at_high, std::log(value / low) / std::log(high / low));
    }
};

/// The numbers 1, 2 and 5 times a power of ten from `low` to `high`.
std::vector<double> round_numbers(double low, double high) {
    std::vector<double> numbers;
    const double tolerance = 1e-9;
    for (int power = static_cast<int>(std::floor(std::log10(low))); power <= std::ceil(std::log10(high)); ++power)
        for (const int digit : {1, 2, 5}) {
            const double number = digit * std::pow(10.0, power);
            if (number >= low * (1 - tolerance) && number <= high * (1 + tolerance)) numbers.push_back(number);
        }
    return numbers;
}

/// From the round number at or below `low` to that at or above `high`.
LogAxis axis_over(double low, double high, double at_low, double at_high) {
    return {round_numbers(low / 10, low).back(), round_numbers(high, high * 10).front(), at_low, at_high};
}

/// A row with what its mark needs.
struct Mark {
    const BenchRow* row;
    std::string look;  ///< class in the style sheet
    std::string label; ///< short: its colour tells the direction
    std::string title;
    double share = 0;        ///< of the roof; 0: not known
    double lost_seconds = 0; ///< above the time that the ceilings allow
    bool is_step = false;

    double intensity() const { return row->flops / row->bytes; }
    double gflops() const { return row->flops / row->median() / 1e9; }
    double gbytes() const { return row->bytes / row->median() / 1e9; }
};

Mark mark_of(const BenchResults& results, const BenchRow& row) {
    Mark mark{.row = &row, .look = "other", .label = row.name, .title = row.name + ": " + time_text(row.median())};
    if (const auto name = parse_name(row.name)) {
        mark.is_step = !name->is_op();
        mark.look = mark.is_step ? "step" : name->direction;
        mark.label = mark.is_step ? name->kind + " " + name->subject : name->subject;
        if (name->precision != "float32") mark.label += " " + name->precision;
    }
    if (row.flops > 0) mark.title += fmt::format(", {} GFLOP/s", number_text(mark.gflops()));
    if (row.bytes > 0) mark.title += fmt::format(", {} GB/s", number_text(mark.gbytes()));
    if (const auto roof = roofline_share(results, row)) {
        mark.title +=
            fmt::format(", {:.0f} % of the roof ({})", 100 * roof->share, roof->memory_binds ? "memory" : "arithmetic");
        mark.share = roof->share;
        mark.lost_seconds = row.median() - roof->floor_seconds;
    }
    return mark;
}

/// Rows sorted by where they are drawn.
struct Marks {
    std::vector<Mark> computing; ///< in the roofline
    std::vector<Mark> moving;    ///< as bars of bandwidth
    std::vector<Mark> steps;     ///< as bars of their share of the roof too
    std::size_t left_out = 0;    ///< rows that have no place in either
};

Marks marks_of(const BenchResults& results) {
    Marks marks;
    for (const BenchRow& row : results.rows) {
        if (row.bytes <= 0 || row.median() <= 0 || !on_device_of_ceilings(results, row)) ++marks.left_out;
        else (row.flops > 0 ? marks.computing : marks.moving).push_back(mark_of(results, row));
    }
    std::ranges::copy_if(marks.computing, std::back_inserter(marks.steps),
                         [](const Mark& m) { return m.is_step && m.share > 0; });
    // Steps are marked first and labelled first, then the ops that lose most.
    std::ranges::stable_sort(marks.computing, [](const Mark& a, const Mark& b) {
        return a.is_step != b.is_step ? a.is_step : a.lost_seconds > b.lost_seconds;
    });
    std::ranges::stable_sort(marks.moving, std::greater(), &Mark::gbytes);
    return marks;
}

class RooflinePicture {
public:
    explicit RooflinePicture(const BenchResults& results)
        : results_(results), marks_(marks_of(results)),
          copy_(results.ceilings.copy_bytes_per_second / 1e9), plot_{kPlotLeft, kPlotTop, kPlotWidth,
                                                                     std::clamp(height_of_bars(), kLeastHeight,
                                                                                kLargestHeight)},
          width_((has_bars() ? kBarsLeft + kBarsWidth : kPlotLeft + kPlotWidth) + kMargin),
          height_(kPlotTop + std::max(plot_.height, height_of_bars()) + kFoot), svg_(width_, height_, kStyle),
          labels_(plot_) {
        for (const auto& [precision, flops] : results.ceilings.product_flops)
            if (flops > 0) peaks_.emplace_back(precision, flops / 1e9);
        std::ranges::sort(peaks_, {}, &std::pair<std::string, double>::second);
        set_ranges();
    }

    std::string draw() {
        svg_.rectangle({0, 0, width_, height_}, "page");
        draw_heading();
        draw_grid();
        draw_ceilings();
        draw_points();
        draw_bars();
        draw_foot();
        return svg_.str();
    }

private:
    bool has_bars() const { return !marks_.moving.empty() || !marks_.steps.empty(); }
    double height_of_bars() const {
        const double between = marks_.moving.empty() || marks_.steps.empty() ? 0 : kBarsHeading;
        return between + kBarStep * static_cast<double>(marks_.moving.size() + marks_.steps.size());
    }

    void set_ranges() {
        std::vector<double> xs, ys;
        for (const Mark& m : marks_.computing) {
            xs.push_back(m.intensity());
            ys.push_back(m.gflops());
        }
        for (const auto& [precision, peak] : peaks_) {
            ys.push_back(peak * 1.2);
            if (copy_ > 0) xs.push_back(peak / copy_ * 4);
        }
        if (xs.empty()) xs = {0.1, 100};
        if (ys.empty()) ys = {1, 1000};
        const auto [x_low, x_high] = std::ranges::minmax(xs);
        const auto [y_low, y_high] = std::ranges::minmax(ys);
        x_ = axis_over(x_low / 1.5, x_high * 1.2, plot_.x, plot_.x + plot_.width);
        y_ = axis_over(y_low / 1.5, y_high * 1.2, plot_.y + plot_.height, plot_.y);
    }

    void draw_heading() {
        svg_.text({kMargin, 36}, "Roofline: " + results_.device, "title");
        svg_.text({kMargin, 58}, fmt::format("{}; poseaug {}", results_.date, results_.version), "");
        svg_.text({kMargin, 76}, "Ceilings, measured in the same run: " + ceilings_text(results_.ceilings), "");
        double x = plot_.x;
        for (const char* look : {"forward", "backward", "step"}) {
            const bool step = std::string_view(look) == "step";
            if (step) svg_.diamond({x + 6, plot_.y - 14}, 7, look);
            else svg_.circle({x + 6, plot_.y - 14}, 4.5, look);
            const std::string text = step ? "step of a training, inference" : "op, " + std::string(look);
            svg_.text({x + 18, plot_.y - 10}, text, "");
            x += 120;
        }
    }

    void draw_grid() {
        svg_.rectangle(plot_, "plot");
        const double bottom = plot_.y + plot_.height, right = plot_.x + plot_.width;
        draw_reach();
        for (const double x : round_numbers(x_.low, x_.high)) {
            const bool decade = is_decade(x);
            svg_.line({x_(x), plot_.y}, {x_(x), bottom}, decade ? "grid" : "fine");
            if (decade || x_.high / x_.low < 1e3) svg_.text({x_(x), bottom + 18}, fmt::format("{:g}", x), "tick-x");
        }
        for (const double y : round_numbers(y_.low, y_.high)) {
            const bool decade = is_decade(y);
            svg_.line({plot_.x, y_(y)}, {right, y_(y)}, decade ? "grid" : "fine");
            if (decade || y_.high / y_.low < 1e3) svg_.text({plot_.x - 8, y_(y) + 4}, fmt::format("{:g}", y), "tick-y");
        }
        svg_.text({plot_.x + plot_.width / 2, bottom + 42}, "FLOP per byte read or written", "axis");
        svg_.text({plot_.x - 54, plot_.y + plot_.height / 2}, "GFLOP/s", "axis", -90);
    }

    static bool is_decade(double number) {
        const double power = std::log10(number);
        return std::abs(power - std::round(power)) < 1e-6;
    }

    /// Tints what the highest ceilings allow.
    void draw_reach() {
        if (peaks_.empty() || copy_ <= 0) return;
        const double peak = peaks_.back().second;
        const double left = std::clamp(y_.low / copy_, x_.low, x_.high),
                     ridge = std::clamp(peak / copy_, left, x_.high);
        const double bottom = plot_.y + plot_.height, right = plot_.x + plot_.width;
        const auto roof = [&](double intensity) { return y_(std::max(y_.low, std::min(intensity * copy_, peak))); };
        svg_.polygon({{x_(left), bottom},
                      {x_(left), roof(left)},
                      {x_(ridge), roof(ridge)},
                      {right, roof(x_.high)},
                      {right, bottom}},
                     "reach");
    }

    void draw_ceilings() {
        for (const Mark& m : marks_.computing) {
            const Point at = place(m);
            const double reach = radius(m);
            labels_.keep_free({at.x - reach, at.y - reach, 2 * reach, 2 * reach});
        }
        for (const auto& [precision, peak] : peaks_) {
            const double ridge = copy_ > 0 ? std::clamp(peak / copy_, x_.low, x_.high) : x_.low;
            const Point from{x_(ridge), y_(peak)}, to{plot_.x + plot_.width, y_(peak)};
            svg_.line(from, to, "roof");
            labels_.keep_free(from, to);
            const std::string text = fmt::format("product, {}: {} GFLOP/s", precision, number_text(peak));
            svg_.text({to.x - 8, to.y - 7}, text, "ceiling-end");
            labels_.keep_free({to.x - 8 - text_width(text, 13), to.y - 19, text_width(text, 13), 17});
        }
        if (copy_ > 0) draw_slope();
    }

    void draw_slope() {
        const double top = peaks_.empty() ? y_.high : peaks_.back().second;
        const double left = std::max(x_.low, y_.low / copy_), right = std::min(x_.high, top / copy_);
        if (left >= right) return;
        const Point from{x_(left), y_(left * copy_)}, to{x_(right), y_(right * copy_)};
        svg_.line(from, to, "roof");
        labels_.keep_free(from, to);
        const double angle = std::atan2(to.y - from.y, to.x - from.x);
        const auto along = [&](double share, double aside) {
            return Point{std::lerp(from.x, to.x, share) + aside * std::sin(angle),
                         std::lerp(from.y, to.y, share) - aside * std::cos(angle)};
        };
        const std::string text = fmt::format("copy: {} GB/s", number_text(copy_));
        const double half = text_width(text, 13) / 2 / std::hypot(to.x - from.x, to.y - from.y);
        const auto covers_nothing = [&](double share) {
            return labels_.is_free(along(share - half, 10), along(share + half, 10)) &&
                   labels_.is_free(along(share - half, 18), along(share + half, 18));
        };
        const auto shares = {0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.9, 0.1};
        const auto* free = std::ranges::find_if(shares, covers_nothing);
        const double share = free == shares.end() ? 0.5 : *free;
        svg_.text(along(share, 8), text, "ceiling-middle", angle * 180 / std::numbers::pi);
        for (const double aside : {6.0, 12.0, 18.0})
            labels_.keep_free(along(share - half, aside), along(share + half, aside));
    }

    void draw_points() {
        for (auto m = marks_.computing.rbegin(); m != marks_.computing.rend(); ++m) { // what matters most on top
            if (m->is_step) svg_.diamond(place(*m), radius(*m), m->look, m->title);
            else svg_.circle(place(*m), radius(*m), m->look, m->title);
        }
        for (const Mark& m : marks_.computing) draw_label(m);
    }

    /// Labels a mark where there is room.
    void draw_label(const Mark& m) {
        const double width = text_width(m.label, kLabelSize);
        const auto box = labels_.place(place(m), width, kLabelSize + 1, radius(m) + 3);
        if (box) svg_.text({box->x, box->y + kLabelSize - 1}, m.label, "label " + m.look);
    }

    Point place(const Mark& m) const { return {x_(m.intensity()), y_(m.gflops())}; }
    static double radius(const Mark& m) { return m.is_step ? 7 : 4.5; }

    /// Beside the plot: the bandwidth of what only moves data, then the steps' shares of the roof.
    void draw_bars() {
        const double end = draw_moving(plot_.y);
        if (!marks_.steps.empty()) draw_steps(marks_.moving.empty() ? plot_.y : end + kBarsHeading);
    }

    /// Returns where it ends. What stays in a cache can be many times faster than a copy: its bar is cut short, with a
    /// gap.
    double draw_moving(double y) {
        if (marks_.moving.empty()) return y;
        const double fastest = marks_.moving.front().gbytes();
        const double longest = copy_ > 0 ? std::min(fastest, 1.6 * copy_) : fastest;
        const double scale = kBarLength / std::max(longest, copy_), top = y;
        svg_.text({kBarsLeft, y - 42}, "Moves data only", "head");
        svg_.text({kBarsLeft, y - 24}, "GB/s read and written", "");
        for (const Mark& m : marks_.moving) {
            const double length = std::min(m.gbytes(), longest) * scale;
            draw_bar(y, m, length, number_text(m.gbytes()));
            if (m.gbytes() > longest) svg_.rectangle({kBarStart + length - 8, y + 1, 3, kBarStep - 4}, "page");
            y += kBarStep;
        }
        if (copy_ > 0) draw_limit(copy_ * scale, top, y, fmt::format("copy: {}", number_text(copy_)));
        return y;
    }

    void draw_steps(double y) {
        const double top = y, longest = std::max(1.0, std::ranges::max(marks_.steps, {}, &Mark::share).share);
        svg_.text({kBarsLeft, y - 42}, "Steps", "head");
        svg_.text({kBarsLeft, y - 24}, "percent of the roof", "");
        for (const Mark& m : marks_.steps) {
            draw_bar(y, m, m.share / longest * kBarLength, fmt::format("{:.0f}", 100 * m.share));
            y += kBarStep;
        }
        draw_limit(kBarLength / longest, top, y, "roof");
    }

    void draw_bar(double y, const Mark& m, double length, const std::string& value) {
        svg_.text({kBarStart - 8, y + 11}, m.label, "value-end small " + m.look);
        svg_.rectangle({kBarStart, y + 1, length, kBarStep - 4}, m.look, m.title);
        svg_.text({kBarsLeft + kBarsWidth, y + 11}, value, "value-end small");
    }

    /// The line that bars are held against.
    void draw_limit(double length, double top, double bottom, const std::string& text) {
        svg_.line({kBarStart + length, top - 6}, {kBarStart + length, bottom + 2}, "roof");
        svg_.text({kBarStart + length, top - 10}, text, "ceiling-middle");
    }

    void draw_foot() {
        std::string text =
            "Point at a mark for its name, time and share of the roof. Above the roof is what stays in a "
            "cache.";
        if (marks_.left_out > 0)
            text += fmt::format(" Not drawn, for lack of counters or of another device: {}.", marks_.left_out);
        svg_.text({kMargin, height_ - 14}, text, "small");
    }

    const BenchResults& results_;
    Marks marks_;
    double copy_;                                       ///< GB/s; 0: not measured
    std::vector<std::pair<std::string, double>> peaks_; ///< precision and GFLOP/s, ascending
    Box plot_;
    double width_, height_;
    Svg svg_;
    LabelPlacement labels_;
    LogAxis x_{}, y_{};
};

} // namespace

std::string roofline_svg(const BenchResults& results) { return RooflinePicture(results).draw(); }

} // namespace poseaug::bench
