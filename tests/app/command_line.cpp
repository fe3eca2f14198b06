#include "tests/app/command_line.hpp"

#include "data/npz.hpp"
#include "models/augmentor.hpp"
#include "models/estimators.hpp"
#include "training/weights.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <zip.h>

#include <cmath>
#include <cstdlib>

namespace poseaug::testing {

namespace {

std::string quoted(const std::string& word) {
    std::string text = "'";
    for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    text += "'";
    return text;
}

/// The program beside the tests, wherever their folder was carried.
std::string program() { return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "poseaug"; }

Layout layout_of(const std::string& network, int width) {
    return network == "augmentor" ? augmentor_layout(width) : find_estimator(network).layout(width);
}

} // namespace

Outcome run_poseaug(const std::vector<std::string>& words, const std::string& before) {
    const TemporaryFolder folder;
    const std::string output = folder / "output", errors = folder / "errors";
    std::string line = before;
    line += ' ';
    line += quoted(program());
    for (const std::string& word : words) line.append(1, ' ').append(quoted(word));
    line.append(" </dev/null >").append(quoted(output)).append(" 2>").append(quoted(errors));
    const int status = std::system(line.c_str());
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return {code, read_file(output), read_file(errors)};
}

std::string Samples::data(int poses) {
    const std::string folder = path("data");
    if (!std::filesystem::exists(folder)) {
        const Outcome made = run_poseaug({"synth", "--out", folder, "--poses", std::to_string(poses)});
        INFO(made.errors);
        REQUIRE(made.status == 0);
    }
    return folder;
}

std::string Samples::weights(const std::string& network, int width) {
    const std::string file = path(network + std::to_string(width) + ".safetensors");
    const auto device = open_device({.kind = "cpu", .threads = 1});
    Network<float> values(*device, layout_of(network, width));
    values.initialise(7);
    save_weights(file, values, network);
    return file;
}

std::string Samples::arrays(const std::string& name, const std::vector<std::pair<std::string, Array>>& members) {
    NpzWriter writer(path(name));
    for (const auto& [member, array] : members) writer.add(member, array);
    writer.commit();
    return path(name);
}

void write_member(const std::filesystem::path& file, const std::string& name, const std::string& bytes) {
    zip_t* archive = zip_open(file.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
    REQUIRE(archive != nullptr);
    zip_file_add(archive, (name + ".npy").c_str(), zip_source_buffer(archive, bytes.data(), bytes.size(), 0), 0);
    REQUIRE(zip_close(archive) == 0);
}

std::string npy_header(const std::string& type, const std::string& shape) {
    const std::string header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
    return "\x93NUMPY\1" + std::string(1, '\0') + static_cast<char>(header.size()) + '\0' + header;
}

Array standing_poses(int n) {
    // right, down, forward of the hip
    constexpr float body[16][3] = {{0, 0, 0},          {0.13F, 0, 0},      {0.15F, 0.45F, 0},   {0.15F, 0.9F, 0.05F},
                                   {-0.13F, 0, 0},     {-0.15F, 0.45F, 0}, {-0.15F, 0.9F, 0},   {0, -0.25F, 0.02F},
                                   {0, -0.5F, 0},      {0, -0.75F, 0},     {-0.17F, -0.45F, 0}, {-0.3F, -0.2F, 0},
                                   {-0.35F, 0, -0.1F}, {0.17F, -0.45F, 0}, {0.3F, -0.2F, 0.1F}, {0.35F, 0, 0.2F}};
    std::vector<float> values;
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < 16; ++j)
            for (int k = 0; k < 3; ++k)
                values.push_back((1 + 0.01F * static_cast<float>(i % 20)) * body[j][k] +
                                 (k == 2 ? 4 + 0.1F * static_cast<float>(i % 7) : 0));
    return Array::of({n, 16, 3}, values);
}

Array image_points(int n, int joints) {
    std::vector<float> values;
    for (int i = 0; i < n * joints * 2; ++i) values.push_back(0.4F * std::sin(0.37F * static_cast<float>(i)));
    return Array::of({n, joints, 2}, values);
}

nlohmann::json read_json(const std::string& file) {
    auto json = nlohmann::json::parse(read_file(file), nullptr, false);
    REQUIRE_FALSE(json.is_discarded());
    return json;
}

std::vector<float> values_of(const std::string& file, const std::string& member) {
    return read_npz_member(file, member).array.floats();
}

} // namespace poseaug::testing
