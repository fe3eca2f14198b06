#include "docs/generator/pages.hpp"

#include <cstdio>
#include <fstream>
#include <sstream>

// poseaug_kernel_pages FOLDER: writes the pages of docs/kernels into FOLDER, with the figures of FOLDER/figures.json if
// there is one, and removes pages of kernels that are no more.

namespace poseaug::pages {
namespace {

std::string text_of(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

void write_pages(const std::filesystem::path& folder) {
    const auto pages = kernel_pages(read_figures(folder / "figures.json"));
    std::filesystem::create_directories(folder);
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (!pages.contains(entry.path().filename()) && text_of(entry.path()).starts_with(kMark))
            std::filesystem::remove(entry.path());
    for (const auto& [name, text] : pages)
        if (!(std::ofstream(folder / name) << text << std::flush))
            throw Error((folder / name).string() + " cannot be written");
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
