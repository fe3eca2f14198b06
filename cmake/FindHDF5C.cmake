# HDF5's C interface as it is used here: its headers at build time, and HDF5C_RUNTIME, the name by which the shared
# library is opened at run time (see engine/shared_library.hpp). (CMake's own module asks for a C compiler.)

find_path(HDF5C_INCLUDE_DIR hdf5.h PATH_SUFFIXES hdf5/serial)
find_library(HDF5C_LIBRARY NAMES hdf5_serial hdf5)
include(RuntimeLibrary)
poseaug_runtime_name("${HDF5C_LIBRARY}" HDF5C_RUNTIME)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(HDF5C REQUIRED_VARS HDF5C_RUNTIME HDF5C_INCLUDE_DIR)
mark_as_advanced(HDF5C_LIBRARY HDF5C_INCLUDE_DIR)
