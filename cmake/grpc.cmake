# ropewalk_grpc: gRPC with what only gRPC uses (Abseil, upb) from static archives. As shared libraries these are more than
# fifty, whose relocations each process would pay for at its start and in memory of its own, stream or not. Protobuf, OpenSSL,
# RE2, c-ares and zlib stay shared: the rest of the programs uses them too.
pkg_check_modules(GRPCPP REQUIRED grpc++)
add_library(ropewalk_grpc INTERFACE)
target_include_directories(ropewalk_grpc SYSTEM INTERFACE ${GRPCPP_INCLUDE_DIRS})
set(names ${GRPCPP_STATIC_LIBRARIES})
list(REMOVE_DUPLICATES names)
foreach(name ${names})
  if(name MATCHES "^(grpc|gpr|absl_|upb|address_sorting)")
    find_library(GRPC_ARCHIVE_${name} lib${name}.a REQUIRED)
    list(APPEND archives ${GRPC_ARCHIVE_${name}})
  else()
    list(APPEND shared ${name})
  endif()
endforeach()
target_link_libraries(ropewalk_grpc INTERFACE ${archives} protobuf::libprotobuf ${shared})
