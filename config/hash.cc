#include "config/hash.h"

#include "common/strings.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

namespace ropewalk::config {

std::string content_hash(const v1::Resource& resource) {
  v1::Resource copy = resource;
  copy.clear_name();
  copy.clear_hash();
  copy.clear_origins();
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream out(&stream);
    out.SetSerializationDeterministic(true);  // sorts the keys of extra_config
    copy.SerializeToCodedStream(&out);
  }
  return sha256_hex(bytes);
}

}  // namespace ropewalk::config
