#include "config/encoding.h"

#include "common/strings.h"

namespace ropewalk::config {

bool decodes_to_nothing(std::string_view name) {
  return name != "no-op" && to_lower(name) == "no-op";
}

v1::Encoding parse_backend_encoding(std::string_view name) {
  if (name == "no-op") return v1::ENCODING_NO_OP;
  const std::string lowered = to_lower(name);
  if (decodes_to_nothing(name)) return v1::ENCODING_STRING;
  if (lowered == "safejson") return v1::ENCODING_SAFEJSON;
  if (lowered == "string") return v1::ENCODING_STRING;
  if (lowered == "xml") return v1::ENCODING_XML;
  if (lowered == "rss") return v1::ENCODING_RSS;
  return v1::ENCODING_JSON;
}

bool known_backend_encoding(std::string_view name) {
  if (parse_backend_encoding(name) != v1::ENCODING_JSON) return true;
  const std::string lowered = to_lower(name);
  return lowered.empty() || lowered == "json" || lowered == "fast-json";
}

v1::Encoding parse_output_encoding(std::string_view name) {
  // fast-json is another codec of KrakenD for the same answer.
  if (name.empty() || name == "json" || name == "fast-json") return v1::ENCODING_JSON;
  if (name == "no-op") return v1::ENCODING_NO_OP;
  if (name == "json-collection") return v1::ENCODING_JSON_COLLECTION;
  if (name == "string") return v1::ENCODING_STRING;
  if (name == "xml") return v1::ENCODING_XML;
  if (name == "yaml") return v1::ENCODING_YAML;
  if (name == "negotiate") return v1::ENCODING_NEGOTIATE;
  return v1::ENCODING_UNSPECIFIED;
}

v1::Encoding render_of(std::string_view backend_encoding) {
  const v1::Encoding render = parse_output_encoding(backend_encoding);
  return render == v1::ENCODING_UNSPECIFIED ? v1::ENCODING_JSON : render;
}

}  // namespace ropewalk::config
