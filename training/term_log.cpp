#include "training/term_log.hpp"

namespace poseaug {

TermLog::TermLog(Device& device, std::vector<std::string> names, StepState* state)
    : names_(std::move(names)), sums_(device, static_cast<std::int64_t>(names_.size())),
      first_bad_(device, static_cast<std::int64_t>(names_.size())), read_sums_(device, sums_.size()),
      read_first_bad_(device, first_bad_.size()), state_(state) {
    if (names_.size() > kMaxFigures) throw Error("a log of " + std::to_string(names_.size()) + " figures");
    reset();
}

void TermLog::expect_names(std::size_t losses, int rows) const {
    if (losses > kMaxInputs || rows > static_cast<int>(names_.size()))
        throw Error("a step of " + std::to_string(losses) + " losses with " + std::to_string(rows) +
                    " figures, where the log has " + std::to_string(names_.size()) + " names");
}

void TermLog::reset() {
    sums_.zero();
    first_bad_.upload(std::vector<std::int32_t>(names_.size(), -1));
}

void TermLog::queue_read() {
    read_sums_.queue(sums_);
    read_first_bad_.queue(first_bad_);
}

std::map<std::string, double> TermLog::figures(const std::string& pass) const {
    const auto sums = read_sums_.values();
    const auto first_bad = read_first_bad_.values();
    std::map<std::string, double> result;
    std::size_t worst = 0; // the first to go bad, which the others may only have followed
    for (std::size_t i = 0; i < names_.size(); ++i) {
        const bool earlier = first_bad[worst] < 0 || first_bad[i] < first_bad[worst];
        if (first_bad[i] >= 0 && earlier) worst = i;
        result[names_[i]] = sums[i];
    }
    if (first_bad[worst] >= 0)
        throw Error("training collapsed: " + names_[worst] + " is not finite in step " +
                    std::to_string(first_bad[worst] + 1) + " of " + pass +
                    "; the last good checkpoint stays. Try another --seed or a lower rate");
    return result;
}

} // namespace poseaug
