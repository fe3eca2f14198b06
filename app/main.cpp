#include "app/verbs.hpp"
#include "kernels/error.hpp"
#include "kernels/instructions.hpp"
#include "poseaug_version.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <csignal>
#include <cstdio>
#include <iostream>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr int kFailure = 1, kWrongUsage = 2;

int complain(int status, const std::string& message) {
    std::fflush(stdout);
    std::fprintf(stderr, "poseaug: %s\n",
                 message.c_str()); // not fmt::print, which throws where stderr cannot be written
    return status;
}

/// Ends with what CPU kernels run on here, of what they could.
std::string version_text() {
    std::vector<std::string_view> titles;
    for (const poseaug::Instructions& one : poseaug::runnable_instructions()) titles.push_back(one.title);
    return fmt::format("poseaug {} ({}, CUDA: {}, CPU: {} of {})", poseaug::kVersion, poseaug::kCompiler,
                       poseaug::kCuda, poseaug::chosen_instructions().title, fmt::join(titles, ", "));
}

void add_verbs(CLI::App& app) {
    using namespace poseaug::app;
    app.name("poseaug");
    app.set_version_flag("--version", version_text);
    app.footer("poseaug VERB --help explains a verb, with an example. First steps:\n"
               "  poseaug synth --out data\n"
               "  poseaug pretrain --data data --model mlp --out run --epochs 5\n"
               "  poseaug train --data data --init run/best.safetensors --out run2 --epochs 5\n"
               "  poseaug evaluate --data data --weights run2/best_3dhp.safetensors\n"
               "Exit status: 0 done, 1 failed, 2 wrong usage.");
    for (const auto add : {add_synth, add_import, add_pretrain, add_train, add_table, add_evaluate, add_augment,
                           add_predict, add_convert, add_gradcheck, add_bench, add_info})
        add(app);
    app.require_subcommand(1);
}

/// The command that the first words name, such as `import h36m`, and the words it takes: as deep as they name any.
const CLI::App* named_command(const CLI::App& app, int argc, char** argv, int& words) {
    const CLI::App* command = &app;
    for (words = 0; words + 1 < argc; ++words) {
        const auto named =
            command->get_subcommands([&](const CLI::App* verb) { return verb->get_name() == argv[words + 1]; });
        if (named.empty()) break;
        command = named.front();
    }
    return command;
}

std::string verb_names(const CLI::App& app) {
    std::string names;
    for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; }))
        names += (names.empty() ? "" : ", ") + verb->get_name();
    return names;
}

int run(CLI::App& app, int argc, char** argv) {
    int words = 0;
    const CLI::App* command = named_command(app, argc, argv, words);
    const std::string name = fmt::format("{}", fmt::join(argv + 1, argv + 1 + words, " "));
    const std::string names = verb_names(*command), start = name.empty() ? name : name + " ";
    if (!names.empty() && words + 1 < argc && argv[words + 1][0] != '-')
        return complain(kWrongUsage,
                        fmt::format("there is no verb '{}{}'; there are {}", start, argv[words + 1], names));
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& help_or_version) {
        app.exit(help_or_version);
    } catch (const CLI::ParseError& error) {
        return complain(kWrongUsage, fmt::format("{} (poseaug {}--help tells more)", error.what(), start));
    }
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    // a file that may not grow further is then an error of write(), which is reported, and not the end of the process
    std::signal(SIGXFSZ, SIG_IGN);
    try {
        CLI::App app("PoseAug: a differentiable pose augmentor for 3D human pose estimation (CVPR 2021)");
        add_verbs(app);
        const int status = run(app, argc, argv);
        std::cout.flush();
        if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0 || !std::cout)
            return complain(kFailure, "cannot write to stdout");
        return status;
    } catch (const std::bad_alloc&) {
        return complain(kFailure, "out of memory; try less data (--subjects, --stride) or a smaller --batch");
    } catch (const std::exception& error) {
        return complain(kFailure, error.what());
    }
}
