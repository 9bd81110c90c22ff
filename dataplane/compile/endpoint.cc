#include "dataplane/compile/endpoint.h"

#include "common/strings.h"
#include "config/extra/backend_http.h"

#include <algorithm>

namespace ropewalk::compile {
namespace {

using config::v1::Encoding;

AllowList allow_list(const google::protobuf::RepeatedPtrField<std::string>& names, bool fields) {
  AllowList out;
  for (const std::string& name : names) {
    if (name == "*")
      out.all = true;
    else
      out.names.push_back(fields ? to_lower(name) : name);
  }
  return out;
}

// A list on a backend narrows only when it is not empty, and "*" is an ordinary name there
// (KrakenD).
std::optional<AllowList> narrowing(const google::protobuf::RepeatedPtrField<std::string>& names,
                                   bool fields) {
  if (names.empty()) return std::nullopt;
  AllowList out;
  for (const std::string& name : names) out.names.push_back(fields ? to_lower(name) : name);
  return out;
}

// Error texts show a pattern as KrakenD keeps it: {{.Id}} for {id}.
std::string krakend_pattern(const std::string& pattern) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::size_t end = pattern[i] == '{' ? pattern.find('}', i) : std::string::npos;
    if (end == std::string::npos || end == i + 1) {
      out += pattern[i];
      continue;
    }
    out += "{{.";
    out += to_upper(pattern.substr(i + 1, 1));
    out.append(pattern, i + 2, end - i - 2);
    out += "}}";
    i = end;
  }
  return out;
}

json::Rules rules_of(const config::v1::Backend& backend) {
  json::Rules rules;
  rules.target = backend.target();
  rules.allow.assign(backend.allow().begin(), backend.allow().end());
  rules.deny.assign(backend.deny().begin(), backend.deny().end());
  for (const auto& mapping : backend.mapping())
    rules.mapping.emplace_back(mapping.from(), mapping.to());
  rules.group = backend.group();
  rules.is_collection = backend.is_collection();
  return rules;
}

Result<BackendPlan> compile_backend(const config::v1::Backend& backend,
                                    const config::v1::Endpoint& endpoint,
                                    const std::vector<std::string>& parameters,
                                    const Context& context) {
  BackendPlan plan;
  plan.display_name = backend.display_name().empty() ? backend.host_set() : backend.display_name();
  const auto host_set = context.host_set_index.find(backend.host_set());
  if (host_set == context.host_set_index.end())
    return fail(Kind::config, "host set " + backend.host_set() + " is missing");
  plan.host_set = host_set->second;
  plan.method = backend.method();
  auto url = http::UrlPattern::compile(backend.url_pattern(), parameters);
  if (!url) return std::unexpected(url.error());
  plan.url = std::move(*url);
  plan.pattern_text = krakend_pattern(backend.url_pattern());
  plan.encoding = backend.encoding() == Encoding::ENCODING_UNSPECIFIED ? Encoding::ENCODING_JSON
                                                                       : backend.encoding();
  json::Rules rules = rules_of(backend);
  switch (plan.encoding) {
    case Encoding::ENCODING_JSON:
    case Encoding::ENCODING_NO_OP:
      break;
    case Encoding::ENCODING_STRING:
      rules.is_collection = false;
      break;
    case Encoding::ENCODING_SAFEJSON:
      rules.is_collection = true;
      plan.list_projection.emplace(rules);
      rules.is_collection = false;
      break;
    default:
      return fail(Kind::config, "the encoding of the backend is not supported yet");
  }
  plan.projection = json::Projection(rules);
  plan.input_headers = narrowing(backend.input_headers(), true);
  plan.input_query_strings = narrowing(backend.input_query_strings(), false);
  plan.host_header = backend.host_header();
  const HostList& hosts = *context.hosts.sets[plan.host_set];
  if (std::any_of(hosts.begin(), hosts.end(), [](const Host& host) { return host.tls; })) {
    const config::v1::BackendTls* settings = backend.has_tls() ? &backend.tls()
                                             : context.service.has_client_tls()
                                                 ? &context.service.client_tls()
                                                 : nullptr;
    auto tls = net::ClientTls::build(settings);
    if (!tls) return std::unexpected(tls.error());
    plan.tls = std::move(*tls);
  }
  if (const auto found = backend.extra_config().find("backend/http");
      found != backend.extra_config().end()) {
    const auto options = config::parse_backend_http(found->second);
    if (!options) return std::unexpected(options.error());
    plan.error_details = options->return_error_details;
    plan.error_code = options->return_error_code;
  }
  return plan;
}

}  // namespace

std::string endpoint_label(const config::v1::Endpoint& endpoint) {
  return endpoint.method() + " " + (endpoint.hostnames().empty() ? "" : endpoint.hostnames(0)) +
         endpoint.path();
}

Result<EndpointPlan> compile_endpoint(const config::v1::Endpoint& endpoint,
                                      const Context& context) {
  EndpointPlan plan;
  plan.label = endpoint_label(endpoint);
  plan.method = endpoint.method();
  plan.problem = endpoint.problem();
  plan.parameters = router::parameter_names(endpoint.path(), endpoint.wildcard());
  const std::int64_t inherited = context.service.timeout_ns()
                                     ? context.service.timeout_ns()
                                     : nanoseconds(std::chrono::seconds(2)).count();
  plan.timeout = nanoseconds(endpoint.timeout_ns() ? endpoint.timeout_ns() : inherited);
  if (endpoint.cache_ttl_ns())
    plan.cache_control =
        "public, max-age=" + std::to_string(endpoint.cache_ttl_ns() / 1'000'000'000);
  plan.output = endpoint.output_encoding() == Encoding::ENCODING_UNSPECIFIED
                    ? Encoding::ENCODING_JSON
                    : endpoint.output_encoding();
  switch (plan.output) {
    case Encoding::ENCODING_JSON:
    case Encoding::ENCODING_NO_OP:
    case Encoding::ENCODING_STRING:
    case Encoding::ENCODING_JSON_COLLECTION:
      break;
    default:
      return fail(Kind::config, "the output_encoding is not supported yet");
  }
  plan.input_headers = allow_list(endpoint.input_headers(), true);
  if (endpoint.input_headers().empty()) plan.input_headers.names.emplace_back("content-type");
  plan.input_query_strings = allow_list(endpoint.input_query_strings(), false);
  if (!plan.problem.empty()) return plan;

  for (const std::string& name : endpoint.backends()) {
    const auto found = context.by_name.find(name);
    if (found == context.by_name.end() || !found->second->has_backend())
      return fail(Kind::config, "backend " + name + " is missing");
    auto backend = compile_backend(found->second->backend(), endpoint, plan.parameters, context);
    if (!backend) return fail(Kind::config, name + ": " + backend.error().message);
    const std::string& method = backend->method;
    plan.sends_body_to_all |= method != "GET" && method != "HEAD";
    plan.backends.push_back(std::move(*backend));
  }
  if (plan.backends.empty()) return fail(Kind::config, "the endpoint has no backend");
  plan.streams = plan.output == Encoding::ENCODING_NO_OP;
  if (plan.streams && plan.backends.size() > 1)
    return fail(
        Kind::config,
        "can not use NoOp encoding with more than one backends connected to the same endpoint");
  return plan;
}

}  // namespace ropewalk::compile
