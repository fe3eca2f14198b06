#pragma once
#include "engine/device.hpp"
#include "models/estimators.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace poseaug::app {

/// --device auto|cpu|cuda and --threads N.
struct DeviceChoice {
    std::string kind = "auto";
    int threads = 0;
    std::string convolution = "own", precision = "float32";
    void add_to(CLI::App& verb);
    /// --precision.
    void add_precision_to(CLI::App& verb);
    /// --precision and --conv, for verbs that run an estimator.
    void add_arithmetic_to(CLI::App& verb);
    DeviceOptions options() const;
    /// Opens the device and says on stderr which it is.
    std::unique_ptr<Device> open() const;
};

/// --data DIR and --keypoints NAME.
struct DataChoice {
    std::filesystem::path folder;
    std::string keypoints = "gt";
    void add_to(CLI::App& verb);
};

/// --json FILE, `-` being stdout.
struct JsonChoice {
    std::string file;
    void add_to(CLI::App& verb);
    bool to_stdout() const { return file == "-"; }
    /// Checks, before work is spent, that the file can be written. Throws Error.
    void require_writable() const;
    /// Prints `text`, the result for people, on stdout unless the JSON goes there, and writes the JSON where it was
    /// asked for.
    void report(const std::string& text, const nlohmann::json& json) const;
};

/// --model NAME, one of the estimators there are.
CLI::Option* add_model(CLI::App& verb, std::string& model);
/// The same, where `weights`, an option of the verb's, tells the estimator if it is not given.
CLI::Option* add_model_of(CLI::App& verb, std::string& model, const std::string& weights);
/// What weights are read from, for the help of an option.
inline constexpr const char* kWeightFiles = ".safetensors, .npz, or a PyTorch file";
/// --flip and --no-flip; `flip` keeps its value where neither is given.
void add_flip(CLI::App& verb, const std::shared_ptr<bool>& flip, const std::shared_ptr<bool>& given = {});
/// --subjects S9,S11.
CLI::Option* add_subjects(CLI::App& verb, std::string& subjects);

// Checks of values; a value that fails one is wrong usage.

/// A number not below `least`.
CLI::Validator at_least(double least);
/// A number above `low`.
CLI::Validator above(double low);
/// A number in [low, high).
CLI::Validator from_below(double low, double high);
/// A rate in [0, 1), or -1 for the network's own rates.
CLI::Validator dropout_rate();
/// Names separated by commas, none of them empty.
CLI::Validator name_list();

/// Splits "S1,S5"; throws Error for an empty name.
std::vector<std::string> split_list(const std::string& text);

/// A remark on stderr.
void note(const std::string& text);

} // namespace poseaug::app
