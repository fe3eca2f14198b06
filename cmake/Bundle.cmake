# With POSEAUG_BUNDLE, bin/lib gets the shared libraries that the programs in bin/ need and that another machine may
# lack, so that bin/ alone can be carried there: as carry/bin.tar.gz, a third of its size. The C and C++ runtimes and
# NVIDIA's libraries are left to that machine.
# The target poseaug_bundle runs this file again as a script, once the programs are linked.

if(CMAKE_SCRIPT_MODE_FILE)
    file(REMOVE_RECURSE "${FOLDER}") # or the libraries would be found there, too
    file(GET_RUNTIME_DEPENDENCIES EXECUTABLES ${PROGRAMS}
         RESOLVED_DEPENDENCIES_VAR libraries UNRESOLVED_DEPENDENCIES_VAR missing
         PRE_EXCLUDE_REGEXES "^ld-linux" "^lib(c|m|dl|rt|pthread|gcc_s|stdc[+][+])[.]so" "^lib(cuda|cublas|cudnn|nv)")
    if(missing)
        message(FATAL_ERROR "The programs need libraries that are not here: ${missing}")
    endif()
    foreach(library IN LISTS libraries)
        get_filename_component(name "${library}" NAME)
        file(REAL_PATH "${library}" library) # the file itself, under the name that programs ask for
        file(MAKE_DIRECTORY "${FOLDER}")
        file(COPY_FILE "${library}" "${FOLDER}/${name}")
    endforeach()
    get_filename_component(bin "${FOLDER}" DIRECTORY)
    get_filename_component(build "${bin}" DIRECTORY)
    set(carried "")
    foreach(path IN LISTS PROGRAMS FOLDER)
        if(EXISTS "${path}")
            file(RELATIVE_PATH path "${build}" "${path}")
            list(APPEND carried "${path}")
        endif()
    endforeach()
    file(MAKE_DIRECTORY "${build}/carry")
    execute_process(COMMAND "${CMAKE_COMMAND}" -E tar czf carry/bin.tar.gz ${carried} WORKING_DIRECTORY "${build}"
                    COMMAND_ERROR_IS_FATAL ANY)
    return()
endif()

if(POSEAUG_BUNDLE)
    set(bundled "")
    foreach(target poseaug poseaug_tests poseaug_bench)
        if(TARGET ${target})
            list(APPEND bundled ${target})
        endif()
    endforeach()
    list(TRANSFORM bundled REPLACE "(.+)" "$<TARGET_FILE:\\1>" OUTPUT_VARIABLE programs)
    add_custom_target(poseaug_bundle ALL
                      COMMAND "${CMAKE_COMMAND}" "-DPROGRAMS=${programs}" "-DFOLDER=$<TARGET_FILE_DIR:poseaug>/lib"
                              -P "${CMAKE_CURRENT_LIST_FILE}"
                      DEPENDS ${bundled} COMMENT "Copying shared libraries beside the programs" VERBATIM)
endif()
