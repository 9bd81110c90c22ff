// What a backend is asked: path, query and fields by KrakenD's forwarding rules
// (krakend-features.md 3).
#include "common/strings.h"
#include "dataplane/http/client_address.h"
#include "dataplane/http/target.h"
#include "dataplane/proxy/exchange.h"
#include "dataplane/proxy/fields.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace ropewalk::proxy {
namespace {

using http::FieldId;

// Fields that the gateway writes itself, whatever was listed.
bool written_by_gateway(FieldId id) {
  switch (id) {
    case FieldId::host:
    case FieldId::content_length:
    case FieldId::transfer_encoding:
    case FieldId::x_forwarded_for:
    case FieldId::x_forwarded_host:
    case FieldId::user_agent:
    case FieldId::accept_encoding:
    case FieldId::expect:
    case FieldId::proxy_authorization:  // meant for this gateway (design 7.5)
      return true;
    default:
      return false;
  }
}

}  // namespace

Result<void> Exchange::decode_parameters(std::span<const std::string_view> raw) {
  decoded_.resize(raw.size());
  decoded_views_.resize(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    auto value =
        plan_->parameters[i] == "*" ? http::path_tail(raw[i]) : http::path_parameter(raw[i]);
    if (!value) return std::unexpected(std::move(value.error()));
    decoded_[i] = std::move(*value);
    decoded_views_[i] = decoded_[i];
  }
  return {};
}

void Exchange::append_query(std::string& target, const compile::BackendPlan& backend) {
  if (!plan_->input_query_strings.all && plan_->input_query_strings.names.empty()) return;
  const std::string_view query = request_.head->query;
  if (query.empty()) return;
  auto parameters = http::parse_query(query);
  std::erase_if(parameters, [&](const auto& parameter) {
    return !plan_->input_query_strings.has(parameter.first) ||
           (backend.input_query_strings && !backend.input_query_strings->has(parameter.first));
  });
  // Sorted by name, equal names in their order (Go's url.Values.Encode).
  std::vector<std::size_t> order(parameters.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const int names = parameters[a].first.compare(parameters[b].first);
    return names != 0 ? names < 0 : a < b;
  });
  char separator = backend.url.has_query() ? '&' : '?';
  bool first_after_mark = backend.url.has_query() && target.ends_with('?');
  for (const std::size_t at : order) {
    const auto& [name, value] = parameters[at];
    if (!std::exchange(first_after_mark, false)) target += separator;
    http::append_query_escaped(target, name);
    target += '=';
    http::append_query_escaped(target, value);
    separator = '&';
  }
}

void Exchange::append_fields(std::string& out, const compile::BackendPlan& backend,
                             bool head_request) {
  const http::Fields& fields = request_.head->fields;
  const compile::Identity& identity = graph_->identity;
  const auto passes = [&](std::string_view name) {
    return !backend.input_headers || backend.input_headers->has_field(name);
  };
  const http::Field* agent = fields.find(FieldId::user_agent);
  const bool agent_forwarded = agent && plan_->input_headers.has_field("user-agent");
  for (const http::Field& field : fields) {
    if (written_by_gateway(field.id) || !plan_->input_headers.has_field(field.name) ||
        !passes(field.name))
      continue;
    if (http::hop_by_hop(field, fields)) continue;
    if (agent_forwarded && iequals(field.name, "X-Forwarded-Via")) continue;
    put_canonical(out, field.name, field.value);
  }
  // A generated request id reaches a backend that asked for it, as the client's own would.
  if (!fields.find(FieldId::x_request_id) && !plan_->input_headers.all &&
      plan_->input_headers.has_field("x-request-id") && !request_.request_id.empty() &&
      passes("x-request-id"))
    put(out, "X-Request-Id", request_.request_id);

  if (!passes("user-agent")) {
    put(out, "User-Agent", identity.narrowed_user_agent);
  } else if (!agent_forwarded) {
    put(out, "User-Agent", identity.user_agent);
  } else if (!agent->value.empty()) {
    put(out, "User-Agent", agent->value);
  }
  if (agent_forwarded && passes("x-forwarded-via"))
    put(out, "X-Forwarded-Via", identity.user_agent);
  if (passes("x-forwarded-for")) put(out, "X-Forwarded-For", request_.client_address);
  if (passes("x-forwarded-host")) put(out, "X-Forwarded-Host", request_.head->host);

  const http::Field* accept = fields.find(FieldId::accept_encoding);
  const bool accept_forwarded =
      accept && plan_->input_headers.has_field("accept-encoding") && passes("accept-encoding");
  if (accept_forwarded) put(out, "Accept-Encoding", accept->value);
  // An empty value does not count as one (Go).
  if ((!accept_forwarded || accept->value.empty()) && graph_->settings.compression && !head_request)
    put(out, "Accept-Encoding", "gzip");
}

void Exchange::build_request(Part& part, const compile::BackendPlan& backend, bool with_body) {
  backend::Request& request = part.request;
  const http::RequestHead& head = *request_.head;
  request.method = backend.method.empty() ? head.method : std::string_view(backend.method);
  request.target.clear();
  request.fields.clear();
  const auto appended = backend.url.append(request.target, decoded_views_);
  if (!appended) {
    part.error = appended.error();
    return;
  }
  append_query(request.target, backend);
  append_fields(request.fields, backend, request.method == "HEAD");
  request.host_header =
      backend.host_header == "preserve" ? head.host : std::string_view(backend.host_header);
  request.body = {};
  request.body_length = 0;
  if (!with_body) {
    request.body_kind = backend::RequestBody::none;
  } else if (plan_->streams) {
    request.body_kind = head.body == http::BodyKind::chunked ? backend::RequestBody::chunked
                                                             : backend::RequestBody::length;
    request.body_length = head.content_length;
    if (request.body_kind == backend::RequestBody::length && head.content_length == 0)
      request.body_kind = backend::RequestBody::none;
  } else {
    request.body_kind = backend::RequestBody::whole;
    request.body = request_.body;
  }
  request.retry_when_idle_died = request.body_kind == backend::RequestBody::none &&
                                 (request.method == "GET" || request.method == "HEAD");
}

}  // namespace ropewalk::proxy
