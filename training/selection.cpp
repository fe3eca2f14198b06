#include "training/selection.hpp"

#include "kernels/error.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <random>
#include <sstream>
#include <utility>

namespace poseaug {

namespace {

using Motion = std::pair<std::string, std::string>; ///< subject and action

/// Which of `count` things a share of them is: the same in every run.
std::vector<bool> draw(std::size_t count, double share) {
    std::vector<std::size_t> order(count);
    for (std::size_t i = 0; i < count; ++i) order[i] = i;
    std::mt19937_64 random(0); // its numbers are the same everywhere, unlike those of std::shuffle
    for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[random() % i]);
    const auto wanted = static_cast<std::size_t>(std::llround(share * static_cast<double>(count)));
    std::vector<bool> chosen(count);
    for (std::size_t i = 0; i < std::clamp<std::size_t>(wanted, 1, count - 1); ++i) chosen[order[i]] = true;
    return chosen;
}

} // namespace

Selection Selection::of(const std::string& text) {
    Selection selection;
    if (text == "test") return selection;
    char* end = nullptr;
    const double share = std::strtod(text.c_str(), &end);
    if (!text.empty() && *end == 0) {
        if (!(share > 0 && share < 1))
            throw Error("the share to hold out is " + text + "; it must be between 0 and 1, such as 0.1");
        selection.share = share;
        return selection;
    }
    std::istringstream names(text + ",");
    for (std::string name; std::getline(names, name, ',');) {
        if (name.empty()) throw Error("'" + text + "' has an empty name; write test, a share, or subjects such as S8");
        if (name == "S9" || name == "S11")
            throw Error(name + " is a test subject; hold out a training subject, such as S8, or give test");
        selection.subjects.push_back(name);
    }
    return selection;
}

std::vector<bool> held_out_clips(const PoseSet& set, const Selection& selection) {
    std::vector<bool> held_out;
    if (selection.share > 0) {
        std::map<Motion, std::size_t> motions;
        for (const Clip& clip : set.clips) motions.try_emplace({clip.subject, clip.action}, motions.size());
        if (motions.size() < 2)
            throw Error("a share of one motion cannot be held out; train on more, or hold out a subject");
        const std::vector<bool> chosen = draw(motions.size(), selection.share);
        for (const Clip& clip : set.clips) held_out.push_back(chosen[motions.at({clip.subject, clip.action})]);
        return held_out;
    }
    for (const Clip& clip : set.clips)
        held_out.push_back(std::ranges::find(selection.subjects, clip.subject) != selection.subjects.end());
    if (std::ranges::all_of(held_out, [](bool out) { return out; }))
        throw Error("every training subject is held out; leave one to train on");
    return held_out;
}

} // namespace poseaug
