#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <zip.h>

namespace poseaug {

struct CloseZip {
    void operator()(zip_t* archive) const { zip_discard(archive); }
    void operator()(zip_file_t* file) const { zip_fclose(file); }
};

/// An open zip archive, and an open member of one. An archive that was not closed by zip_close is discarded.
using ZipArchive = std::unique_ptr<zip_t, CloseZip>;
using ZipEntry = std::unique_ptr<zip_file_t, CloseZip>;

/// Opens an archive as zip_open does, for any number of threads: libzip 1.7 works out on its first use what an archive
/// has to support, unguarded, and a second thread that comes meanwhile is told that it cannot write. Null on failure,
/// with `code` then saying why.
ZipArchive open_zip(const std::filesystem::path& path, int flags, int& code);

/// What an error code of open_zip means.
std::string describe_zip_error(int code);

/// Sets a member's time to a fixed one, so that the same content makes the same bytes. Returns whether that failed.
bool fix_time(zip_t* archive, zip_uint64_t index);

} // namespace poseaug
