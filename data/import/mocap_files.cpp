#include "data/import/mocap_files.hpp"

#include "data/import/text_lines.hpp"
#include "kernels/error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace poseaug {
namespace {

namespace fs = std::filesystem;

bool is_of_kind(const fs::path& file, const std::string& extension) {
    return lower_case(file.extension().string()) == extension;
}

template <class Iterator> std::vector<fs::path> collect(const fs::path& folder, const std::string& extension) {
    std::vector<fs::path> files;
    std::error_code problem;
    for (Iterator entry(folder, problem), end; !problem && entry != end; entry.increment(problem))
        if (is_of_kind(entry->path(), extension) && entry->is_regular_file()) files.push_back(entry->path());
    if (problem) throw Error(fmt::format("Cannot list the folder {}: {}.", folder.string(), problem.message()));
    std::ranges::sort(files);
    return files;
}

} // namespace

std::vector<fs::path> files_of_kind(const fs::path& source, const std::string& extension) {
    if (!fs::exists(source)) throw Error(fmt::format("{} does not exist.", source.string()));
    if (!fs::is_directory(source)) {
        if (!is_of_kind(source, extension))
            throw Error(fmt::format("{} is no {} file; give one, or a folder of them.", source.string(), extension));
        return {source};
    }
    auto files = collect<fs::recursive_directory_iterator>(source, extension);
    if (files.empty()) throw Error(fmt::format("There is no {} file in {}.", extension, source.string()));
    return files;
}

fs::path skeleton_of_motion(const fs::path& amc) {
    const fs::path folder = amc.has_parent_path() ? amc.parent_path() : fs::path(".");
    const auto skeletons = collect<fs::directory_iterator>(folder, ".asf");
    fs::path best;
    for (const fs::path& asf : skeletons) {
        const std::string name = asf.stem().string();
        if (amc.stem().string().starts_with(name) && name.size() >= best.stem().string().size()) best = asf;
    }
    if (best.empty() && skeletons.size() == 1) best = skeletons.front();
    if (best.empty())
        throw Error(fmt::format("{} has no skeleton: beside it {} .asf file{}. Put its skeleton there, named as the "
                                "motion begins (05.asf for 05_01.amc).",
                                amc.string(), skeletons.empty() ? "is no" : fmt::format("are {}", skeletons.size()),
                                skeletons.empty() ? "" : "s, none named like it"));
    return best;
}

} // namespace poseaug
