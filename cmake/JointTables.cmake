# data/joint_tables/*.json: compiled in, and installed as examples to edit.

file(GLOB joint_table_files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/data/joint_tables/*.json")
set(joint_tables "")
foreach(file IN LISTS joint_table_files)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    get_filename_component(name "${file}" NAME_WE)
    file(READ "${file}" text)
    string(APPEND joint_tables "    {\"${name}\", R\"json(${text})json\"},\n")
endforeach()
configure_file("${CMAKE_CURRENT_LIST_DIR}/poseaug_joint_tables.hpp.in"
               "${PROJECT_BINARY_DIR}/generated/poseaug_joint_tables.hpp" @ONLY)
