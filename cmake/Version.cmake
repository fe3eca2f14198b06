# The header poseaug_version.hpp. The target poseaug_version runs this file again as a script at every build; the header
# is written only when it would change, so a new commit recompiles only what includes it.

if(CMAKE_SCRIPT_MODE_FILE)
    set(version "${VERSION}")
    find_package(Git QUIET)
    if(GIT_FOUND AND EXISTS "${SOURCE_DIR}/.git")
        execute_process(COMMAND "${GIT_EXECUTABLE}" -C "${SOURCE_DIR}" describe --tags --always --dirty
                        RESULT_VARIABLE failed OUTPUT_VARIABLE commit ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
        if(NOT failed)
            string(APPEND version "+${commit}")
        endif()
    endif()
    configure_file("${CMAKE_CURRENT_LIST_DIR}/poseaug_version.hpp.in" "${OUTPUT}" @ONLY)
    return()
endif()

set(version_cuda no)
if(POSEAUG_WITH_CUDA)
    set(version_cuda yes)
endif()
set(version_command
    "${CMAKE_COMMAND}" "-DVERSION=${PROJECT_VERSION}" "-DSOURCE_DIR=${PROJECT_SOURCE_DIR}"
    "-DCOMPILER=${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}" "-DCUDA=${version_cuda}"
    "-DOUTPUT=${PROJECT_BINARY_DIR}/generated/poseaug_version.hpp" -P "${CMAKE_CURRENT_LIST_FILE}")
execute_process(COMMAND ${version_command})
add_custom_target(poseaug_version ALL COMMAND ${version_command}
                  BYPRODUCTS "${PROJECT_BINARY_DIR}/generated/poseaug_version.hpp" VERBATIM)
