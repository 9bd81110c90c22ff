#include "config/extra/http_client.h"

#include <nlohmann/json.hpp>

namespace ropewalk::config {
namespace {

// KrakenD takes no other type for a flag: "true" is none.
bool flag(Reader& reader, std::string_view key) {
  const nlohmann::json* value = reader.find(key);
  if (!value) return false;
  if (value->is_boolean()) return value->get<bool>();
  reader.diagnostics().warn(reader.path_of(key),
                            "ignored: expected true or false, got " + shown(*value));
  return false;
}

void refuse_missing(Reader& reader, std::string_view key) {
  if (reader.has(key))
    reader.diagnostics().refuse(reader.path_of(key), std::string(key) + " is not supported yet");
}

}  // namespace

void read_http_client(const ExtraValue& extra, v1::Backend& out, Diagnostics& diagnostics) {
  if (!extra.value->is_object()) {
    diagnostics.refuse(extra.path, "expected an object, got " + shown(*extra.value));
    return;
  }
  Reader reader(*extra.value, extra.path, diagnostics);
  out.set_no_redirect(flag(reader, "no_redirect"));
  out.set_send_body_on_redirect(flag(reader, "send_body_on_redirect"));
  refuse_missing(reader, "client_tls");
  refuse_missing(reader, "proxy_address");
  reader.finish();
}

}  // namespace ropewalk::config
