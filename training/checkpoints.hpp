#pragma once
#include "training/run_folder.hpp"
#include "training/test_sets.hpp"
#include "training/training_state.hpp"
#include "training/weights.hpp"

namespace poseaug {

/// Keeps the weights with the lowest MPJPE seen on a test set. The best over evaluations that chose it: an optimistic
/// figure.
template <class T> class BestCheckpoint {
public:
    /// `file` holds the weights; `set` is "h36m" or "3dhp".
    BestCheckpoint(std::string file, std::string set) : file_(std::move(file)), set_(std::move(set)) {}

    /// Saves the network if it did better than ever. Evaluations without the set are passed over.
    void consider(const RunFolder& folder, const Network<T>& network, const std::string& model,
                  const Evaluations& evaluations, int epoch, const std::string& pass) {
        const EvaluationResult* result = find_result(evaluations, set_);
        if (!result || !(result->all.mpjpe < mpjpe_)) return;
        mpjpe_ = result->all.mpjpe;
        pa_mpjpe_ = result->all.pa_mpjpe;
        epoch_ = epoch;
        save_weights(
            folder.file(file_), network, model,
            {{"epoch", std::to_string(epoch)}, {"pass", pass}, {"chosen_on", set_}, {"mpjpe", std::to_string(mpjpe_)}});
    }
    void put(TrainingState& state) const {
        state.put_real(file_ + ".mpjpe", mpjpe_);
        state.put_real(file_ + ".pa_mpjpe", pa_mpjpe_);
        state.put(file_ + ".epoch", epoch_);
    }
    void take(const TrainingState& state) {
        mpjpe_ = state.real(file_ + ".mpjpe");
        pa_mpjpe_ = state.real(file_ + ".pa_mpjpe");
        epoch_ = static_cast<int>(state.number(file_ + ".epoch"));
    }
    /// Null if the set was never evaluated.
    nlohmann::json summary() const {
        if (epoch_ < 0) return nullptr;
        return {{"mpjpe", mpjpe_}, {"pa_mpjpe", pa_mpjpe_}, {"epoch", epoch_}, {"file", file_}};
    }

private:
    std::string file_, set_;
    double mpjpe_ = 1e300, pa_mpjpe_ = 0;
    int epoch_ = -1;
};

} // namespace poseaug
