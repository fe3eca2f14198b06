# matio, which reads MATLAB files, as it is used here: its headers at build time, and Matio_RUNTIME, the name by which
# the shared library is opened at run time (see engine/shared_library.hpp).

find_path(Matio_INCLUDE_DIR matio.h)
find_library(Matio_LIBRARY matio)
include(RuntimeLibrary)
poseaug_runtime_name("${Matio_LIBRARY}" Matio_RUNTIME)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Matio REQUIRED_VARS Matio_RUNTIME Matio_INCLUDE_DIR)
mark_as_advanced(Matio_LIBRARY Matio_INCLUDE_DIR)
