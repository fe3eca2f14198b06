#include "data/import/read_matlab.hpp"
#include "data/npy.hpp"
#include "data/regular_file.hpp"
#include "engine/shared_library.hpp"
#include "kernels/error.hpp"

#include <fmt/format.h>
#include <matio.h>

#include <memory>

namespace poseaug {
namespace {

/// What is used of the library, opened once. (It prints nothing unless asked to.)
struct Library {
    SharedLibrary file{POSEAUG_MATIO_RUNTIME, "reads these files", "On Debian or Ubuntu: apt install libmatio-dev"};
    decltype(Mat_Open)* open = file.symbol<decltype(Mat_Open)>("Mat_Open");
    decltype(Mat_Close)* close = file.symbol<decltype(Mat_Close)>("Mat_Close");
    decltype(Mat_VarRead)* read = file.symbol<decltype(Mat_VarRead)>("Mat_VarRead");
    decltype(Mat_VarFree)* free = file.symbol<decltype(Mat_VarFree)>("Mat_VarFree");
    decltype(Mat_VarGetCell)* cell = file.symbol<decltype(Mat_VarGetCell)>("Mat_VarGetCell");
};

const Library& library() {
    static const Library opened;
    return opened;
}

using File = std::unique_ptr<mat_t, decltype([](mat_t* file) { library().close(file); })>;
using Variable = std::unique_ptr<matvar_t, decltype([](matvar_t* variable) { library().free(variable); })>;

std::int64_t size_of(const matvar_t& variable, const std::string& where) {
    std::int64_t size = 1;
    for (int i = 0; i < variable.rank; ++i)
        if (__builtin_mul_overflow(size, variable.dims[i], &size)) throw Error(where + " is larger than any memory");
    return variable.rank > 0 && variable.dims ? size : 0;
}

/// The matrix itself, or the one that a cell array of one holds.
const matvar_t* matrix_of(matvar_t* variable, const std::string& where) {
    if (variable->class_type != MAT_C_CELL) return variable;
    if (!variable->data || size_of(*variable, where) != 1) throw Error(where + " is not a cell array of one cell");
    return library().cell(variable, 0);
}

} // namespace

Array read_matlab(const std::filesystem::path& path, const std::string& name) {
    open_regular_file(path);
    const File file(library().open(path.c_str(), MAT_ACC_RDONLY));
    if (!file) throw Error(path.string() + ": is not a MATLAB file, or is damaged");
    const Variable variable(library().read(file.get(), name.c_str()));
    if (!variable)
        throw Error(fmt::format("{}: has no variable '{}', or is damaged or cut short", path.string(), name));
    const std::string where = fmt::format("{}: '{}'", path.string(), name);
    const matvar_t* matrix = matrix_of(variable.get(), where);
    const bool is_double = matrix && matrix->class_type == MAT_C_DOUBLE && matrix->data_type == MAT_T_DOUBLE;
    const bool is_single = matrix && matrix->class_type == MAT_C_SINGLE && matrix->data_type == MAT_T_SINGLE;
    if ((!is_double && !is_single) || matrix->isComplex)
        throw Error(where + " is not a real matrix of floating-point numbers");
    const std::size_t width = is_double ? 8 : 4, bytes = static_cast<std::size_t>(size_of(*matrix, where)) * width;
    if (!matrix->data || matrix->nbytes != bytes) throw Error(where + " is damaged or cut short");
    const auto* begin = static_cast<const std::byte*>(matrix->data);
    const Array stored = decode_array(FileType{'f', false, width},
                                      StoredLayout::fortran_order({matrix->dims, matrix->dims + matrix->rank}),
                                      {begin, begin + bytes}, where);
    return Array::of(stored.shape, stored.doubles());
}

} // namespace poseaug
