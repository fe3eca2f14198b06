# The installed library: poseaug::poseaug for find_package(poseaug), headers as <poseaug/engine/tape.hpp>.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/poseaug")
set(layers kernels engine data models training)

list(TRANSFORM layers PREPEND poseaug_ OUTPUT_VARIABLE layer_targets)
install(TARGETS poseaug_library ${layer_targets} EXPORT poseaugTargets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(DIRECTORY ${layers} DESTINATION include/poseaug FILES_MATCHING PATTERN "*.hpp" PATTERN "*.cuh")
install(FILES "${PROJECT_BINARY_DIR}/generated/poseaug_version.hpp" DESTINATION include/poseaug)
if(TARGET poseaug)
    install(TARGETS poseaug RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
    install(DIRECTORY data/joint_tables DESTINATION "${CMAKE_INSTALL_DATADIR}/poseaug" FILES_MATCHING PATTERN "*.json")
endif()

install(EXPORT poseaugTargets NAMESPACE poseaug:: DESTINATION "${package_dir}")
configure_package_config_file(cmake/poseaugConfig.cmake.in "${PROJECT_BINARY_DIR}/poseaugConfig.cmake"
                              INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/poseaugConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/poseaugConfig.cmake" "${PROJECT_BINARY_DIR}/poseaugConfigVersion.cmake"
              cmake/FindCBLAS.cmake cmake/FindLibZip.cmake cmake/FindONNX.cmake cmake/FindCUDNN.cmake
        DESTINATION "${package_dir}")
