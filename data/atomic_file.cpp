#include "data/atomic_file.hpp"

#include "data/output_path.hpp"
#include "kernels/error.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <utility>

namespace poseaug {

namespace {

[[noreturn]] void fail(const std::filesystem::path& target, int code) {
    throw Error(target.string() + ": cannot be written: " + std::strerror(code));
}

std::filesystem::path folder_of(const std::filesystem::path& target) {
    return target.has_parent_path() ? target.parent_path() : std::filesystem::path(".");
}

/// Makes a rename last through a power failure, where the file system can.
void sync_folder(const std::filesystem::path& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return;
    ::fsync(descriptor);
    ::close(descriptor);
}

} // namespace

void require_writable_target(const std::filesystem::path& target) {
    std::error_code error;
    const std::filesystem::path folder = folder_of(target);
    if (!target.has_filename()) throw Error("'" + target.string() + "' names no file to write");
    if (!std::filesystem::is_directory(folder, error))
        throw Error(target.string() + ": cannot be written: there is no folder " + folder.string());
    const auto status = std::filesystem::status(target, error);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
        throw Error(target.string() + ": cannot be written: it is there already and is not a regular file");
}

AtomicFile::AtomicFile(std::filesystem::path target) : target_(std::move(target)) {
    require_writable_target(target_);
    temporary_ = target_;
    temporary_ += ".partial" + std::to_string(::getpid());
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail(target_, errno);
}

AtomicFile::~AtomicFile() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    ::unlink(temporary_.c_str());
}

void AtomicFile::write(const void* bytes, std::size_t count) {
    if (descriptor_ < 0) throw Error(target_.string() + ": was written and closed already");
    const char* next = static_cast<const char*>(bytes);
    while (count > 0) {
        const ssize_t written = ::write(descriptor_, next, count);
        if (written < 0) {
            if (errno == EINTR) continue;
            fail(target_, errno);
        }
        next += written;
        count -= static_cast<std::size_t>(written);
    }
}

void AtomicFile::commit() {
    if (descriptor_ < 0) throw Error(target_.string() + ": was written and closed already");
    if (::fsync(descriptor_) != 0 && errno != EINVAL) fail(target_, errno);
    if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(target_, errno);
    const int descriptor = std::exchange(descriptor_, -1);
    if (::close(descriptor) != 0) fail(target_, errno);
    sync_folder(folder_of(target_));
}

} // namespace poseaug
