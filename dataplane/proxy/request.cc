// What a backend is asked: path, query and fields by KrakenD's forwarding rules (krakend-features.md 3).
#include "common/strings.h"
#include "dataplane/http/client_address.h"
#include "dataplane/http/target.h"
#include "dataplane/proxy/fields.h"
#include "dataplane/proxy/exchange.h"

#include <algorithm>

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
      return true;
    default: return false;
  }
}

}  // namespace

Result<void> Exchange::decode_parameters(std::span<const std::string_view> raw) {
  decoded_.resize(raw.size());
  decoded_views_.resize(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    // The tail of a wildcard route is a path of its own: its segments are checked one by one and keep their slashes.
    const bool tail = plan_->parameters[i] == "*";
    decoded_[i].clear();
    for (const std::string_view segment : tail ? split(raw[i], '/') : std::vector<std::string_view>{raw[i]}) {
      auto value = http::path_parameter(segment);
      if (!value) return std::unexpected(std::move(value.error()));
      if (segment.data() != raw[i].data()) decoded_[i] += '/';
      decoded_[i] += *value;
    }
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
  std::stable_sort(parameters.begin(), parameters.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  char separator = target.find('?') == std::string::npos ? '?' : '&';
  for (const auto& [name, value] : parameters) {
    target += separator;
    http::append_query_escaped(target, name);
    target += '=';
    http::append_query_escaped(target, value);
    separator = '&';
  }
}

void Exchange::append_fields(std::string& out, const compile::BackendPlan& backend, bool head_request) {
  const http::Fields& fields = request_.head->fields;
  const compile::Identity& identity = graph_->identity;
  const std::string_view connection = fields.value(FieldId::connection);
  const auto passes = [&](std::string_view name) { return !backend.input_headers || backend.input_headers->has_field(name); };
  for (const http::Field& field : fields) {
    if (written_by_gateway(field.id) || !plan_->input_headers.has_field(field.name) || !passes(field.name)) continue;
    if (http::hop_by_hop(field, connection)) continue;
    put_canonical(out, field.name, field.value);
  }
  // A generated request id reaches a backend that asked for it, as the client's own would.
  if (!fields.find(FieldId::x_request_id) && !plan_->input_headers.all && plan_->input_headers.has_field("x-request-id") &&
      !request_.request_id.empty() && passes("x-request-id"))
    put(out, "X-Request-Id", request_.request_id);

  const http::Field* agent = fields.find(FieldId::user_agent);
  const bool agent_forwarded = agent && plan_->input_headers.has_field("user-agent");
  if (!passes("user-agent")) {
    put(out, "User-Agent", identity.narrowed_user_agent);
  } else if (!agent_forwarded) {
    put(out, "User-Agent", identity.user_agent);
  } else if (!agent->value.empty()) {
    put(out, "User-Agent", agent->value);
  }
  if (agent_forwarded && passes("x-forwarded-via")) put(out, "X-Forwarded-Via", identity.user_agent);
  if (passes("x-forwarded-for")) put(out, "X-Forwarded-For", request_.client_address);
  if (passes("x-forwarded-host")) put(out, "X-Forwarded-Host", request_.head->host);

  const http::Field* accept = fields.find(FieldId::accept_encoding);
  if (accept && plan_->input_headers.has_field("accept-encoding") && passes("accept-encoding"))
    put(out, "Accept-Encoding", accept->value);
  else if (graph_->settings.compression && !head_request)
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
  request.host_header = backend.host_header == "preserve" ? head.host : std::string_view(backend.host_header);
  request.body = {};
  request.body_length = 0;
  if (!with_body) {
    request.body_kind = backend::RequestBody::none;
  } else if (plan_->streams) {
    request.body_kind =
        head.body == http::BodyKind::chunked ? backend::RequestBody::chunked : backend::RequestBody::length;
    request.body_length = head.content_length;
    if (request.body_kind == backend::RequestBody::length && head.content_length == 0)
      request.body_kind = backend::RequestBody::none;
  } else {
    request.body_kind = backend::RequestBody::whole;
    request.body = request_.body;
  }
  request.retry_when_idle_died =
      request.body_kind == backend::RequestBody::none && (request.method == "GET" || request.method == "HEAD");
}

}  // namespace ropewalk::proxy
