#include "config/schema.h"

#include "config/registry.h"

#include <nlohmann/json.hpp>

#include <span>
#include <string_view>
#include <utility>

namespace ropewalk::config {
namespace {

using nlohmann::ordered_json;

enum class Form : std::uint8_t { text, whole, flag, duration, texts, wholes, map, method };

struct Key {
  std::string_view name;
  Form form;
  std::string_view about;
};

constexpr Key kRoot[] = {
    {"name", Form::text, "Free text, shown in telemetry"},
    {"port", Form::whole, "Port of the listener; 8080"},
    {"listen_ip", Form::text, "Literal address of the listener; all of them"},
    {"timeout", Form::duration, "Of a whole endpoint, where it has none of its own; 2s"},
    {"cache_ttl", Form::duration, "max-age of Cache-Control, where an endpoint has none"},
    {"output_encoding", Form::text, "Of endpoints that have none; json"},
    {"host", Form::texts, "Of backends that have none"},
    {"disable_rest", Form::flag, "Placeholders may be part of a path segment"},
    {"debug_endpoint", Form::flag, "Opens /__debug/"},
    {"echo_endpoint", Form::flag, "Opens /__echo/"},
    {"read_timeout", Form::duration, "To read a whole request"},
    {"write_timeout", Form::duration, "To write a whole answer"},
    {"idle_timeout", Form::duration, "Between requests of a connection"},
    {"read_header_timeout", Form::duration, "To read the head of a request"},
    {"max_header_bytes", Form::whole, "Of the head of a request"},
    {"max_shutdown_wait_time", Form::duration, "For requests under way at the end"},
    {"max_idle_connections", Form::whole, "To all hosts together; 0 for any number"},
    {"max_idle_connections_per_host", Form::whole, "250"},
    {"idle_connection_timeout", Form::duration, "After which a connection to a backend is closed"},
    {"response_header_timeout", Form::duration, "For the head of a backend's answer"},
    {"expect_continue_timeout", Form::duration, "Read for KrakenD's sake"},
    {"dialer_timeout", Form::duration, "To connect"},
    {"dialer_keep_alive", Form::duration, "15s; negative for no probes"},
    {"dialer_fallback_delay", Form::duration, "300ms, then IPv4 and IPv6 race; negative: never"},
    {"disable_keep_alives", Form::flag, "A connection for each call"},
    {"disable_compression", Form::flag, "Ask backends for no gzip"},
    {"dns_cache_ttl", Form::duration, "Of SRV records; at least 1s"},
    {"allow_insecure_connections", Form::flag, "Older spelling of the key under client_tls"},
};

constexpr Key kEndpoint[] = {
    {"endpoint", Form::text, "Path with {placeholders}"},
    {"method", Form::method, "GET, POST, PUT, PATCH or DELETE; GET"},
    {"timeout", Form::duration, "Of the whole endpoint"},
    {"cache_ttl", Form::duration, "max-age of Cache-Control"},
    {"output_encoding", Form::text, "json, json-collection, string, no-op ..."},
    {"input_headers", Form::texts, "Headers that reach the backends; \"*\" for all"},
    {"input_query_strings", Form::texts, "Parameters that reach the backends; \"*\" for all"},
    {"concurrent_calls", Form::whole, "The first good one of so many equal calls counts"},
};

constexpr Key kBackend[] = {
    {"url_pattern", Form::text, "Path and query with the endpoint's {placeholders}"},
    {"host", Form::texts, "[http(s)://]name[:port]"},
    {"method", Form::text, "The endpoint's"},
    {"encoding", Form::text, "json, safejson, string, no-op ..."},
    {"is_collection", Form::flag, "The answer is an array"},
    {"target", Form::text, "Dotted path to the object that counts"},
    {"allow", Form::texts, "Dotted paths that stay"},
    {"deny", Form::texts, "Dotted paths that go"},
    {"mapping", Form::map, "Old name -> new name"},
    {"group", Form::text, "Key under which the answer goes"},
    {"input_headers", Form::texts, "Narrows those of the endpoint"},
    {"input_query_strings", Form::texts, "Narrows those of the endpoint"},
    {"disable_host_sanitize", Form::flag, "Hosts as they stand, with path and user information"},
    {"sd", Form::text, "static or dns"},
    {"sd_scheme", Form::text, "Of hosts found by dns"},
};

// Weak typing: what may stand for each form beside it.
ordered_json form_schema(Form form) {
  const auto types = [](std::initializer_list<const char*> names) {
    return ordered_json{{"type", ordered_json(names)}};
  };
  switch (form) {
    case Form::text:
    case Form::method:
      return types({"string", "number", "boolean", "null"});
    case Form::whole:
    case Form::flag:
      return types({"boolean", "number", "string", "null"});
    case Form::duration:
      return {
          {"type", {"string", "number", "null"}},
          {"pattern", "^[-+]?(0|([0-9]*\\.?[0-9]+|[0-9]+\\.)(ns|us|\u00b5s|\u03bcs|ms|s|m|h))+$"}};
    case Form::texts:
    case Form::wholes:
      return types({"array", "string", "number", "null"});
    case Form::map:
      return types({"object", "null"});
  }
  return ordered_json::object();
}

ordered_json components(Level level) {
  ordered_json properties = ordered_json::object();
  for (const Namespace& space : namespaces()) {
    if (!space.implemented || !allowed_at(space, level)) continue;
    properties[std::string(space.name)] = ordered_json::object();
    if (!space.alias.empty())
      properties[std::string(space.alias)] = {
          {"description", "Older name of " + std::string(space.name)}};
  }
  return {{"type", {"object", "array", "null"}},
          {"patternProperties", {{"^[@$_#]", true}}},
          {"properties", std::move(properties)},
          {"additionalProperties", false}};
}

ordered_json object(std::span<const Key> keys, Level level) {
  ordered_json properties = ordered_json::object();
  for (const Key& key : keys) {
    ordered_json schema = form_schema(key.form);
    schema["description"] = key.about;
    properties[std::string(key.name)] = std::move(schema);
  }
  properties["extra_config"] = components(level);
  return {{"type", "object"},
          {"patternProperties", {{"^[@$_#]", true}}},
          {"properties", std::move(properties)},
          {"additionalProperties", false}};
}

ordered_json one_or_list(const char* definition) {
  const ordered_json reference{{"$ref", std::string("#/$defs/") + definition}};
  return {{"anyOf", {reference, ordered_json{{"type", "array"}, {"items", reference}}}}};
}

ordered_json key_pair(std::string_view certificate) {
  return {{"type", "array"},
          {"items",
           {{"type", "object"},
            {"required", {certificate, "private_key"}},
            {"properties",
             {{std::string(certificate), {{"type", "string"}}},
              {"private_key", {{"type", "string"}}}}}}}};
}

}  // namespace

std::string json_schema() {
  ordered_json root = object(kRoot, Level::service);
  ordered_json endpoint = object(kEndpoint, Level::endpoint);
  ordered_json backend = object(kBackend, Level::backend);
  endpoint["properties"]["backend"] = one_or_list("backend");
  endpoint["required"] = {"endpoint", "backend"};
  ordered_json out{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                   {"title", "Gateway configuration"}};
  out.update(root);
  ordered_json& properties = out["properties"];
  properties["version"] = {{"description", "3"}, {"type", {"integer", "string"}}};
  properties["tls"] = {{"type", {"object", "null"}},
                       {"properties", {{"keys", key_pair("public_key")}}}};
  properties["client_tls"] = {{"type", {"object", "null"}},
                              {"properties", {{"client_certs", key_pair("certificate")}}}};
  properties["endpoints"] = one_or_list("endpoint");
  out["required"] = {"version"};
  out["$defs"] = {{"endpoint", std::move(endpoint)}, {"backend", std::move(backend)}};
  return out.dump(2) + "\n";
}

}  // namespace ropewalk::config
