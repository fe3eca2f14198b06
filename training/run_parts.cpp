#include "training/run_parts.hpp"

#include "data/box_alignment.hpp"
#include "data/fingerprint.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace poseaug {

using nlohmann::json;

namespace {

std::string join(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

/// What is held out and what is trained on, as far as that was asked for.
std::vector<std::string> subjects_to_load(const RunOptions& o, const Selection& selection) {
    std::vector<std::string> subjects = o.subjects;
    for (const std::string& name : selection.subjects)
        if (std::ranges::find(subjects, name) == subjects.end()) subjects.push_back(name);
    return subjects;
}

} // namespace

RunPoses::RunPoses(const RunOptions& o, const H36mFiles& files, const RunEvents& events) {
    const auto note = [&](const std::string& text) {
        if (events.note) events.note(text);
    };
    const Selection selection = Selection::of(o.select_on);
    training = files.load(subjects_to_load(o, selection), o.stride);
    const std::vector<std::string> clips = clip_fingerprints(training);
    if (!selection.on_test()) {
        std::vector<bool> out = held_out_clips(training, selection);
        for (std::size_t i = 0; i < out.size(); ++i)
            if (out[i]) fingerprints.push_back(clips[i]);
        held_out = select_clips(training, out);
        out.flip();
        training = select_clips(training, out);
        note("held out: " + std::to_string(held_out.size()) +
             " poses; to train on: " + std::to_string(training.size()));
    }
    if (!o.align.empty()) {
        const ImageSet target = load_image_set(o.data, o.keypoints, o.align);
        aligned_to = target.contents();
        note(align_poses(training, BoxDistribution(target.images)).text() + ", the boxes of " + target.name);
    }
}

void add_held_out(TestSets<RunScalar>& tests, RunParts& parts) {
    const PoseSet poses = std::exchange(parts.poses.held_out, {});
    if (poses.size() > 0) tests.add("held_out", poses, false);
}

ChosenBy chosen_by(const std::string& set, const RunOptions& o, const TestSets<RunScalar>& tests,
                   const RunParts& parts) {
    const std::vector<std::string>* clips = tests.clips_of(set);
    if (!clips) return {set, "", {}, {}};
    if (set == "held_out") {
        const bool share = Selection::of(o.select_on).share > 0;
        return {set,
                (share ? "a share of " + o.select_on + " of the training motions" : o.select_on) + ", held out of " +
                    o.data.string(),
                parts.poses.fingerprints,
                {}};
    }
    const std::string file =
        set == "h36m" ? join(kTestSubjects) + " of " + o.data.string() : (o.data / ("test_" + set + ".npz")).string();
    return {set, file, *clips, {}};
}

json common_settings(const RunOptions& o, const Device& device, int width, const RunParts& parts) {
    return {{"data", std::filesystem::absolute(o.data).lexically_normal().string()},
            {"model", o.model},
            {"width", width},
            {"keypoints", o.keypoints},
            {"subjects", o.subjects},
            {"stride", o.stride},
            {"select_on", o.select_on},
            {"align", o.align},
            {"align_contents", parts.poses.aligned_to},
            {"training_poses", parts.data.count},
            {"held_out_poses", parts.poses.held_out.size()},
            {"seed", o.seed},
            {"device", device.name()}};
}

json to_json(const Evaluations& evaluations) {
    json all = json::object();
    for (const auto& [set, result] : evaluations) all[set] = poseaug::to_json(result);
    return all;
}

Evaluations finite_results(const TestSets<RunScalar>& tests, int epoch) {
    Evaluations errors = tests.results();
    for (const auto& [set, result] : errors)
        if (!is_finite(result))
            throw Error("training collapsed: the estimator's error on " + set + " is not finite after epoch " +
                        std::to_string(epoch) + "; the last good checkpoint stays. Try another --seed or a lower --lr");
    return errors;
}

} // namespace poseaug
