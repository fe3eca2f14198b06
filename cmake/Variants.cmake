# One program for processors of several generations: with POSEAUG_CPU_ARCH=dispatch everything is compiled for the oldest
# processor of the architecture, and the CPU's kernels once more for each variant. The program takes the best variant
# that the processor has (kernels/instructions.hpp). Sets POSEAUG_WITH_VARIANTS, a feature of the sources' names.
#
# A variant must not lend its code to the rest: the linker keeps one copy of an inline function or a template that
# several objects define, and it might be one that an older processor cannot run. So a variant's objects are joined
# into one, in which all symbols but its table of entry points are local (join_variant.sh).

set(POSEAUG_VARIANTS avx2:x86-64-v3 avx512:x86-64-v4)
list(APPEND POSEAUG_FEATURES variants)
set(POSEAUG_WITH_VARIANTS OFF)

# Sets `problem` to why variants cannot be built, or to nothing.
function(poseaug_why_no_variants problem)
    set(${problem} "" PARENT_SCOPE)
    find_program(BASH_PROGRAM bash)
    execute_process(COMMAND "${CMAKE_LINKER}" --help OUTPUT_VARIABLE linker ERROR_QUIET)
    check_cxx_compiler_flag("-march=x86-64-v4" POSEAUG_MARCH_x86_64_v4_WORKS)
    if(NOT POSEAUG_CPU_ARCH STREQUAL "dispatch")
        set(${problem} "POSEAUG_CPU_ARCH=${POSEAUG_CPU_ARCH}" PARENT_SCOPE)
    elseif(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
        set(${problem} "there are none for ${CMAKE_SYSTEM_PROCESSOR}" PARENT_SCOPE)
    elseif(POSEAUG_SANITIZE)
        set(${problem} "sanitizers need one target" PARENT_SCOPE)
    elseif(NOT POSEAUG_MARCH_x86_64_v4_WORKS)
        set(${problem} "the compiler does not know -march=x86-64-v4" PARENT_SCOPE)
    elseif(NOT BASH_PROGRAM OR NOT CMAKE_OBJCOPY OR NOT linker MATCHES "--force-group-allocation")
        set(${problem} "bash, objcopy or GNU ld is missing" PARENT_SCOPE)
    endif()
endfunction()

# Adds the objects of all variants to `target`: the given sources, compiled for each.
function(poseaug_add_variants target)
    if(NOT POSEAUG_WITH_VARIANTS)
        return()
    endif()
    check_cxx_compiler_flag(-fno-gnu-unique POSEAUG_NO_GNU_UNIQUE_WORKS) # unique symbols cannot become local
    foreach(variant IN LISTS POSEAUG_VARIANTS)
        string(REPLACE ":" ";" variant "${variant}")
        list(GET variant 0 name)
        list(GET variant 1 arch)
        set(objects ${target}_${name})
        add_library(${objects} OBJECT ${ARGN})
        poseaug_compile_options(${objects})
        target_include_directories(${objects} PRIVATE "${PROJECT_SOURCE_DIR}")
        target_compile_options(${objects} PRIVATE ${POSEAUG_KERNEL_OPTIONS} -march=${arch}
                                                  $<$<BOOL:${POSEAUG_NO_GNU_UNIQUE_WORKS}>:-fno-gnu-unique>)
        set(joined "${PROJECT_BINARY_DIR}/variants/${name}${CMAKE_CXX_OUTPUT_EXTENSION}")
        set(script "${PROJECT_SOURCE_DIR}/cmake/join_variant.sh")
        add_custom_command(OUTPUT "${joined}"
                           COMMAND "${BASH_PROGRAM}" "${script}" "${CMAKE_LINKER}" "${CMAKE_OBJCOPY}" ${name} "${joined}"
                                   "$<TARGET_OBJECTS:${objects}>"
                           DEPENDS "${script}" "$<TARGET_OBJECTS:${objects}>"
                           COMMENT "Joining the kernels for ${arch}" COMMAND_EXPAND_LISTS VERBATIM)
        set_source_files_properties("${joined}" PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
        target_sources(${target} PRIVATE "${joined}")
    endforeach()
endfunction()

include(CheckCXXCompilerFlag)
poseaug_why_no_variants(variants_problem)
if(variants_problem)
    message(STATUS "Kernels for several processors: off (${variants_problem})")
else()
    set(POSEAUG_WITH_VARIANTS ON)
    list(JOIN POSEAUG_VARIANTS ", " variants_text)
    message(STATUS "Kernels for several processors: on (${variants_text})")
endif()
