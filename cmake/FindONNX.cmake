# ONNX::ONNX: the classes of ONNX's files and its checker. (The package file that Debian ships with libonnx-dev names
# libraries that no package holds, and does not look for protobuf itself.)

find_path(ONNX_INCLUDE_DIR onnx/onnx_pb.h)
find_path(Protobuf_INCLUDE_DIR google/protobuf/message.h)
find_library(ONNX_LIBRARY onnx)
find_library(ONNX_PROTO_LIBRARY onnx_proto)
find_library(Protobuf_LIBRARY protobuf)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(ONNX REQUIRED_VARS ONNX_LIBRARY ONNX_PROTO_LIBRARY Protobuf_LIBRARY ONNX_INCLUDE_DIR
                                                     Protobuf_INCLUDE_DIR)
mark_as_advanced(ONNX_LIBRARY ONNX_PROTO_LIBRARY Protobuf_LIBRARY ONNX_INCLUDE_DIR Protobuf_INCLUDE_DIR)

if(ONNX_FOUND AND NOT TARGET ONNX::ONNX)
    add_library(ONNX::ONNX UNKNOWN IMPORTED)
    set_target_properties(ONNX::ONNX PROPERTIES IMPORTED_LOCATION "${ONNX_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES
                                                                                    "${ONNX_INCLUDE_DIR};${Protobuf_INCLUDE_DIR}")
    set_property(TARGET ONNX::ONNX PROPERTY INTERFACE_COMPILE_DEFINITIONS ONNX_NAMESPACE=onnx ONNX_ML=1)
    set_property(TARGET ONNX::ONNX PROPERTY INTERFACE_LINK_LIBRARIES "${ONNX_PROTO_LIBRARY};${Protobuf_LIBRARY}")
endif()
