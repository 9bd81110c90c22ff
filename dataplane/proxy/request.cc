// The request as an endpoint lets it through: fields, query and parameters by KrakenD's forwarding
// rules.
#include "common/strings.h"
#include "dataplane/http/client_address.h"
#include "dataplane/http/target.h"
#include "dataplane/proxy/exchange.h"
#include "dataplane/proxy/values.h"

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
    case FieldId::expect:
    case FieldId::proxy_authorization:  // meant for this gateway (design 7.5)
      return true;
    default:
      return false;
  }
}

}  // namespace

Result<void> decode_parameters(const compile::EndpointPlan& plan, const compile::Settings& settings,
                               std::span<const std::string_view> raw, pipeline::Passage& passage) {
  for (std::size_t i = 0; i < raw.size(); ++i) {
    auto value = plan.parameters[i] == "*" ? http::path_tail(raw[i])
                 : settings.path_decoding  ? http::path_parameter(raw[i])
                                           : http::decode_path(raw[i]);
    if (!value) return std::unexpected(std::move(value.error()));
    if (plan.in_backend_path[i] && http::is_dot_segment(*value))
      return fail(Kind::bad_request, "encoded url params", Origin::client);
    passage.params.push_back({plan.param_names[i], passage.arena.keep(std::move(*value))});
  }
  return {};
}

void Exchange::build_request() {
  const http::RequestHead& head = *passage_->head;
  const http::Fields& fields = head.fields;
  const compile::Identity& identity = graph_->identity;
  request.arena.clear();
  request.method = head.method;
  request.path = head.path;
  request.params = passage_->params;
  request.body = passage_->body;
  request.has_body = head.body != http::BodyKind::none;
  request.destination = {};

  request.query.clear();
  const compile::AllowList& names = plan_->input_query_strings;
  if ((names.all || !names.names.empty()) && !head.query.empty()) {
    request.query = http::parse_query(head.query);
    std::erase_if(request.query,
                  [&](const auto& parameter) { return !names.has(parameter.first); });
  }

  http::Fields& out = request.headers;
  out.clear();
  const http::Field* agent = fields.find(FieldId::user_agent);
  const bool agent_forwarded = agent && plan_->input_headers.has_field("user-agent");
  for (const http::Field& field : fields) {
    if (written_by_gateway(field.id) || !plan_->input_headers.has_field(field.name)) continue;
    if (http::hop_by_hop(field, fields)) continue;
    if (agent_forwarded && iequals(field.name, "X-Forwarded-Via")) continue;
    out.add(field.name, field.value, field.id);
  }
  // A generated request id reaches a backend that asked for it, as the client's own would.
  if (!fields.find(FieldId::x_request_id) && !plan_->input_headers.all &&
      plan_->input_headers.has_field("x-request-id") && !passage_->request_id.empty())
    out.add("X-Request-Id", passage_->request_id, FieldId::x_request_id);
  out.add("User-Agent", agent_forwarded ? agent->value : std::string_view(identity.user_agent),
          FieldId::user_agent);
  if (agent_forwarded) out.add("X-Forwarded-Via", identity.user_agent, FieldId::other);
  out.add("X-Forwarded-For", passage_->client_address, FieldId::x_forwarded_for);
  out.add("X-Forwarded-Host", head.host, FieldId::x_forwarded_host);
}

void Exchange::set_value(std::size_t index, std::optional<std::string> text) {
  if (!text) return;
  request.set_param(plan_->param_names[index], *text);
  values_[index] = request.find_param(plan_->param_names[index])->value;
}

// A view without data stands for a placeholder that nothing fills.
void Exchange::resolve_values() {
  values_.assign(plan_->parameters.size(), std::string_view());
  const std::size_t own = plan_->parameters.size() - plan_->derived.size();
  for (std::size_t i = 0; i < own && i < request.params.size(); ++i)
    values_[i] = request.params[i].value;
  for (std::size_t i = 0; i < plan_->derived.size(); ++i) {
    const compile::DerivedParam& derived = plan_->derived[i];
    if (derived.from == compile::DerivedParam::From::claim) {
      set_value(own + i, claim_text(passage_->claims, derived.name));
    } else if (derived.from == compile::DerivedParam::From::header) {
      if (const http::Field* field = pipeline::find_field(request.headers, derived.name))
        set_value(own + i, std::string(field->value));
    }
  }
}

// What later backends of a sequence may ask of the answer of backend `index`.
void Exchange::take_response_values(std::size_t index) {
  const std::size_t own = plan_->parameters.size() - plan_->derived.size();
  const Leg& leg = *parts_[index].leg;
  const std::string prefix = "resp" + std::to_string(index);
  std::optional<json::Value> data;
  const auto answer = [&]() -> const json::Value& {
    if (!data) data = leg.data();
    return *data;
  };
  for (std::size_t i = 0; i < plan_->derived.size(); ++i) {
    const compile::DerivedParam& derived = plan_->derived[i];
    if (derived.from == compile::DerivedParam::From::response && derived.part == index)
      set_value(own + i, value_text(answer(), derived.name));
  }
  for (const std::string& name : plan_->propagated_params) {
    if (name == prefix) {
      // Only what nobody has decoded is offered whole.
      if (plan_->backends[index].encoding == config::v1::ENCODING_NO_OP)
        request.set_param("R" + name.substr(1), leg.response.body);
    } else if (name.starts_with(prefix + "_")) {
      if (const auto text = value_text(answer(), name.substr(prefix.size() + 1)))
        request.set_param("R" + name.substr(1), *text);
    }
  }
}

BodyPlan Exchange::body_plan(std::size_t index) const {
  const http::RequestHead& head = *passage_->head;
  // When every backend only reads, one of them gets the body (KrakenD shares one reader).
  if (!request.has_body || !(plan_->sends_body_to_all || index == 0)) return {};
  if (!plan_->streams_body) return {backend::RequestBody::whole, 0};
  if (head.body == http::BodyKind::chunked) return {backend::RequestBody::chunked, 0};
  if (head.content_length == 0) return {};
  return {backend::RequestBody::length, head.content_length};
}

}  // namespace ropewalk::proxy
