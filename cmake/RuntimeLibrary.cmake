# Libraries that the running program opens when it needs them.

# poseaug_runtime_name(LIBRARY RESULT): the name under which a program finds a shared library: its file's up to the
# first number of its version, libmatio.so.11 of libmatio.so -> libmatio.so.11.0.4. Empty for a static library.
function(poseaug_runtime_name library result)
    set(name "")
    if(library)
        file(REAL_PATH "${library}" file)
        get_filename_component(file "${file}" NAME)
        if(file MATCHES "^(.*[.]so([.][0-9]+)?)")
            set(name "${CMAKE_MATCH_1}")
        endif()
    endif()
    set(${result} "${name}" PARENT_SCOPE)
endfunction()

# poseaug_runtime_library(SOURCE NAME FILE INCLUDES): the one source that opens a library at run time gets its headers
# and POSEAUG_<NAME>_RUNTIME, the name to open.
function(poseaug_runtime_library source name file includes)
    list(REMOVE_ITEM includes ${CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES}) # named as others, they hide the compiler's
    set_source_files_properties("${PROJECT_SOURCE_DIR}/${source}" PROPERTIES
                                COMPILE_DEFINITIONS "POSEAUG_${name}_RUNTIME=\"${file}\""
                                INCLUDE_DIRECTORIES "${includes}")
endfunction()
