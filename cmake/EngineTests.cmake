# poseaug_tests of a build with POSEAUG_ENGINE_ONLY: the tests of kernels and engine that need no layer above, but for
# those that compare the CPU with the GPU's code.

if(POSEAUG_BUILD_TESTS)
    file(GLOB_RECURSE engine_tests CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/kernels/*.cpp"
         "${PROJECT_SOURCE_DIR}/tests/engine/*.cpp")
    list(FILTER engine_tests EXCLUDE REGEX "/tests/kernels/cuda/")
    set(chosen_tests tests/main.cpp)
    foreach(test IN LISTS engine_tests)
        file(STRINGS "${test}" above REGEX "^#include [\"<](app|bench|data|models|training|Eigen)/")
        if(NOT above)
            file(RELATIVE_PATH test "${PROJECT_SOURCE_DIR}" "${test}")
            list(APPEND chosen_tests "${test}")
        endif()
    endforeach()
    poseaug_executable(poseaug_tests SOURCES ${chosen_tests} LINKS poseaug_engine doctest::doctest)
    enable_testing()
    include(doctest)
    doctest_discover_tests(poseaug_tests)
endif()
