# Targets from folders. A folder's sources are found by name. For every feature of POSEAUG_FEATURES (see Features.cmake):
#   *_FEATURE.cpp         in a build with the feature only, such as *_cuda.cpp (and *.cu)
#   *_FEATURE_none.cpp    in a build without it only (what stands in for them)
#   other *.cpp           always

function(poseaug_sources folder sources)
    file(GLOB_RECURSE found RELATIVE "${PROJECT_SOURCE_DIR}" CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cpp"
         "${PROJECT_SOURCE_DIR}/${folder}/*.cu")
    foreach(feature IN LISTS POSEAUG_FEATURES)
        string(TOUPPER "${feature}" option)
        if(POSEAUG_WITH_${option})
            list(FILTER found EXCLUDE REGEX "_${feature}_none[.]cpp$")
        else()
            list(FILTER found EXCLUDE REGEX "_${feature}[.]cpp$")
        endif()
    endforeach()
    if(NOT POSEAUG_WITH_CUDA)
        list(FILTER found EXCLUDE REGEX "[.]cu$")
    endif()
    set(${sources} ${found} PARENT_SCOPE)
endfunction()

# Options every target of the project is compiled and linked with.
function(poseaug_compile_options target)
    target_compile_options(${target} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:${POSEAUG_CXX_OPTIONS}>"
                                             "$<$<COMPILE_LANGUAGE:CXX>:${POSEAUG_SANITIZER_OPTIONS}>"
                                             "$<$<COMPILE_LANGUAGE:CUDA>:--expt-relaxed-constexpr>")
    target_link_options(${target} PRIVATE ${POSEAUG_SANITIZER_OPTIONS})
endfunction()

# poseaug_layer(NAME [TARGET target] LINKS targets... EXCLUDE files...): the library poseaug_NAME, or `target`, of the
# folder NAME. While the folder has no source, it is an interface, so that what links it need not know.
function(poseaug_layer name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "TARGET" "LINKS;EXCLUDE")
    poseaug_sources(${name} sources)
    list(REMOVE_ITEM sources ${arg_EXCLUDE} "")
    set(target poseaug_${name})
    if(arg_TARGET)
        set(target ${arg_TARGET})
    endif()
    set(scope PUBLIC)
    if(sources)
        add_library(${target} STATIC ${sources})
        add_dependencies(${target} poseaug_version)
        poseaug_compile_options(${target})
    else()
        add_library(${target} INTERFACE)
        set(scope INTERFACE)
    endif()
    add_library(poseaug::${name} ALIAS ${target})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
    target_compile_features(${target} ${scope} cxx_std_20)
    # In a build for one processor SIMD packs are as wide as its registers, so all that exchange them must agree on it.
    target_compile_options(${target} ${scope} "$<$<COMPILE_LANGUAGE:CXX>:${POSEAUG_ARCH_OPTION}>")
    target_include_directories(${target} ${scope} "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>"
                                                  "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated>"
                                                  "$<INSTALL_INTERFACE:include>" "$<INSTALL_INTERFACE:include/poseaug>")
    target_link_libraries(${target} ${scope} ${arg_LINKS})
endfunction()

# poseaug_executable(NAME SOURCES files... | FOLDER folder, LINKS targets...): a program in bin/, once it has a source.
function(poseaug_executable target)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "FOLDER" "SOURCES;LINKS")
    set(sources "")
    if(arg_FOLDER)
        poseaug_sources(${arg_FOLDER} sources)
    else()
        foreach(source IN LISTS arg_SOURCES)
            file(GLOB present RELATIVE "${PROJECT_SOURCE_DIR}" CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${source}")
            list(APPEND sources ${present})
        endforeach()
    endif()
    if(NOT sources)
        message(STATUS "${target}: no source yet, not built")
        return()
    endif()
    add_executable(${target} ${sources})
    add_dependencies(${target} poseaug_version)
    poseaug_compile_options(${target})
    target_link_libraries(${target} PRIVATE ${arg_LINKS})
    # Google Benchmark, a shared library of C++, would bring the runtime a second time
    if(POSEAUG_STATIC_DEPENDENCIES AND NOT POSEAUG_WITH_BENCHMARK)
        target_link_options(${target} PRIVATE -static-libstdc++ -static-libgcc)
    endif()
    if(POSEAUG_BUNDLE)
        set_target_properties(${target} PROPERTIES BUILD_RPATH "$ORIGIN/lib")
        target_link_options(${target} PRIVATE -Wl,--disable-new-dtags) # the path is for the libraries' libraries, too
    endif()
endfunction()
