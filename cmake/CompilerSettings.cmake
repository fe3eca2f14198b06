# Language, optimisation and warnings, for every target of this project.

if(PROJECT_IS_TOP_LEVEL)
    if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
        set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo or MinSizeRel" FORCE)
    endif()
    set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
    set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
    find_program(CCACHE_PROGRAM ccache)
    if(CCACHE_PROGRAM)
        foreach(language CXX CUDA)
            if(NOT DEFINED CMAKE_${language}_COMPILER_LAUNCHER)
                set(CMAKE_${language}_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
            endif()
        endforeach()
    endif()
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")

# Contraction into fused multiply-adds, but nothing that lets the compiler assume finite numbers or reorder sums.
set(POSEAUG_CXX_OPTIONS -fno-math-errno -ffp-contract=fast -Wall -Wextra -Wpedantic -Wnon-virtual-dtor
                        -Wunused -Woverloaded-virtual -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # False alarms from inside <experimental/simd> and std::string (gcc 12), and a note about an ABI change of gcc 4.6.
    list(APPEND POSEAUG_CXX_OPTIONS -Wno-uninitialized -Wno-maybe-uninitialized -Wno-psabi -Wno-restrict)
endif()

# Kernels are small functions of SIMD packs, which gcc otherwise calls one by one, all packs going through memory:
# inlined, a projection takes a third of the time.
set(POSEAUG_KERNEL_OPTIONS "")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set(POSEAUG_KERNEL_OPTIONS --param=max-inline-insns-auto=300)
endif()
if(POSEAUG_WERROR)
    list(APPEND POSEAUG_CXX_OPTIONS -Werror)
endif()

set(POSEAUG_SANITIZER_OPTIONS "")
if(POSEAUG_SANITIZE)
    set(POSEAUG_SANITIZER_OPTIONS -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
endif()

set(POSEAUG_ARCH_OPTION "")
if(POSEAUG_CPU_ARCH AND NOT POSEAUG_CPU_ARCH STREQUAL "dispatch")
    include(CheckCXXCompilerFlag)
    string(MAKE_C_IDENTIFIER "POSEAUG_MARCH_${POSEAUG_CPU_ARCH}_WORKS" march_works)
    check_cxx_compiler_flag("-march=${POSEAUG_CPU_ARCH}" ${march_works})
    if(${march_works})
        set(POSEAUG_ARCH_OPTION "-march=${POSEAUG_CPU_ARCH}")
    else()
        message(WARNING "The compiler does not know -march=${POSEAUG_CPU_ARCH}; building for its default processor "
                        "(set POSEAUG_CPU_ARCH to choose another).")
    endif()
endif()
