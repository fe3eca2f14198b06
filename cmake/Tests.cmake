# poseaug_tests, one ctest test a doctest case; every tests/**/*_test.sh; the build's own checks.

poseaug_executable(poseaug_tests FOLDER tests LINKS poseaug_app doctest::doctest Eigen3::Eigen)
if(TARGET poseaug_tests)
    add_dependencies(poseaug_tests poseaug) # tests/app runs it as people do
    include(doctest)
    doctest_discover_tests(poseaug_tests)
endif()

# What writes docs/kernels.
poseaug_executable(poseaug_kernel_pages FOLDER docs/generator LINKS poseaug_benchmarks)

file(GLOB_RECURSE script_tests RELATIVE "${PROJECT_SOURCE_DIR}/tests" CONFIGURE_DEPENDS
     "${PROJECT_SOURCE_DIR}/tests/*_test.sh")
foreach(script IN LISTS script_tests)
    string(REGEX REPLACE "_test[.]sh$" "" name "${script}")
    add_test(NAME "${name}" COMMAND bash "${PROJECT_SOURCE_DIR}/tests/${script}")
    set_tests_properties("${name}" PROPERTIES ENVIRONMENT
                         "POSEAUG_SOURCE_DIR=${PROJECT_SOURCE_DIR};POSEAUG_BUILD_DIR=${PROJECT_BINARY_DIR}"
                         SKIP_RETURN_CODE 77)
    if(name MATCHES "install")
        set_tests_properties("${name}" PROPERTIES LABELS slow)
    endif()
endforeach()

add_test(NAME layers COMMAND bash "${PROJECT_SOURCE_DIR}/scripts/check_layers.sh")
add_custom_target(check_layers ALL COMMAND bash "${PROJECT_SOURCE_DIR}/scripts/check_layers.sh"
                  COMMENT "Checking that includes point down the layers" VERBATIM)
