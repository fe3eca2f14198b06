#pragma once
#include "data/h36m.hpp"
#include "training/evaluation.hpp"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace poseaug {

/// Errors on each test set, by its name: "h36m", "3dhp".
using Evaluations = std::vector<std::pair<std::string, EvaluationResult>>;

/// The result of that name, or null.
const EvaluationResult* find_result(const Evaluations& evaluations, const std::string& set);

/// Whether all errors are numbers; the network's estimates are not, otherwise.
bool is_finite(const EvaluationResult& result);

/// The metrics of all poses by name (means over poses), and the means of the actions' means as `mpjpe_actions` and so on.
nlohmann::json headline(const EvaluationResult& result);

/// As files hold it: the headline, `per_action` and `per_joint`.
nlohmann::json to_json(const EvaluationResult& result);

/// The test sets of a folder, resident on a device beside the estimator they measure: Human3.6M's S9 and S11 without
/// flip, and `test_3dhp.npz`, where there is one, with flip averaging.
template <class T> class TestSets {
public:
    /// `arena` may be that of a training's steps; `files` are those of `folder`.
    TestSets(Stream<T>& stream, Arena& arena, const H36mFiles& files, const std::filesystem::path& folder,
             const Estimator& estimator, Network<T>& network);
    /// One more set; `flip`: average with the mirrored image's estimate.
    void add(const std::string& name, const PoseSet& poses, bool flip);
    /// Fingerprints of the clips of the set of that name, or null.
    const std::vector<std::string>* clips_of(const std::string& name) const;
    /// Queues an evaluation of every set, and its reading.
    void queue();
    /// What was queued, once the device has been synchronized.
    Evaluations results() const;
    /// All of it, by itself.
    Evaluations evaluate() {
        queue();
        stream_.device().synchronize();
        return results();
    }

private:
    struct One {
        std::string name;
        std::vector<std::string> clips;
        std::unique_ptr<Evaluator<T>> evaluator;
    };
    Stream<T>& stream_;
    Arena& arena_;
    const Estimator& estimator_;
    Network<T>& network_;
    std::vector<One> sets_;
};

extern template class TestSets<float>;
extern template class TestSets<double>;

} // namespace poseaug
