#pragma once
#include "training/background_writer.hpp"
#include "training/run_folder.hpp"
#include "training/test_sets.hpp"
#include "training/training_state.hpp"
#include "training/weights.hpp"

#include <memory>

namespace poseaug {

/// What a checkpoint says of how it was chosen.
struct ChosenBy {
    std::string set;                ///< "h36m", "3dhp" or "held_out"
    std::string poses;              ///< for people: "S9, S11 of data_3d_h36m.npz, gt 2D"
    std::vector<std::string> clips; ///< their fingerprints, those that chose the initial weights among them
    /// Sets that chose the initial weights: their figures are no more independent of the choice than those of `set`.
    std::vector<std::string> chose_initial;
};

/// How many of these clips, given by their fingerprints, had a part in choosing the checkpoint with these metadata.
std::int64_t clips_that_chose(const Metadata& checkpoint, const std::vector<std::string>& clips);

/// Keeps the weights with the lowest MPJPE seen on one set. The best over evaluations that chose it: an optimistic
/// figure for that set, an honest one for the others.
template <class T> class BestCheckpoint {
public:
    /// `file` holds the weights.
    BestCheckpoint(std::string file, ChosenBy by) : file_(std::move(file)), by_(std::move(by)) {}

    /// Takes a copy of the network if it did better than ever; `files`, which may still be writing from the last copy, is
    /// waited for. Evaluations without the set are passed over.
    void consider(BackgroundWriter& files, const Network<T>& network, const std::string& model,
                  const Evaluations& evaluations, int epoch, const std::string& pass);
    /// Adds the file to be written, if there is a copy that was not.
    void add_to(BackgroundWriter& files, const RunFolder& folder);
    /// "best_h36m": the summary's name in results.
    std::string name() const { return "best_" + by_.set; }
    /// Errors on the set that chose it, and under `not_chosen_by` those on sets that chose nothing; null if the set was never evaluated.
    const nlohmann::json& summary() const { return summary_; }

    void put(TrainingState& state) const { state.put_text(file_, summary_.dump()); }
    void take(const TrainingState& state) { summary_ = nlohmann::json::parse(state.text(file_)); }

private:
    std::string file_;
    ChosenBy by_;
    nlohmann::json summary_;
    std::unique_ptr<NetworkCopy<T>> copy_; ///< of the best so far
    std::string model_;
    Metadata metadata_;
    bool to_write_ = false;
};

extern template class BestCheckpoint<float>;
extern template class BestCheckpoint<double>;

} // namespace poseaug
