#pragma once
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <zip.h>

namespace poseaug {

/// An open zip archive, and an open member of one. An archive that was not closed by zip_close is discarded.
using ZipArchive = std::unique_ptr<zip_t, decltype([](zip_t* archive) { zip_discard(archive); })>;
using ZipEntry = std::unique_ptr<zip_file_t, decltype([](zip_file_t* file) { zip_fclose(file); })>;

/// Opens an archive as zip_open does, for any number of threads: libzip 1.7 works out on its first use what an archive
/// has to support, unguarded, and a second thread that comes meanwhile is told that it cannot write. Null on failure,
/// with `code` then saying why.
ZipArchive open_zip(const std::filesystem::path& path, int flags, int& code);

/// What an error code of open_zip means.
std::string describe_zip_error(int code);

/// Throws Error if there is no such file, or if it is not a regular one.
std::ifstream open_regular_file(const std::filesystem::path& path);

/// Sets a member's time to a fixed one, so that the same content makes the same bytes. Returns whether that failed.
bool fix_time(zip_t* archive, zip_uint64_t index);

} // namespace poseaug
