#include "engine/shared_library.hpp"

#include "kernels/error.hpp"

#include <dlfcn.h>

namespace poseaug {

SharedLibrary::SharedLibrary(const std::string& file, const std::string& purpose, const std::string& remedy)
    : file_(file), handle_(::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (!handle_)
        throw Error("The library " + file + ", which " + purpose + ", cannot be opened (" + ::dlerror() + "). " +
                    remedy);
}

void* SharedLibrary::address(const char* name) const {
    void* found = ::dlsym(handle_, name);
    if (!found) throw Error("The library " + file_ + " has no " + name + "; it is another version.");
    return found;
}

} // namespace poseaug
