# Parts of the program that a build may leave out, because a library they need is not on every machine. A feature's
# sources tell by their names that they belong to it (see Layers.cmake).

set(POSEAUG_FEATURES cuda) # with POSEAUG_WITH_<FEATURE> for each; CUDA is found by Cuda.cmake
set(POSEAUG_FEATURE_DEPENDENCIES "") # what the installed package has to find again

# poseaug_feature(NAME PURPOSE text PACKAGE arguments of find_package... DEBIAN packages... [NEEDS feature] [SHARED]
#                 [RUNTIME]):
# declares the option POSEAUG_<NAME> (AUTO: where the package is found; ON; OFF) and decides POSEAUG_WITH_<NAME>.
# NEEDS: only with that other feature. SHARED: Debian has no static library of it, so AUTO is OFF in a build with
# POSEAUG_STATIC_DEPENDENCIES. RUNTIME: who links this project does not need it, since the running program opens it or only
# the programs use it.
macro(poseaug_feature feature)
    cmake_parse_arguments(feature "SHARED;RUNTIME" "PURPOSE;NEEDS" "PACKAGE;DEBIAN" ${ARGN})
    string(TOUPPER "${feature}" feature_option)
    set(POSEAUG_${feature_option} AUTO CACHE STRING "${feature_PURPOSE}: AUTO (where its library is found), ON or OFF")
    set_property(CACHE POSEAUG_${feature_option} PROPERTY STRINGS AUTO ON OFF)
    list(APPEND POSEAUG_FEATURES ${feature})
    poseaug_find_feature(problem)
    if(problem AND POSEAUG_${feature_option} STREQUAL "ON")
        message(FATAL_ERROR "POSEAUG_${feature_option}=ON, but ${problem}. Or configure with "
                            "POSEAUG_${feature_option}=OFF.")
    elseif(problem)
        set(POSEAUG_WITH_${feature_option} OFF)
        message(STATUS "${feature_PURPOSE}: off (${problem})")
    else()
        set(POSEAUG_WITH_${feature_option} ON)
        list(JOIN feature_PACKAGE " " feature_arguments)
        if(NOT feature_RUNTIME)
            string(APPEND POSEAUG_FEATURE_DEPENDENCIES "find_dependency(${feature_arguments})\n")
        endif()
        message(STATUS "${feature_PURPOSE}: on")
    endif()
endmacro()

# Of the macro above: sets `problem` to why the feature cannot be built, or to nothing after finding its package.
macro(poseaug_find_feature problem)
    list(GET feature_PACKAGE 0 feature_package)
    string(TOUPPER "${feature_NEEDS}" feature_needed)
    set(${problem} "")
    if(NOT POSEAUG_${feature_option} MATCHES "^(AUTO|ON|OFF)$")
        message(FATAL_ERROR "POSEAUG_${feature_option} is '${POSEAUG_${feature_option}}'; it must be AUTO, ON or OFF.")
    elseif(POSEAUG_${feature_option} STREQUAL "OFF")
        set(${problem} "POSEAUG_${feature_option}=OFF")
    elseif(feature_NEEDS AND NOT POSEAUG_WITH_${feature_needed})
        set(${problem} "the build is without ${feature_NEEDS}")
    elseif(feature_SHARED AND POSEAUG_STATIC_DEPENDENCIES AND POSEAUG_${feature_option} STREQUAL "AUTO")
        set(${problem} "its library is a shared one, and POSEAUG_STATIC_DEPENDENCIES is ON")
    else()
        find_package(${feature_PACKAGE} QUIET)
        if(NOT ${feature_package}_FOUND)
            list(JOIN feature_DEBIAN " " feature_apt)
            set(${problem} "${feature_package} was not found; on Debian or Ubuntu: apt install ${feature_apt}")
        endif()
    endif()
endmacro()

poseaug_feature(cudnn PURPOSE "cuDNN" PACKAGE CUDNN DEBIAN libcudnn9-dev-cuda-12 NEEDS cuda SHARED)
poseaug_feature(benchmark PURPOSE "the benchmark suite" PACKAGE benchmark DEBIAN libbenchmark-dev SHARED
                RUNTIME)
poseaug_feature(onnx PURPOSE "ONNX export" PACKAGE ONNX DEBIAN libonnx-dev libprotobuf-dev SHARED)
poseaug_feature(hdf5 PURPOSE "import of HDF5 files" PACKAGE HDF5C DEBIAN libhdf5-dev RUNTIME)
poseaug_feature(matio PURPOSE "import of MATLAB files" PACKAGE Matio DEBIAN libmatio-dev RUNTIME)
