#include "data/import/shared_library.hpp"

#include "kernels/error.hpp"

#include <fmt/format.h>

#include <dlfcn.h>

namespace poseaug {

SharedLibrary::SharedLibrary(const std::string& file, const std::string& debian_package)
    : file_(file), handle_(::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (!handle_)
        throw Error(fmt::format("The library {}, which reads these files, cannot be opened ({}). On Debian or Ubuntu: "
                                "apt install {}",
                                file, ::dlerror(), debian_package));
}

void* SharedLibrary::address(const char* name) const {
    void* found = ::dlsym(handle_, name);
    if (!found) throw Error(fmt::format("The library {} has no {}; it is another version.", file_, name));
    return found;
}

} // namespace poseaug
