# CBLAS::CBLAS: OpenBLAS where it is installed, else any library with the CBLAS interface.
# With OpenBLAS the target defines POSEAUG_OPENBLAS, because its thread count is set by a call of its own.

set(cblas_suffixes "${CMAKE_FIND_LIBRARY_SUFFIXES}")
if(POSEAUG_STATIC_DEPENDENCIES)
    list(PREPEND CMAKE_FIND_LIBRARY_SUFFIXES .a)
endif()
find_library(CBLAS_LIBRARY NAMES openblas cblas blas)
set(CMAKE_FIND_LIBRARY_SUFFIXES "${cblas_suffixes}")

get_filename_component(cblas_name "${CBLAS_LIBRARY}" NAME)
set(cblas_folders openblas openblas-pthread openblas-openmp)
if(NOT cblas_name MATCHES openblas)
    set(cblas_folders "")
endif()
set(cblas_multiarch "")
if(CMAKE_LIBRARY_ARCHITECTURE)
    foreach(folder IN LISTS cblas_folders)
        list(APPEND cblas_multiarch "${CMAKE_LIBRARY_ARCHITECTURE}/${folder}")
    endforeach()
endif()
find_path(CBLAS_INCLUDE_DIR cblas.h PATH_SUFFIXES ${cblas_multiarch} ${cblas_folders})

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CBLAS REQUIRED_VARS CBLAS_LIBRARY CBLAS_INCLUDE_DIR)
mark_as_advanced(CBLAS_LIBRARY CBLAS_INCLUDE_DIR)

if(CBLAS_FOUND AND NOT TARGET CBLAS::CBLAS)
    add_library(CBLAS::CBLAS UNKNOWN IMPORTED)
    set_target_properties(CBLAS::CBLAS PROPERTIES IMPORTED_LOCATION "${CBLAS_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES
                                                                                      "${CBLAS_INCLUDE_DIR}")
    if(cblas_name MATCHES openblas)
        set_property(TARGET CBLAS::CBLAS PROPERTY INTERFACE_COMPILE_DEFINITIONS POSEAUG_OPENBLAS)
    endif()
    if(cblas_name MATCHES "[.]a$")
        find_package(Threads REQUIRED)
        set_property(TARGET CBLAS::CBLAS PROPERTY INTERFACE_LINK_LIBRARIES Threads::Threads m)
    endif()
endif()
