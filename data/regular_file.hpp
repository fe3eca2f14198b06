#pragma once
#include "data/npy.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace poseaug {

/// Throws Error if there is no such file, or if it is not a regular one.
std::ifstream open_regular_file(const std::filesystem::path& path);

/// Reads on in an open file, which must outlive it; throws Error naming `path` if the reading fails.
ByteReader reader_of(std::ifstream& file, const std::filesystem::path& path);

/// The first bytes of a file, `count` of them or as many as there are.
std::string start_of(const std::filesystem::path& path, std::size_t count);

/// All of a file. Throws Error for more than `largest` bytes.
std::vector<std::byte> read_whole(const std::filesystem::path& path, std::uint64_t largest);

} // namespace poseaug
