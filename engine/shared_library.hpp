#pragma once
#include <string>

namespace poseaug {

/// A shared library opened when it is first needed, since what it costs would otherwise be a part of every start: HDF5
/// with the forty libraries it brings would nearly double it, cuBLAS make it nine times as long. Never closed: such
/// libraries leave handlers for the program's end.
class SharedLibrary {
public:
    /// `file` by the name that the loader knows, such as "libmatio.so.11". Throws Error, naming it with `purpose` and
    /// `remedy`, if it cannot be opened.
    SharedLibrary(const std::string& file, const std::string& purpose, const std::string& remedy);
    /// The function or variable `name`, of type T. Throws Error if there is none.
    template <class T> T* symbol(const char* name) const { return reinterpret_cast<T*>(address(name)); }

private:
    void* address(const char* name) const;

    std::string file_;
    void* handle_;
};

} // namespace poseaug
