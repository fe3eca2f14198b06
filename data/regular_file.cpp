#include "data/regular_file.hpp"

#include "kernels/error.hpp"

namespace poseaug {

std::ifstream open_regular_file(const std::filesystem::path& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status)) throw Error(path.string() + ": there is no such file");
    if (!std::filesystem::is_regular_file(status)) throw Error(path.string() + ": is not a regular file");
    std::ifstream file(path, std::ios::binary);
    if (!file) throw Error(path.string() + ": cannot be opened for reading");
    return file;
}

ByteReader reader_of(std::ifstream& file, const std::filesystem::path& path) {
    return [&file, path](std::byte* target, std::size_t count) {
        file.read(reinterpret_cast<char*>(target), static_cast<std::streamsize>(count));
        if (file.bad()) throw Error(path.string() + ": cannot be read");
        return static_cast<std::size_t>(file.gcount());
    };
}

std::string start_of(const std::filesystem::path& path, std::size_t count) {
    std::string start(count, '\0');
    std::ifstream file = open_regular_file(path);
    file.read(start.data(), static_cast<std::streamsize>(count));
    start.resize(static_cast<std::size_t>(file.gcount()));
    return start;
}

std::vector<std::byte> read_whole(const std::filesystem::path& path, std::uint64_t largest) {
    std::ifstream file = open_regular_file(path);
    std::vector<std::byte> bytes = read_at_most(reader_of(file, path), largest + 1);
    if (bytes.size() > largest)
        throw Error(path.string() + ": is larger than " + std::to_string(largest >> 20U) +
                    " MiB, far more than such a file has");
    return bytes;
}

} // namespace poseaug
