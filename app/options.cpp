#include "app/options.hpp"

#include "data/atomic_file.hpp"
#include "data/output_path.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <optional>

namespace poseaug::app {

namespace {

/// The number that a value on the command line is, if it is one.
std::optional<double> number_of(const std::string& text) {
    double value = 0;
    if (!CLI::detail::lexical_cast(text, value)) return std::nullopt;
    return value;
}

/// A check that gives `complaint` for numbers that are not `good`; texts that are no number are left to the option's
/// own conversion.
template <class Good> CLI::Validator number_check(Good good, const std::string& complaint, const std::string& label) {
    return CLI::Validator(
        [=](std::string& text) {
            const auto value = number_of(text);
            return !value || good(*value) ? std::string() : fmt::format("{} {}", text, complaint);
        },
        label);
}

} // namespace

void DeviceChoice::add_to(CLI::App& verb) {
    verb.add_option("--device", kind, "Where to compute: a GPU where one is usable (auto), cpu or cuda")
        ->check(CLI::IsMember({"auto", "cpu", "cuda"}))
        ->capture_default_str();
    verb.add_option("--threads", threads, "Threads of the CPU; 0 for all")
        ->check(CLI::Range(0, 4096))
        ->capture_default_str();
}

void DeviceChoice::add_precision_to(CLI::App& verb) {
    verb.add_option("--precision", precision,
                    "Arithmetic of matrix products; less than float32 is faster on a GPU, and imitated on the CPU")
        ->check(CLI::IsMember({"float32", "tf32", "bf16"}))
        ->capture_default_str();
}
void DeviceChoice::add_arithmetic_to(CLI::App& verb) {
    add_precision_to(verb);
    verb.add_option("--conv", convolution,
                    "What computes videopose's convolutions and batch norms: this program (own), or cuDNN on a GPU")
        ->check(CLI::IsMember({"own", "cudnn"}))
        ->capture_default_str();
}

DeviceOptions DeviceChoice::options() const {
    DeviceOptions options;
    options.kind = kind;
    options.threads = threads;
    options.precision = find_precision(precision);
    if (convolution == "cudnn") options.convolution = Convolution::cudnn;
    return options;
}
std::unique_ptr<Device> DeviceChoice::open() const {
    auto device = open_device(options());
    const char* reason = kind == "auto" && !device->is_cuda() ? why_no_cuda() : nullptr;
    note("running on " + device->name() + (reason ? std::string("; no GPU: ") + reason : ""));
    return device;
}

void DataChoice::add_to(CLI::App& verb) {
    verb.add_option("--data", folder, "Folder in the public Human3.6M layout (poseaug synth makes one)")
        ->required()
        ->type_name("DIR");
    verb.add_option("--keypoints", keypoints, "2D detections to read: NAME of data_2d_h36m_NAME.npz")
        ->capture_default_str()
        ->type_name("NAME");
}

void JsonChoice::add_to(CLI::App& verb) {
    verb.add_option("--json", file,
                    "Also write the result as JSON to FILE, - for stdout (then nothing else goes there)")
        ->type_name("FILE");
}

void JsonChoice::require_writable() const {
    if (!file.empty() && !to_stdout()) require_writable_target(file);
}

void JsonChoice::report(const std::string& text, const nlohmann::json& json) const {
    if (to_stdout()) {
        fmt::print("{}\n", json.dump(2));
        return;
    }
    fmt::print("{}", text);
    if (file.empty()) return;
    AtomicFile output(file);
    output.write(json.dump(2) + "\n");
    output.commit();
}

CLI::Option* add_model(CLI::App& verb, std::string& model) {
    std::vector<std::string> names;
    for (const Estimator& estimator : estimators()) names.emplace_back(estimator.name);
    return verb.add_option("--model", model, "Estimator: " + estimator_names())
        ->required()
        ->check(CLI::IsMember(names))
        ->type_name("NAME");
}

CLI::Option* add_model_of(CLI::App& verb, std::string& model, const std::string& weights) {
    return add_model(verb, model)
        ->required(false)
        ->description("Estimator: " + estimator_names() + "; the one that " + weights + " holds, if not given");
}

void add_flip(CLI::App& verb, const std::shared_ptr<bool>& flip, const std::shared_ptr<bool>& given) {
    const auto set = [flip, given](bool value) {
        return [=] {
            *flip = value;
            if (given) *given = true;
        };
    };
    CLI::Option* yes = verb.add_flag_callback("--flip", set(true), "Average with the estimate of the mirrored image");
    verb.add_flag_callback("--no-flip", set(false), "Do not average with the mirrored image's estimate")->excludes(yes);
}

CLI::Option* add_subjects(CLI::App& verb, std::string& subjects) {
    return verb.add_option("--subjects", subjects, "Subjects, separated by commas")
        ->check(name_list())
        ->capture_default_str()
        ->type_name("LIST");
}

CLI::Validator at_least(double least) {
    return number_check([=](double v) { return v >= least; }, fmt::format("is less than {}", least),
                        fmt::format(">= {}", least));
}

CLI::Validator above(double low) {
    return number_check([=](double v) { return v > low; }, fmt::format("is not above {}", low),
                        fmt::format("> {}", low));
}

CLI::Validator from_below(double low, double high) {
    return number_check([=](double v) { return v >= low && v < high; }, fmt::format("is not in [{}, {})", low, high),
                        fmt::format("in [{}, {})", low, high));
}

CLI::Validator dropout_rate() {
    return number_check([](double v) { return v == -1 || (v >= 0 && v < 1); }, "is neither in [0, 1) nor -1",
                        "in [0, 1), or -1");
}

CLI::Validator name_list() {
    return CLI::Validator(
        [](std::string& text) {
            try {
                split_list(text);
            } catch (const Error& error) {
                return std::string(error.what());
            }
            return std::string();
        },
        "");
}

std::vector<std::string> split_list(const std::string& text) {
    std::vector<std::string> names;
    std::size_t start = 0;
    while (true) {
        const std::size_t comma = text.find(',', start);
        names.push_back(text.substr(start, comma - start));
        if (names.back().empty())
            throw Error("'" + text + "' has an empty name; write names separated by commas, such as S1,S5");
        if (comma == std::string::npos) return names;
        start = comma + 1;
    }
}

void note(const std::string& text) { std::fprintf(stderr, "poseaug: %s\n", text.c_str()); }

} // namespace poseaug::app
