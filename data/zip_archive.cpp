#include "data/zip_archive.hpp"

#include <mutex>

namespace poseaug {

ZipArchive open_zip(const std::filesystem::path& path, int flags, int& code) {
    static std::mutex one_at_a_time;
    const std::lock_guard lock(one_at_a_time);
    return ZipArchive(zip_open(path.c_str(), flags, &code));
}

std::string describe_zip_error(int code) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    std::string text = zip_error_strerror(&error);
    zip_error_fini(&error);
    return text;
}

bool fix_time(zip_t* archive, zip_uint64_t index) {
    constexpr zip_uint16_t midnight = 0, first_of_january_1980 = 1 << 5 | 1;
    return zip_file_set_dostime(archive, index, midnight, first_of_january_1980, 0) != 0;
}

} // namespace poseaug
