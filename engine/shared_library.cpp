#include "engine/shared_library.hpp"

#include "kernels/error.hpp"

#include <fmt/format.h>

#include <dlfcn.h>

namespace poseaug {

SharedLibrary::SharedLibrary(const std::string& file, const std::string& purpose, const std::string& remedy)
    : file_(file), handle_(::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (!handle_)
        throw Error(
            fmt::format("The library {}, which {}, cannot be opened ({}). {}", file, purpose, ::dlerror(), remedy));
}

void* SharedLibrary::address(const char* name) const {
    void* found = ::dlsym(handle_, name);
    if (!found) throw Error(fmt::format("The library {} has no {}; it is another version.", file_, name));
    return found;
}

} // namespace poseaug
