#include "training/run_folder.hpp"

#include "data/atomic_file.hpp"
#include "kernels/error.hpp"
#include "poseaug_version.hpp"
#include "training/run_log.hpp"

#include <fstream>

namespace poseaug {

namespace {

using nlohmann::json;

void write_text(const std::filesystem::path& path, const std::string& text) {
    AtomicFile file(path);
    file.write(text);
    file.commit();
}

json read_json(const std::filesystem::path& path) {
    std::ifstream stream(path);
    json content = json::parse(stream, nullptr, false);
    if (!content.is_object())
        throw Error(path.string() + " is not a JSON object; start the run anew in another folder");
    return content;
}

/// Settings of which a resumed run may have others: folders and files may have moved; what they hold is recorded beside.
bool may_differ(const std::string& name) {
    return name == "data" || name == "init" || name == "align" || name == "extra_2d" || name == "version" ||
           name == "compiler" || name == "device" || name == "threads";
}

void require_same(const json& before, const json& now, const std::filesystem::path& folder) {
    for (const auto& [name, value] : now.items())
        if (!may_differ(name) && (!before.contains(name) || before[name] != value))
            throw Error("cannot resume " + folder.string() + ": it was started with " + name + " = " +
                        (before.contains(name) ? before[name].dump() : "nothing") + ", and is asked to go on with " +
                        value.dump());
}

} // namespace

RunFolder::RunFolder(std::filesystem::path folder, const json& settings, bool resume) : folder_(std::move(folder)) {
    const auto settings_file = file("settings.json");
    if (std::filesystem::exists(settings_file)) {
        if (!resume)
            throw Error(folder_.string() + " holds a run already; give --resume to go on with it, or another --out");
        require_same(read_json(settings_file), settings, folder_);
        lines_ = read_log(file("log.jsonl"));
        return;
    }
    if (resume)
        throw Error(folder_.string() +
                    " holds no run to resume (it has no settings.json); leave --resume out to start one");
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    if (error) throw Error("cannot make the folder " + folder_.string() + ": " + error.message());
    json all = settings;
    all["version"] = kVersion;
    all["compiler"] = kCompiler;
    write_text(settings_file, all.dump(2) + "\n");
}

void RunFolder::keep_log_until(int epoch) {
    std::erase_if(lines_, [&](const json& line) { return line.value("epoch", 0) > epoch; });
    write_log(log_text());
}

std::string RunFolder::log_text() const {
    std::string text;
    for (const json& line : lines_) text += line.dump() + "\n";
    return text;
}

void RunFolder::write_log(const std::string& text) const { write_text(file("log.jsonl"), text); }

} // namespace poseaug
