#pragma once
#include <CLI/CLI.hpp>

#include <functional>

namespace poseaug::app {

/// Each adds its subcommand; the callback of the parsed one runs it. Failures throw Error.
void add_synth(CLI::App& app);
void add_pretrain(CLI::App& app);
void add_train(CLI::App& app);
void add_evaluate(CLI::App& app);
void add_augment(CLI::App& app);
void add_predict(CLI::App& app);
void add_table(CLI::App& app);
void add_gradcheck(CLI::App& app);
void add_bench(CLI::App& app);
void add_convert(CLI::App& app);
void add_info(CLI::App& app);
void add_import(CLI::App& app);

} // namespace poseaug::app
