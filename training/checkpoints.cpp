#include "training/checkpoints.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <sstream>
#include <utility>

namespace poseaug {

std::int64_t clips_that_chose(const Metadata& checkpoint, const std::vector<std::string>& clips) {
    const auto found = checkpoint.find("chosen_clips");
    if (found == checkpoint.end()) return 0;
    std::istringstream words(found->second);
    std::set<std::string> chose;
    for (std::string word; words >> word;) chose.insert(word);
    return std::ranges::count_if(clips, [&](const std::string& clip) { return chose.contains(clip); });
}

template <class T>
void BestCheckpoint<T>::consider(BackgroundWriter& files, const Network<T>& network, const std::string& model,
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
    model_ = model;
    metadata_ = {{"epoch", std::to_string(epoch)}, {"pass", pass},
                 {"chosen_on", by_.set},           {"chosen_poses", by_.poses},
                 {"chosen_clips", clips},          {"mpjpe", std::to_string(result->all.mpjpe)}};
    files.wait();
    if (!copy_) copy_ = std::make_unique<NetworkCopy<T>>(network);
    copy_->queue(network);
    network.device().synchronize();
    to_write_ = true;
}

template <class T> void BestCheckpoint<T>::add_to(BackgroundWriter& files, const RunFolder& folder) {
    if (!std::exchange(to_write_, false)) return;
    files.add([file = folder.file(file_), copy = copy_.get(), model = model_, metadata = metadata_] {
        save_weights(file, *copy, model, metadata);
    });
}

template class BestCheckpoint<float>;
template class BestCheckpoint<double>;

} // namespace poseaug
