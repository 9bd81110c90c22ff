#include "config/extra/http_client.h"

#include "config/host.h"
#include "config/tls.h"

#include <nlohmann/json.hpp>

namespace ropewalk::config {

using nlohmann::json;

namespace {

// KrakenD takes no other type for a flag: "true" is none.
bool flag(Reader& reader, std::string_view key) {
  const json* value = reader.find(key);
  if (!value) return false;
  if (value->is_boolean()) return value->get<bool>();
  reader.diagnostics().warn(reader.path_of(key),
                            "ignored: expected true or false, got " + shown(*value));
  return false;
}

// The proxy as it was written, once it is known to be one.
std::string read_proxy(Reader& reader) {
  const json* value = reader.find("proxy_address");
  if (!value || *value == "") return {};
  const auto proxy = value->is_string()
                         ? parse_proxy_address(value->get_ref<const std::string&>())
                         : fail(Kind::config, "expected a text such as http://proxy:3128");
  if (proxy) return json{{"proxy_address", *value}}.dump();
  reader.diagnostics().refuse(reader.path_of("proxy_address"), proxy.error().message);
  return {};
}

}  // namespace

Result<v1::HostSet::Host> parse_proxy_address(std::string_view text) {
  if (!text.starts_with("http://"))
    return fail(Kind::config,
                "expected a proxy such as http://proxy:3128; no other protocol is supported");
  auto host = parse_host(text);
  if (host) host->clear_base_path();
  return host;
}

Result<v1::HostSet::Host> parse_http_client(std::string_view text) {
  const json document = json::parse(text, nullptr, false);
  if (!document.is_object() || document.size() != 1 || !document.contains("proxy_address") ||
      !document["proxy_address"].is_string())
    return fail(Kind::config, "backend/http/client: expected proxy_address alone");
  return parse_proxy_address(document["proxy_address"].get_ref<const std::string&>());
}

std::string read_http_client(const ExtraValue& extra, const BackendDefaults& defaults,
                             v1::Backend& out, Diagnostics& diagnostics) {
  if (!extra.value->is_object()) {
    diagnostics.refuse(extra.path, "expected an object, got " + shown(*extra.value));
    return {};
  }
  Reader reader(*extra.value, extra.path, diagnostics);
  out.set_no_redirect(flag(reader, "no_redirect"));
  out.set_send_body_on_redirect(flag(reader, "send_body_on_redirect"));
  std::string text;
  if (defaults.host_rule == HostRule::refuse || !defaults.files) {
    for (const std::string_view key : {"client_tls", "proxy_address"})
      if (reader.has(key))
        diagnostics.refuse(reader.path_of(key),
                           "hosts come from Services, and so does the way to them");
  } else {
    text = read_proxy(reader);
    if (const json* tls = reader.find("client_tls"))
      read_backend_tls(*tls, reader.path_of("client_tls"), *defaults.files, *out.mutable_tls(),
                       diagnostics);
  }
  reader.finish();
  return text;
}

}  // namespace ropewalk::config
