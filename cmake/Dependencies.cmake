# Third-party libraries, all from the system: nothing is downloaded.

# find_package that names the Debian package of what is missing.
macro(poseaug_require package debian_package)
    find_package(${package} ${ARGN} QUIET)
    if(NOT ${package}_FOUND)
        message(FATAL_ERROR "${package} was not found. On Debian or Ubuntu: apt install ${debian_package} "
                            "(scripts/install_dependencies.sh installs all that the build needs).")
    endif()
endmacro()

if(POSEAUG_STATIC_DEPENDENCIES)
    set(ZLIB_USE_STATIC_LIBS ON)
endif()
set(THREADS_PREFER_PTHREAD_FLAG ON)
poseaug_require(Threads libc6-dev)
poseaug_require(CBLAS libopenblas-dev)
if(NOT POSEAUG_ENGINE_ONLY)
    poseaug_require(LibZip libzip-dev)
    poseaug_require(ZLIB zlib1g-dev)
    poseaug_require(fmt libfmt-dev)
    poseaug_require(nlohmann_json nlohmann-json3-dev)
    poseaug_require(Eigen3 libeigen3-dev)
    poseaug_require(CLI11 libcli11-dev)
endif()
if(POSEAUG_BUILD_TESTS)
    poseaug_require(doctest doctest-dev)
endif()

# Debian ships fmt as a shared library only, so a static build takes its headers.
set(poseaug_fmt fmt::fmt)
if(POSEAUG_STATIC_DEPENDENCIES)
    set(poseaug_fmt fmt::fmt-header-only)
endif()
