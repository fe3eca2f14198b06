#include "training/test_sets.hpp"

#include "data/fingerprint.hpp"
#include "data/test_set.hpp"

#include <nlohmann/json.hpp>

#include <cmath>

namespace poseaug {

const EvaluationResult* find_result(const Evaluations& evaluations, const std::string& set) {
    for (const auto& [name, result] : evaluations)
        if (name == set) return &result;
    return nullptr;
}

bool is_finite(const EvaluationResult& result) {
    const Metrics& m = result.all;
    return std::isfinite(m.mpjpe + m.pa_mpjpe + m.n_mpjpe + m.pck + m.auc + result.mpjve.value_or(0));
}

namespace {
nlohmann::json to_json(const Metrics& m) {
    return {{"mpjpe", m.mpjpe}, {"pa_mpjpe", m.pa_mpjpe}, {"n_mpjpe", m.n_mpjpe},
            {"pck", m.pck},     {"auc", m.auc},           {"poses", m.poses}};
}
} // namespace

nlohmann::json headline(const EvaluationResult& result) {
    nlohmann::json json = to_json(result.all);
    const nlohmann::json actions = to_json(result.actions);
    for (const char* metric : {"mpjpe", "pa_mpjpe", "n_mpjpe", "pck", "auc"})
        json[std::string(metric) + "_actions"] = actions[metric];
    json["mpjve"] = result.mpjve ? nlohmann::json(*result.mpjve) : nlohmann::json();
    json["flip"] = result.flip;
    return json;
}

nlohmann::json to_json(const EvaluationResult& result) {
    nlohmann::json json = headline(result);
    for (const auto& [action, metrics] : result.per_action) json["per_action"][action] = to_json(metrics);
    for (std::size_t j = 0; j < result.per_joint.size(); ++j) json["per_joint"][joint_names()[j]] = result.per_joint[j];
    return json;
}

template <class T>
TestSets<T>::TestSets(Stream<T>& stream, Arena& arena, const H36mFiles& files, const std::filesystem::path& folder,
                      const Estimator& estimator, Network<T>& network)
    : stream_(stream), arena_(arena), estimator_(estimator), network_(network) {
    add("h36m", files.load(kTestSubjects), false);
    const auto other = folder / "test_3dhp.npz";
    if (std::filesystem::exists(other)) add("3dhp", load_test_set(other), true);
}

template <class T> void TestSets<T>::add(const std::string& name, const PoseSet& poses, bool flip) {
    sets_.push_back({name, clip_fingerprints(poses),
                     std::make_unique<Evaluator<T>>(stream_, arena_, poses, estimator_, network_, flip)});
}

template <class T> const std::vector<std::string>* TestSets<T>::clips_of(const std::string& name) const {
    for (const One& one : sets_)
        if (one.name == name) return &one.clips;
    return nullptr;
}

template <class T> void TestSets<T>::queue() {
    for (const One& one : sets_) one.evaluator->queue();
}

template <class T> Evaluations TestSets<T>::results() const {
    Evaluations results;
    for (const One& one : sets_) results.emplace_back(one.name, one.evaluator->result());
    return results;
}

template class TestSets<float>;
template class TestSets<double>;

} // namespace poseaug
