// What the client gets: KrakenD's statuses, fields and texts (krakend-features.md 3, 4 and 12).
#include "common/strings.h"
#include "dataplane/codec/gunzip.h"
#include "dataplane/codec/sniff.h"
#include "dataplane/json/escape.h"
#include "dataplane/proxy/exchange.h"
#include "dataplane/proxy/fields.h"

namespace ropewalk::proxy {
namespace {

using config::v1::Encoding;
using http::FieldId;

constexpr std::string_view kJson = "application/json; charset=utf-8";
constexpr std::string_view kText = "text/plain; charset=utf-8";

// The text of a JSON string; "" for any other value.
std::string text_of(std::string_view value) {
  if (!value.starts_with('"')) return {};
  const std::string_view inside = value.substr(1, value.size() - 2);
  std::string out(inside.size(), '\0');
  out.resize(json::decode(inside, out.data()));
  return out;
}

codec::GunzipLimits gunzip_limits(const compile::Settings& settings) {
  return {settings.max_decompressed, settings.max_decompression_ratio};
}

}  // namespace

// Turns the answer of one backend into members of the merge, or into an error.
void Exchange::evaluate(Part& part, const compile::BackendPlan& backend) {
  const backend::Call& call = *part.call;
  const compile::Settings& settings = graph_->settings;
  std::string_view body = call.body();
  if (call.gzip()) {
    part.decoded.clear();
    codec::Gunzip gunzip(gunzip_limits(settings));
    auto fed = gunzip.feed(body, part.decoded);
    if (fed) fed = gunzip.finish();
    if (!fed) {
      part.error = std::move(fed.error());
      return;
    }
    part.decoded.reserve(part.decoded.size() + json::kPadding);
    body = part.decoded;
  }
  if (backend.encoding == Encoding::ENCODING_NO_OP) {
    part.partial = {true, {}};  // counts as complete, adds nothing
    return;
  }
  if (call.status() != 200 && call.status() != 201) {
    part.error = Error{Kind::status, Origin::backend, Retry::no,
                       "invalid status code " + std::to_string(call.status()) + " [" +
                           std::string(part.request.method) + " " + backend.pattern_text +
                           "]: " + call.host()->url + call.host()->base_path + part.request.target};
    if (backend.error_details.empty()) {
      if (body.data() != part.decoded.data()) part.decoded.assign(body);
      return;
    }
    std::string text = "{\"http_status_code\":" + std::to_string(call.status());
    if (!body.empty()) {
      text += ",\"http_body\":";
      json::append_string(text, body);
    }
    if (!call.content_type().empty()) {
      text += ",\"http_body_encoding\":";
      json::append_string(text, call.content_type());
    }
    text += '}';
    part.decoded = std::move(text);
    part.error_key = "error_" + backend.error_details;
    part.error_member = {part.error_key, part.decoded};
    part.partial = {true, {&part.error_member, 1}};
    return;
  }
  const json::Projection* projection = &backend.projection;
  if (backend.encoding == Encoding::ENCODING_STRING ||
      backend.encoding == Encoding::ENCODING_SAFEJSON) {
    const std::size_t first = body.find_first_not_of(" \t\r\n");
    const char kind = first == std::string_view::npos ? '\0' : body[first];
    const bool text = backend.encoding == Encoding::ENCODING_STRING;
    if (!text && kind == '[') projection = &*backend.list_projection;
    if (text || (kind != '{' && kind != '[' && kind != '\0')) {
      std::string wrapped = "{\"content\":";
      if (text)
        json::append_string(wrapped, body);
      else
        wrapped += body;
      wrapped += '}';
      wrapped.reserve(wrapped.size() + json::kPadding);
      part.decoded = std::move(wrapped);
      body = part.decoded;
    }
  }
  auto partial = projection->run(body, worker_.scratch, settings.max_json_depth);
  if (partial)
    part.partial = *partial;
  else
    part.error = std::move(partial.error());
}

void Exchange::append_gateway_fields(std::string& out, bool completed) {
  put(out, "X-Krakend", graph_->identity.version_header);
  put(out, "X-Krakend-Completed", completed ? "true" : "false");
  if (!graph_->identity.compat) put(out, "X-Request-Id", request_.request_id);
}

void Exchange::answer() {
  const std::size_t count = plan_->backends.size();
  json::clear(worker_.scratch);
  for (std::size_t i = 0; i < count; ++i)
    if (parts_[i].answered) evaluate(parts_[i], plan_->backends[i]);
  account();
  partials_.clear();
  bool complete = true;
  bool any_error = false;
  for (std::size_t i = 0; i < count; ++i) {
    Part& part = parts_[i];
    if (part.error) any_error = true;
    if (part.error && part.partial.members.empty()) {
      complete = false;
      continue;
    }
    if (part.error) complete = false;
    if (!part.partial.has_data) complete = false;
    partials_.push_back(part.partial);
  }
  if (partials_.empty()) return answer_error(count == 1 ? parts_.data() : nullptr);

  merged_.clear();
  bool empty = true;
  bool null = true;
  for (const json::Partial& partial : partials_) {
    empty &= partial.members.empty();
    null &= !partial.has_data;
  }
  // A lone null, and nulls beside an error, are null; several nulls merge to an object without
  // members.
  null &= count == 1 || any_error;
  if (plan_->output == Encoding::ENCODING_JSON_COLLECTION) {
    std::string_view collection = "[]";
    for (const json::Partial& partial : partials_)
      for (const json::Member& member : partial.members)
        if (member.key == "collection") collection = member.value;
    merged_ = collection;
  } else if (null && empty) {
    merged_ = "null";
  } else {
    json::append_merged(merged_, partials_, worker_.scratch);
  }
  std::string_view type = kJson;
  if (plan_->output == Encoding::ENCODING_STRING) {
    type = kText;
    merged_.clear();
    for (const json::Partial& partial : partials_)
      for (const json::Member& member : partial.members)
        if (member.key == "content") merged_ = text_of(member.value);
  }
  const bool completed = complete && !empty;
  if (!completed) ++state_->counters->partial;
  std::string& out = client_.begin(200);
  put(out, "Content-Type", type);
  append_gateway_fields(out, completed);
  if (completed && !plan_->cache_control.empty()) put(out, "Cache-Control", plan_->cache_control);
  end(200, completed);
  client_.send(merged_);
}

unsigned Exchange::error_status() const {
  if (!graph_->settings.gateway_status_codes) return 500;
  unsigned status = 500;
  for (std::size_t i = 0; i < plan_->backends.size(); ++i) {
    if (!parts_[i].error) continue;
    switch (parts_[i].error->kind) {
      case Kind::timeout:
        return 504;
      case Kind::unavailable:
        status = std::max(status, 503u);
        break;
      case Kind::connect:
      case Kind::tls:
      case Kind::reset:
      case Kind::status:
      case Kind::decode:
      case Kind::too_large:
      case Kind::protocol:
        status = status == 503 ? 503 : 502;
        break;
      default:
        break;
    }
  }
  return status;
}

// No backend gave anything. `only` is the part of an endpoint with one backend, whose own status
// may be passed on.
void Exchange::answer_error(const Part* only) {
  std::string text;
  for (std::size_t i = 0; i < plan_->backends.size(); ++i) {
    if (!parts_[i].error) continue;
    if (!text.empty()) text += '\n';
    const bool own_text = parts_[i].error->kind == Kind::status && plan_->backends[i].error_code;
    text += own_text ? parts_[i].decoded : parts_[i].error->message;
  }
  unsigned status = error_status();
  std::string_view type = kText;
  if (only && only->error && only->error->kind == Kind::status && plan_->backends[0].error_code) {
    status = only->call->status();
    type = only->call->content_type().empty() ? codec::sniff_content_type(text)
                                              : only->call->content_type();
  }
  if (!graph_->settings.return_error_msg) text.clear();
  answer_plain(status, type, text, true);
}

void Exchange::answer_plain(unsigned status, std::string_view content_type, std::string_view text,
                            bool gateway_fields) {
  std::string& out = client_.begin(status);
  if (!text.empty()) put(out, "Content-Type", content_type);
  if (gateway_fields) append_gateway_fields(out, false);
  end(status, false);
  client_.send(text);
}

// The head of a streamed (no-op) answer: status and fields of the backend but for what belongs to
// its connection.
void Exchange::on_call_head(backend::Call& call) {
  const http::ResponseHead& head = call.head();
  const compile::Settings& settings = graph_->settings;
  const http::Field* asked = request_.head->fields.find(FieldId::accept_encoding);
  const bool client_asked = asked && plan_->input_headers.has_field("accept-encoding");
  unpack_stream_ =
      call.gzip() && settings.compression && !client_asked && head.body != http::BodyKind::none;
  if (unpack_stream_) gunzip_ = std::make_unique<codec::Gunzip>(gunzip_limits(settings));

  std::string& out = client_.begin(head.status);
  append_gateway_fields(out, false);
  for (const http::Field& field : head.fields) {
    if (http::hop_by_hop(field, head.fields) || field.id == FieldId::content_length ||
        field.id == FieldId::date)
      continue;
    if (unpack_stream_ && field.id == FieldId::content_encoding) continue;
    put_canonical(out, field.name, field.value);
  }
  sniff_stream_ =
      !head.fields.find(FieldId::content_type) && !head.fields.find(FieldId::content_encoding);
  outcome_.status = head.status;
  stream_length_.reset();
  // The length of an answer to HEAD is for clients that sent HEAD themselves: another would wait
  // for the body.
  if (head.body == http::BodyKind::none)
    stream_length_ = request_.head->method_id == http::Method::head ? head.content_length : 0;
  else if (head.body == http::BodyKind::length && !unpack_stream_)
    stream_length_ = head.content_length;
}

void Exchange::open_stream(std::string_view first_piece) {
  stream_open_ = true;
  if (sniff_stream_ && !first_piece.empty())
    put(client_.head(), "Content-Type", codec::sniff_content_type(first_piece));
  client_.stream(stream_length_);
}

}  // namespace ropewalk::proxy
