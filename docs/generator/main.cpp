#include "docs/generator/pages.hpp"
#include "kernels/error.hpp"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <sstream>

// poseaug_kernel_pages FOLDER: writes the pages of docs/kernels into FOLDER, with the figures of FOLDER/figures.json if
// there is one, and removes the pages of kernels that are no more.

namespace poseaug::pages {
namespace {

namespace fs = std::filesystem;

std::optional<bench::BenchResults> figures_in(const fs::path& folder) {
    const fs::path file = folder / "figures.json";
    if (!fs::exists(file)) return std::nullopt;
    return bench::read_results(file);
}

bool is_generated(const fs::path& file) {
    std::ifstream in(file);
    std::string first_line;
    return std::getline(in, first_line) && first_line == kMark;
}

void write_pages(const fs::path& folder) {
    const auto pages = kernel_pages(figures_in(folder));
    fs::create_directories(folder);
    for (const auto& [name, text] : pages)
        if (!(std::ofstream(folder / name) << text << std::flush))
            throw Error((folder / name).string() + " cannot be written");
    std::vector<fs::path> old;
    for (const auto& entry : fs::directory_iterator(folder))
        if (!pages.contains(entry.path().filename().string()) && is_generated(entry.path())) old.push_back(entry);
    for (const fs::path& page : old) fs::remove(page);
}

} // namespace
} // namespace poseaug::pages

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: poseaug_kernel_pages FOLDER\n", stderr);
        return 2;
    }
    try {
        poseaug::pages::write_pages(argv[1]);
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "error: %s\n", failure.what());
        return 1;
    }
    return 0;
}
