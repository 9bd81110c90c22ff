#include "config/endpoint.h"

#include "common/strings.h"
#include "config/blocks.h"
#include "config/catch_all.h"
#include "config/encoding.h"
#include "config/extra/http_client.h"
#include "config/extra/proxy.h"
#include "config/extra/proxy_options.h"
#include "config/host.h"
#include "config/lint.h"
#include "config/path.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <optional>

namespace ropewalk::config {
namespace {

using nlohmann::json;

// Each is a call to a backend of its own: more is a mistake, not a wish.
constexpr std::int64_t kMostCalls = 100;

constexpr std::string_view kCopied = "ignored: always copied from the endpoint";

void set_hosts(Reader& reader, const BackendDefaults& defaults, ParsedBackend& out) {
  Diagnostics& diagnostics = reader.diagnostics();
  const bool as_is = reader.flag("disable_host_sanitize");
  const std::vector<std::string> hosts = reader.texts("host");
  if (defaults.host_rule == HostRule::refuse) {
    if (reader.has("host"))
      diagnostics.refuse(reader.path_of("host"), "hosts come from Services and cannot be set here");
    return;
  }
  if (hosts.empty()) {
    out.hosts = defaults.hosts;
    if (out.hosts.empty())
      diagnostics.warn(reader.path(), "no host here and none at the root: every call will fail");
    return;
  }
  // Names of services are no hosts.
  if (as_is && reader.text("sd") == "dns") return;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const std::string at = child(reader.path_of("host"), i);
    auto host = as_is ? parse_host(hosts[i]) : sanitise_host(hosts[i]);
    if (const std::string remark = as_is ? "" : sanitised_remark(hosts[i]); !remark.empty())
      diagnostics.warn(at, remark);
    if (host)
      out.hosts.push_back(std::move(*host));
    else if (as_is || host.error().kind == Kind::connect)
      diagnostics.warn(at, "this host cannot be called: " + host.error().message);
    else
      diagnostics.refuse(at, host.error().message);
  }
}

// The first host is the name whose SRV records are asked for, as KrakenD leaves it: "http://name"
// unless disable_host_sanitize is set.
DnsName dns_name(Reader& reader, const ParsedBackend& out) {
  Diagnostics& diagnostics = reader.diagnostics();
  const std::vector<std::string> hosts = reader.texts("host");
  const std::string scheme = reader.text("sd_scheme");
  DnsName found;
  found.tls = scheme == "https";
  if (!scheme.empty() && !found.tls && scheme != "http")
    diagnostics.warn(reader.path_of("sd_scheme"), "unknown, so http");
  if (hosts.size() > 1)
    diagnostics.warn(reader.path_of("host"), "with sd dns only the first host counts");
  if (!hosts.empty() && reader.flag("disable_host_sanitize")) {
    found.name = hosts.front();
  } else if (!out.hosts.empty()) {
    found.name = host_text(out.hosts.front());
    diagnostics.warn(reader.path_of("sd"),
                     "asks for SRV records of " + found.name +
                         ", which is no name: set disable_host_sanitize and a host without scheme");
  }
  return found;
}

void set_discovery(Reader& reader, const BackendDefaults& defaults, ParsedBackend& out) {
  Diagnostics& diagnostics = reader.diagnostics();
  const std::string sd = reader.text("sd");
  if (sd != "dns") {
    if (!sd.empty() && sd != "static")
      diagnostics.warn(reader.path_of("sd"), "unknown, so static: hosts as they are listed");
    reader.ignore("sd_scheme");
    return;
  }
  if (defaults.host_rule == HostRule::refuse)
    return diagnostics.refuse(reader.path_of("sd"), "hosts come from Services: static only");
  out.discovered = dns_name(reader, out);
  out.hosts.clear();
}

void set_manipulation(Reader& reader, v1::Backend& out) {
  out.set_group(reader.text("group"));
  out.set_target(reader.text("target"));
  for (std::string& path : reader.texts("allow")) out.add_allow(std::move(path));
  for (std::string& path : reader.texts("deny")) out.add_deny(std::move(path));
  for (auto& [from, to] : reader.text_map("mapping")) {
    auto* entry = out.add_mapping();
    entry->set_from(from);
    entry->set_to(to);
  }
  out.set_is_collection(reader.flag("is_collection"));
  if (out.allow_size() > 0 && out.deny_size() > 0)
    reader.diagnostics().warn(reader.path_of("deny"), "ignored: allow is given as well");
}

// "http://host:port" of the first host: what a call goes to while there is no other.
std::string first_url(const ParsedBackend& backend) {
  const std::vector<v1::HostSet::Host>& hosts = backend.hosts;
  if (backend.discovered)
    return (backend.discovered->tls ? "https://" : "http://") + backend.discovered->name;
  if (hosts.empty()) return {};
  const v1::HostSet::Host& host = hosts.front();
  std::string out = host.tls() ? "https://" : "http://";
  if (!host.authority().empty()) return out + host.authority();
  const bool v6 = host.address().find(':') != std::string::npos;
  return out + (v6 ? "[" + host.address() + "]" : host.address()) + ":" +
         std::to_string(host.port());
}

void set_backend_extra(Reader& reader, const BackendDefaults& defaults, ParsedBackend& parsed) {
  v1::Backend& out = parsed.backend;
  Diagnostics& diagnostics = reader.diagnostics();
  const BlockContext context{.files = defaults.files,
                             .parameters = &defaults.parameters,
                             .host = first_url(parsed),
                             .host_rule = defaults.host_rule};
  for (const auto& [name, extra] : read_extra_config(reader, Level::backend)) {
    if (name == "proxy") read_backend_proxy(extra, out, diagnostics);
    const std::string text = name == "backend/http/client"
                                 ? read_http_client(extra, defaults, out, diagnostics)
                                 : read_block(Level::backend, name, extra, context, diagnostics);
    if (!text.empty()) (*out.mutable_extra_config())[std::string(name)] = text;
  }
  // A text of which nothing is kept.
  if (decodes_to_nothing(reader.text("encoding")))
    (*out.mutable_extra_config())["proxy"] = to_text({.flatmap = {{"del", {"*"}}}});
}

// RFC 9110 5.6.2.
bool is_token_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").contains(c);
}

// What KrakenD starts with and its HTTP client then refuses at every call.
struct Uncallable {
  std::string_view key;
  std::string message;
};

std::optional<Uncallable> set_request(Reader& reader, const BackendDefaults& defaults,
                                      v1::Backend& out) {
  std::optional<Uncallable> uncallable;
  const std::string text = reader.text("url_pattern");
  auto pattern = parse_url_pattern(text, defaults.parameters);
  if (!pattern)
    reader.diagnostics().refuse(reader.path_of("url_pattern"), pattern.error().message);
  else if (auto sent = check_url(*pattern); !sent)
    uncallable = {"url_pattern", sent.error().message};
  else
    out.set_url_pattern(std::move(*pattern));
  if (uncallable) out.set_url_pattern("/");
  const std::string method = to_upper(reader.text("method"));
  if (method.empty() || std::ranges::all_of(method, is_token_character))
    out.set_method(method.empty() ? defaults.method : method);
  else
    uncallable = {"method", "expected a method such as GET, got " + method};
  return uncallable;
}

void leave_uncalled(Reader& reader, const BackendDefaults& defaults, const Uncallable& what,
                    ParsedBackend& out) {
  const std::string path = reader.path_of(what.key);
  if (defaults.host_rule == HostRule::refuse)
    return reader.diagnostics().refuse(path, what.message);
  reader.diagnostics().warn(path, "every call will fail: " + what.message);
  out.backend.set_method(defaults.method);
  out.hosts.clear();
}

ParsedBackend read_backend(const json& object, const BackendDefaults& defaults, std::string path,
                           Diagnostics& diagnostics) {
  ParsedBackend out;
  out.path = path;
  Reader reader(object, std::move(path), diagnostics);
  v1::Backend& backend = out.backend;
  const std::optional<Uncallable> uncallable = set_request(reader, defaults, backend);
  const std::string encoding = reader.text("encoding");
  if (!known_backend_encoding(encoding))
    diagnostics.warn(reader.path_of("encoding"),
                     "unknown encoding \"" + encoding +
                         "\": the body is read as json (expected json, safejson, fast-json, xml, "
                         "rss, string or no-op)");
  backend.set_encoding(defaults.output_encoding == v1::ENCODING_NO_OP
                           ? v1::ENCODING_NO_OP
                           : parse_backend_encoding(encoding));
  for (std::string& name : reader.texts("input_headers"))
    backend.add_input_headers(std::move(name));
  for (std::string& name : reader.texts("input_query_strings"))
    backend.add_input_query_strings(std::move(name));
  set_manipulation(reader, backend);
  set_hosts(reader, defaults, out);
  backend.set_leaves_host_set(defaults.host_rule == HostRule::inherit);
  if (uncallable) leave_uncalled(reader, defaults, *uncallable, out);
  set_discovery(reader, defaults, out);
  set_backend_extra(reader, defaults, out);
  reader.duration("timeout");
  reader.ignore("timeout", kCopied);
  reader.ignore("concurrent_calls", kCopied);
  reader.finish();
  return out;
}

bool routable(std::string_view method) {
  return method == "GET" || method == "POST" || method == "PUT" || method == "PATCH" ||
         method == "DELETE";
}

void set_path(Reader& reader, const Defaults& defaults, v1::Endpoint& out,
              std::vector<std::string>& parameters) {
  auto path = parse_endpoint_path(reader.text("endpoint"),
                                  defaults.disable_rest ? RestRule::disabled : RestRule::strict);
  if (!path) {
    reader.diagnostics().refuse(reader.path_of("endpoint"), path.error().message);
    return;
  }
  out.set_path(std::move(path->path));
  out.set_wildcard(path->wildcard);
  parameters = std::move(path->parameters);
}

// What a client asks for, and what of it is let through.
void read_route(Reader& reader, const Defaults& defaults, v1::Endpoint& out,
                std::vector<std::string>& parameters) {
  set_path(reader, defaults, out, parameters);
  const std::string method = to_upper(reader.text("method"));
  out.set_method(method.empty() ? "GET" : method);
  if (!routable(out.method()))
    reader.diagnostics().warn(
        reader.path_of("method"),
        "left out: expected GET, POST, PUT, PATCH or DELETE, got " + shown(method));
  for (std::string& name : reader.texts("input_headers")) out.add_input_headers(std::move(name));
  for (std::string& name : reader.texts("input_query_strings"))
    out.add_input_query_strings(std::move(name));
}

// Unknown names take the encoder that bears the name of the only backend's encoding, else json.
v1::Encoding output_encoding(Reader& reader, const Defaults& defaults,
                             const std::vector<std::pair<const json*, std::string>>& backends) {
  Diagnostics& diagnostics = reader.diagnostics();
  std::string name = reader.text("output_encoding");
  if (name.empty()) name = defaults.output_encoding;
  v1::Encoding encoding = parse_output_encoding(name);
  if (encoding == v1::ENCODING_UNSPECIFIED) {
    std::string only;
    if (backends.size() == 1) {
      std::vector<Warning> unheard;
      Diagnostics quiet(unheard);
      only = Reader(*backends[0].first, backends[0].second, quiet).text("encoding");
    }
    encoding = render_of(only);
    diagnostics.warn(reader.path_of("output_encoding"),
                     "unknown encoding \"" + name +
                         "\": the backend's own or json is used (expected json, json-collection, "
                         "fast-json, string, xml, yaml, negotiate or no-op)");
  }
  return encoding;
}

void check_count(Reader& reader, const Defaults& defaults, const v1::Endpoint& endpoint,
                 std::size_t backends) {
  if (backends == 0 && defaults.backend_rule == BackendRule::required)
    reader.diagnostics().refuse(reader.path_of("backend"), "expected at least one backend");
  if (backends > 1 && endpoint.output_encoding() == v1::ENCODING_NO_OP)
    reader.diagnostics().refuse(reader.path_of("backend"),
                                "no-op takes exactly one backend, got " + std::to_string(backends));
}

void set_endpoint_extra(Reader& reader, BlockContext context, std::size_t backends,
                        v1::Endpoint& out) {
  Diagnostics& diagnostics = reader.diagnostics();
  const auto blocks = read_extra_config(reader, Level::endpoint);
  context.has_validator = blocks.contains("auth/validator");
  for (const auto& [name, extra] : blocks) {
    if (name == "proxy") read_endpoint_proxy(extra, backends, out, diagnostics);
    const std::string text = read_block(Level::endpoint, name, extra, context, diagnostics);
    if (!text.empty()) (*out.mutable_extra_config())[std::string(name)] = text;
  }
}

ParsedEndpoint read_endpoint(const json& object, const Defaults& defaults, std::string path,
                             Diagnostics& diagnostics) {
  ParsedEndpoint out;
  Reader reader(object, std::move(path), diagnostics);
  v1::Endpoint& endpoint = out.endpoint;
  BackendDefaults inherited{
      .host_rule = defaults.host_rule, .hosts = defaults.hosts, .files = defaults.files};
  const bool catch_all = is_catch_all(reader.text("endpoint"));
  if (catch_all)
    read_catch_all(reader, defaults.host_rule, endpoint);
  else
    read_route(reader, defaults, endpoint, inherited.parameters);
  inherited.method = catch_all ? "" : endpoint.method();
  out.routable = catch_all || routable(endpoint.method());
  const std::int64_t timeout = reader.duration("timeout");
  endpoint.set_timeout_ns(timeout == 0 ? defaults.timeout_ns : timeout);
  const std::int64_t ttl = reader.duration("cache_ttl");
  endpoint.set_cache_ttl_ns(ttl == 0 ? defaults.cache_ttl_ns : ttl);
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  const std::int64_t calls = reader.integer("concurrent_calls", -kMost, kMost);
  if (calls > kMostCalls)
    diagnostics.refuse(reader.path_of("concurrent_calls"),
                       "expected at most " + std::to_string(kMostCalls) +
                           " equal calls for one request, got " + std::to_string(calls));
  endpoint.set_concurrent_calls(static_cast<std::uint32_t>(std::max<std::int64_t>(1, calls)));

  const auto backends = reader.objects("backend");
  if (!catch_all) endpoint.set_output_encoding(output_encoding(reader, defaults, backends));
  check_count(reader, defaults, endpoint, backends.size());
  inherited.output_encoding = endpoint.output_encoding();
  for (const auto& [backend, at] : backends)
    out.backends.push_back(read_backend(*backend, inherited, at, diagnostics));
  if (catch_all)
    for (ParsedBackend& parsed : out.backends)
      parsed.backend.set_url_pattern(prefix_pattern(parsed.backend.url_pattern()));

  const auto shadow = [](const ParsedBackend& one) { return one.backend.shadow(); };
  if (defaults.backend_rule == BackendRule::required && !out.backends.empty() &&
      std::ranges::all_of(out.backends, shadow))
    diagnostics.refuse(reader.path_of("backend"),
                       "expected a backend that answers, got only shadows");
  warn_of_writes(out, object, reader.path(), diagnostics);
  set_endpoint_extra(reader,
                     {.files = defaults.files,
                      .parameters = &inherited.parameters,
                      .host_rule = defaults.host_rule},
                     backends.size(), endpoint);
  // Of an annotation the caller adds backends.
  if (defaults.backend_rule == BackendRule::required && !diagnostics.failed()) {
    warn_of_short_timeout(reader, "timeout");
    warn_of_no_effect(out, object, reader.path(), diagnostics);
  }
  for (const std::string_view key : defaults.callers_keys) reader.ignore(key);
  reader.finish();
  return out;
}

}  // namespace

Result<ParsedEndpoint> parse_endpoint(const json& object, const Defaults& defaults,
                                      std::string path, std::vector<Warning>& warnings) {
  Diagnostics diagnostics(warnings, defaults.known_keys);
  ParsedEndpoint out = read_endpoint(object, defaults, std::move(path), diagnostics);
  if (diagnostics.failed()) return std::unexpected(diagnostics.error());
  return out;
}

Result<ParsedBackend> parse_backend(const json& object, const BackendDefaults& defaults,
                                    std::string path, std::vector<Warning>& warnings) {
  Diagnostics diagnostics(warnings);
  ParsedBackend out = read_backend(object, defaults, std::move(path), diagnostics);
  if (diagnostics.failed()) return std::unexpected(diagnostics.error());
  return out;
}

}  // namespace ropewalk::config
