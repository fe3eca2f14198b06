#include "app/report.hpp"

#include "kernels/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace poseaug::app {

namespace {

std::string row(const std::string& name, std::size_t width, const Metrics& m) {
    return fmt::format("  {:<{}} {:>8} {:>8.1f} {:>8.1f} {:>8.1f} {:>7.1f} {:>7.1f}\n", name, width, m.poses, m.mpjpe,
                       m.pa_mpjpe, m.n_mpjpe, m.pck, m.auc);
}

std::string joints(const std::array<double, 16>& errors) {
    std::string text = "  MPJPE of each joint, mm:\n";
    for (std::size_t j = 0; j < errors.size(); ++j)
        text += fmt::format("  {:<14} {:>6.1f}{}", joint_names()[j], errors[j], j % 4 == 3 ? "\n" : "  ");
    return text;
}

} // namespace

std::string table(const std::string& title, const EvaluationResult& result) {
    std::size_t width = 16;
    for (const auto& [action, metrics] : result.per_action) width = std::max(width, action.size());
    std::string text = fmt::format("{}{}\n  {:<{}} {:>8} {:>8} {:>8} {:>8} {:>7} {:>7}\n", title,
                                   result.flip ? ", flip averaging" : "", "", width, "poses", "MPJPE", "PA-MPJPE",
                                   "N-MPJPE", "PCK %", "AUC %");
    if (result.per_action.size() > 1)
        for (const auto& [action, metrics] : result.per_action) text += row(action, width, metrics);
    text += row("all poses", width, result.all);
    if (result.per_action.size() > 1) text += row("mean of actions", width, result.actions);
    if (result.mpjve) text += fmt::format("  MPJVE {:.2f} mm a frame\n", *result.mpjve);
    return text + joints(result.per_joint);
}

} // namespace poseaug::app
