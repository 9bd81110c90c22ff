#include "config/encoding.h"

#include "common/strings.h"

namespace ropewalk::config {
namespace {

Result<v1::Encoding> missing(std::string_view name) {
  return fail(Kind::config, "\"" + std::string(name) + "\" is not supported yet");
}

}  // namespace

Result<v1::Encoding> parse_backend_encoding(std::string_view name) {
  if (name == "no-op") return v1::ENCODING_NO_OP;
  const std::string lowered = to_lower(name);
  if (lowered == "safejson") return v1::ENCODING_SAFEJSON;
  if (lowered == "string") return v1::ENCODING_STRING;
  if (lowered == "no-op" || lowered == "xml" || lowered == "rss" || lowered == "yaml")
    return missing(name);
  return v1::ENCODING_JSON;
}

Result<v1::Encoding> parse_output_encoding(std::string_view name) {
  // fast-json is another codec of KrakenD for the same answer.
  if (name.empty() || name == "json" || name == "fast-json") return v1::ENCODING_JSON;
  if (name == "no-op") return v1::ENCODING_NO_OP;
  if (name == "json-collection") return v1::ENCODING_JSON_COLLECTION;
  if (name == "string") return v1::ENCODING_STRING;
  if (name == "xml" || name == "yaml" || name == "negotiate") return missing(name);
  return v1::ENCODING_UNSPECIFIED;
}

Result<v1::Encoding> render_of(std::string_view backend_encoding) {
  auto render = parse_output_encoding(backend_encoding);
  if (render && *render == v1::ENCODING_UNSPECIFIED) return v1::ENCODING_JSON;
  return render;
}

}  // namespace ropewalk::config
