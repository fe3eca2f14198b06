#include "training/checkpoints.hpp"

#include "data/fingerprint.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <sstream>

namespace poseaug {

std::int64_t clips_that_chose(const Metadata& checkpoint, const PoseSet& set) {
    const auto found = checkpoint.find("chosen_clips");
    if (found == checkpoint.end()) return 0;
    std::istringstream words(found->second);
    std::set<std::string> chose;
    for (std::string word; words >> word;) chose.insert(word);
    return std::ranges::count_if(clip_fingerprints(set), [&](const std::string& clip) { return chose.contains(clip); });
}

template <class T>
void BestCheckpoint<T>::consider(const RunFolder& folder, const Network<T>& network, const std::string& model,
                                 const Evaluations& evaluations, int epoch, const std::string& pass) {
    const EvaluationResult* result = find_result(evaluations, by_.set);
    if (!result || (!summary_.is_null() && !(result->all.mpjpe < summary_["mpjpe"].get<double>()))) return;
    summary_ = headline(*result);
    summary_.update({{"epoch", epoch}, {"pass", pass}, {"file", file_}, {"chosen_on", by_.set}});
    for (const auto& [set, other] : evaluations)
        if (set != by_.set && std::ranges::find(by_.chose_initial, set) == by_.chose_initial.end())
            summary_["not_chosen_by"][set] = headline(other);
    std::string clips;
    for (const std::string& clip : by_.clips) clips += (clips.empty() ? "" : " ") + clip;
    save_weights(folder.file(file_), network, model,
                 {{"epoch", std::to_string(epoch)},
                  {"pass", pass},
                  {"chosen_on", by_.set},
                  {"chosen_poses", by_.poses},
                  {"chosen_clips", clips},
                  {"mpjpe", std::to_string(result->all.mpjpe)}});
}

template class BestCheckpoint<float>;
template class BestCheckpoint<double>;

} // namespace poseaug
