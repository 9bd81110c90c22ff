#include "dataplane/compile/endpoint.h"

#include "common/strings.h"
#include "config/extra/backend_http.h"
#include "config/extra/http_client.h"
#include "config/extra/resilience.h"
#include "config/path.h"
#include "dataplane/compile/filters.h"
#include "dataplane/compile/hosts.h"
#include "dataplane/compile/params.h"
#include "dataplane/compile/settings.h"
#include "dataplane/compile/shaping.h"

#include <algorithm>
#include <utility>

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

using pipeline::Site;
using pipeline::Stage;

// The names that the url_patterns of an endpoint use beside those of its path.
Result<void> add_derived(EndpointPlan& plan, const std::string& url_pattern) {
  auto url = http::UrlPattern::compile(url_pattern, plan.parameters);
  if (!url) return std::unexpected(std::move(url.error()));
  for (const std::string& name : url->unresolved()) {
    auto derived = derived_param(name);
    if (!derived || std::ranges::find(plan.parameters, name) != plan.parameters.end()) continue;
    plan.parameters.push_back(name);
    plan.derived.push_back(std::move(*derived));
  }
  return {};
}

Result<void> add_filters(BackendPlan& plan, const std::string& name,
                         const config::v1::Endpoint& endpoint, const config::v1::Backend& backend,
                         const Context& context) {
  Site site{config::Level::backend,
            {},
            name,
            &context.service,
            &endpoint,
            &backend,
            &context.states,
            context.identity.user_agent,
            context.identity.narrowed_user_agent};
  auto upper = make_filters(site, Stage::backend);
  if (!upper) return std::unexpected(std::move(upper.error()));
  auto lower = make_filters(site, Stage::client);
  if (!lower) return std::unexpected(std::move(lower.error()));
  plan.filters = std::move(*upper);
  for (const auto& filter : plan.filters)
    plan.answer_use = std::max(plan.answer_use, filter->answer_use());
  plan.backend_filters = plan.filters.size();
  std::ranges::move(*lower, std::back_inserter(plan.filters));
  return {};
}

Result<BackendPlan> compile_backend(const std::string& name, const config::v1::Backend& backend,
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
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (parameters[i].starts_with("resp") && backend.url_pattern() == "/{" + parameters[i] + "}")
      plan.whole_reference = i;
  plan.pattern_text = krakend_pattern(backend.url_pattern());
  plan.encoding = backend.encoding() == Encoding::ENCODING_UNSPECIFIED ? Encoding::ENCODING_JSON
                                                                       : backend.encoding();
  json::Rules rules = rules_of(backend);
  auto shaping = compile_shaping(backend.extra_config());
  if (!shaping) return std::unexpected(std::move(shaping.error()));
  plan.flatmap = std::move(shaping->flatmap);
  if (!plan.flatmap.empty()) {
    plan.flatmap_group = std::exchange(rules.group, {});
    rules.allow.clear();
    rules.deny.clear();
    rules.mapping.clear();
  }
  switch (plan.encoding) {
    case Encoding::ENCODING_JSON:
    case Encoding::ENCODING_NO_OP:
      break;
    case Encoding::ENCODING_XML:
      plan.wraps_tree = rules.is_collection;
      [[fallthrough]];
    case Encoding::ENCODING_RSS:
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
  if (const auto found = backend.extra_config().find("ropewalk/backend");
      found != backend.extra_config().end()) {
    auto resilience = config::parse_resilience(found->second);
    if (!resilience) return std::unexpected(std::move(resilience.error()));
    plan.resilience = std::move(*resilience);
    if (plan.resilience->accept_empty_body && plan.encoding != Encoding::ENCODING_STRING)
      plan.empty_body = rules.is_collection ? "[]" : "{}";
  }
  plan.projection = json::Projection(rules);
  plan.input_headers = narrowing(backend.input_headers(), true);
  plan.input_query_strings = narrowing(backend.input_query_strings(), false);
  plan.host_header = backend.host_header();
  const HostList& hosts = *context.hosts.sets[plan.host_set];
  // TLS settings of its own count as well where only a redirect leads to https.
  if (backend.has_tls() ||
      std::any_of(hosts.begin(), hosts.end(), [](const Host& host) { return host.tls; })) {
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
  if (const auto found = backend.extra_config().find("backend/http/client");
      found != backend.extra_config().end()) {
    const auto proxy = config::parse_http_client(found->second);
    if (!proxy) return std::unexpected(proxy.error());
    plan.proxy = std::make_shared<const Host>(compile_host(*proxy));
  }
  plan.no_redirect = backend.no_redirect();
  plan.send_body_on_redirect = backend.send_body_on_redirect();
  plan.leaves_host_set = backend.leaves_host_set();
  plan.shadow_timeout = nanoseconds(backend.shadow_timeout_ns());
  if (auto added = add_filters(plan, name, endpoint, backend, context); !added)
    return std::unexpected(std::move(added.error()));
  return plan;
}

}  // namespace

bool is_catch_all(const config::v1::Endpoint& endpoint) {
  return endpoint.method() == "*" && endpoint.path() == config::kCatchAllPath;
}

std::string endpoint_label(const config::v1::Endpoint& endpoint) {
  return endpoint.method() + " " + (endpoint.hostnames().empty() ? "" : endpoint.hostnames(0)) +
         endpoint.path();
}

Result<Gates> compile_gates(const Context& context) {
  Site site;
  site.id = "service";
  site.service = &context.service;
  site.states = &context.states;
  return make_gates(site, Stage::service_gate);
}

Result<EndpointPlan> compile_endpoint(const std::string& name, const config::v1::Endpoint& endpoint,
                                      const Context& context) {
  EndpointPlan plan;
  plan.label = endpoint_label(endpoint);
  plan.method = endpoint.method();
  plan.path = endpoint.path();
  plan.problem = endpoint.problem();
  plan.parameters = is_catch_all(endpoint)
                        ? std::vector<std::string>{"*"}
                        : router::parameter_names(endpoint.path(), endpoint.wildcard());
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
    case Encoding::ENCODING_XML:
    case Encoding::ENCODING_YAML:
    case Encoding::ENCODING_NEGOTIATE:
      break;
    default:
      return fail(Kind::config, "the output_encoding is not supported yet");
  }
  plan.input_headers = allow_list(endpoint.input_headers(), true);
  if (endpoint.input_headers().empty()) plan.input_headers.names.emplace_back("content-type");
  plan.input_query_strings = allow_list(endpoint.input_query_strings(), false);
  for (const std::string& parameter : plan.parameters)
    plan.param_names.push_back(param_name(parameter));
  plan.in_backend_path.resize(plan.parameters.size());
  if (!plan.problem.empty()) return plan;

  std::vector<std::pair<const std::string*, const config::v1::Backend*>> backends;
  for (const std::string& part : endpoint.backends()) {
    const auto found = context.by_name.find(part);
    if (found == context.by_name.end() || !found->second->has_backend())
      return fail(Kind::config, "backend " + part + " is missing");
    backends.emplace_back(&part, &found->second->backend());
    if (auto added = add_derived(plan, backends.back().second->url_pattern()); !added)
      return fail(Kind::config, part + ": " + added.error().message);
  }
  for (std::size_t i = plan.param_names.size(); i < plan.parameters.size(); ++i)
    plan.param_names.push_back(param_name(plan.parameters[i]));
  plan.in_backend_path.resize(plan.parameters.size());
  for (const auto& [part, resource] : backends) {
    auto backend = compile_backend(*part, *resource, endpoint, plan.parameters, context);
    if (!backend) return fail(Kind::config, *part + ": " + backend.error().message);
    const std::string& method = backend->method;
    plan.sends_body_to_all |= method != "GET" && method != "HEAD";
    (resource->shadow() ? plan.shadows : plan.backends).push_back(std::move(*backend));
  }
  if (plan.backends.empty())
    return fail(Kind::config, plan.shadows.empty() ? "the endpoint has no backend"
                                                   : "every backend of the endpoint is a shadow");
  // One time for all shadows, the longest.
  nanoseconds longest{-1};
  for (const BackendPlan& shadow : plan.shadows)
    longest = std::max(longest,
                       shadow.shadow_timeout.count() == 0 ? plan.timeout : shadow.shadow_timeout);
  for (BackendPlan& shadow : plan.shadows) shadow.shadow_timeout = longest;
  for (const auto* parts : {&plan.backends, &plan.shadows})
    for (const BackendPlan& backend : *parts)
      for (std::size_t i = 0; i < plan.parameters.size(); ++i)
        if (backend.url.puts_into_path(i)) plan.in_backend_path[i] = true;
  auto shaping = compile_shaping(endpoint.extra_config());
  if (!shaping) return std::unexpected(std::move(shaping.error()));
  const auto bodies = body_limits(context.service, shaping->max_payload);
  if (!bodies) return std::unexpected(bodies.error());
  plan.max_request_body = bodies->gathered;
  plan.max_streamed_body = bodies->streamed;
  if (plan.backends.size() > 1) plan.flatmap = std::move(shaping->flatmap);
  if (plan.output != Encoding::ENCODING_NO_OP) plan.fixed = std::move(shaping->fixed);
  plan.sequential = endpoint.sequential() && plan.backends.size() > 1;
  plan.concurrent_calls = std::max(endpoint.concurrent_calls(), 1u);
  plan.propagated_params.assign(endpoint.propagated_params().begin(),
                                endpoint.propagated_params().end());
  const Site site{config::Level::endpoint,
                  {},
                  name,
                  &context.service,
                  &endpoint,
                  nullptr,
                  &context.states,
                  context.identity.user_agent,
                  context.identity.narrowed_user_agent};
  auto gates = make_gates(site, Stage::endpoint_gate);
  if (!gates) return std::unexpected(std::move(gates.error()));
  plan.gates = std::move(*gates);
  auto filters = make_filters(site, Stage::proxy);
  if (!filters) return std::unexpected(std::move(filters.error()));
  plan.filters = std::move(*filters);
  plan.streams = plan.output == Encoding::ENCODING_NO_OP;
  if (plan.streams && backends.size() > 1)
    return fail(
        Kind::config,
        "can not use NoOp encoding with more than one backends connected to the same endpoint");
  plan.streams_body = plan.streams;
  // A filter may need what would otherwise pass by, and only one of several equal calls answers.
  const auto hold = [&](const pipeline::Filters& all) {
    for (const auto& filter : all) {
      plan.streams &= !filter->needs_answer_body();
      plan.streams_body &= !filter->needs_request_body();
    }
  };
  hold(plan.filters);
  hold(plan.backends.front().filters);
  if (plan.concurrent_calls > 1) plan.streams = plan.streams_body = false;
  for (const auto& gate : plan.gates) plan.streams_body &= !gate->needs_body();
  if (plan.backends.front().send_body_on_redirect) plan.streams_body = false;
  return plan;
}

}  // namespace ropewalk::compile
