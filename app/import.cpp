#include "app/import.hpp"
#include "app/verbs.hpp"

namespace poseaug::app {

void ImportPaths::add_to(CLI::App& kind, const std::string& what) {
    kind.add_option("source", source, what)->required()->type_name("SOURCE");
    kind.add_option("--out", out, "Folder for the files, made if missing")->required()->type_name("DIR");
}

void add_import(CLI::App& app) {
    CLI::App* verb =
        app.add_subcommand("import", "Brings data from the form its owners give it into the public layout");
    for (const auto add : {add_import_public, add_import_motion, add_import_keypoints}) add(*verb);
    verb->require_subcommand(1);
    verb->footer("poseaug import KIND --help explains a kind, with an example.");
}

} // namespace poseaug::app
