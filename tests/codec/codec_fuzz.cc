// XML and feeds from backends: decoded or refused, never more; what the encoders write of it is
// XML again.
#include "dataplane/codec/feed.h"
#include "dataplane/codec/xml.h"
#include "dataplane/codec/yaml.h"

#include <cstdlib>

using namespace ropewalk;

namespace {

void require_too_large(const Error& error) {
  if (error.kind != Kind::too_large) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const codec::XmlWriting xml{.max_bytes = 1 << 20, .in_order = {}};
  const codec::YamlWriting yaml{.max_bytes = 1 << 20, .details = {}, .floats = {}};
  for (const auto& value :
       {codec::decode_xml(body, 100), codec::decode_feed(body, 100), json::parse(body, 100)}) {
    if (!value) continue;
    if (const auto text = codec::encode_yaml(*value, yaml); !text) require_too_large(text.error());
    const auto text = codec::encode_xml(*value, xml);
    if (!text)
      require_too_large(text.error());
    else if (!codec::decode_xml(*text, 200))
      std::abort();
  }
  return 0;
}
