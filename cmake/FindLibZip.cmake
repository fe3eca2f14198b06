# LibZip::LibZip. (The package file that Debian ships with libzip also asks for tools that its package does not hold.)

find_path(LibZip_INCLUDE_DIR zip.h)
set(libzip_suffixes "${CMAKE_FIND_LIBRARY_SUFFIXES}")
if(POSEAUG_STATIC_DEPENDENCIES)
    list(PREPEND CMAKE_FIND_LIBRARY_SUFFIXES .a)
endif()
find_library(LibZip_LIBRARY zip)
set(CMAKE_FIND_LIBRARY_SUFFIXES "${libzip_suffixes}")

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibZip REQUIRED_VARS LibZip_LIBRARY LibZip_INCLUDE_DIR)
mark_as_advanced(LibZip_LIBRARY LibZip_INCLUDE_DIR)

if(LibZip_FOUND AND NOT TARGET LibZip::LibZip)
    add_library(LibZip::LibZip UNKNOWN IMPORTED)
    set_target_properties(LibZip::LibZip PROPERTIES IMPORTED_LOCATION "${LibZip_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES
                                                                                         "${LibZip_INCLUDE_DIR}")
endif()
