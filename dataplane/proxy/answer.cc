// What the client gets: KrakenD's statuses, fields and texts.
#include "dataplane/codec/gunzip.h"
#include "dataplane/codec/negotiate.h"
#include "dataplane/codec/sniff.h"
#include "dataplane/codec/xml.h"
#include "dataplane/codec/yaml.h"
#include "dataplane/http/writer.h"
#include "dataplane/json/flatmap.h"
#include "dataplane/proxy/exchange.h"
#include "dataplane/proxy/fields.h"
#include "dataplane/proxy/static_answer.h"

#include <algorithm>

namespace ropewalk::proxy {
namespace {

using config::v1::Encoding;
using http::FieldId;

constexpr std::string_view kJson = "application/json; charset=utf-8";
constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr std::string_view kXml = "application/xml";
constexpr std::string_view kYaml = "application/yaml; charset=utf-8";

}  // namespace

void Exchange::append_gateway_fields(std::string& out, bool completed) {
  put(out, "X-Krakend", graph_->identity.version_header);
  put(out, "X-Krakend-Completed", completed ? "true" : "false");
  if (!graph_->identity.compat) put(out, "X-Request-Id", passage_->request_id);
}

// All that will come has come.
void Exchange::answer() {
  const std::size_t count = plan_->backends.size();
  if (plan_->output == Encoding::ENCODING_NO_OP && !parts_[0].error && parts_[0].leg) {
    account();
    response.raw = true;
    response.status = parts_[0].leg->response.status;
    response.headers = parts_[0].leg->response.headers;
    response.body = std::move(parts_[0].leg->response.body);
    if (chain_.empty()) return answer_raw(response);
    return ascend();
  }
  json::clear(worker_.scratch);
  for (std::size_t i = 0; i < count; ++i) {
    Part& part = parts_[i];
    if (!part.leg || !part.settled) continue;
    part.leg->evaluate();
    part.error = part.leg->failure();
  }
  account();
  json::Value data;
  bool answered = merge();
  const bool shaped = !plan_->flatmap.empty() || plan_->fixed;
  if (shaped) answered = shape(answered, data);
  if (!answered) {
    if (chain_.empty()) return answer_error();
    const auto failed =
        std::ranges::find_if(parts_, [](const Part& part) { return part.error.has_value(); });
    error = *failed->error;
    chain_.fail(*this);
    // The backends' own, unless a filter has put another in its place.
    if (error.status == failed->error->status && error.message == failed->error->message)
      error = {};
    return answer_error();
  }
  if (chain_.empty() && !shaped) {
    if (output() == Encoding::ENCODING_JSON) return write(kJson, merged_);
    if (output() == Encoding::ENCODING_STRING)
      if (const auto raw = raw_content()) return write(kText, *raw);
    if (output() == Encoding::ENCODING_JSON_COLLECTION) {
      // As the backend wrote it.
      std::string_view collection = "[]";
      for (const json::Partial& partial : partials_)
        for (const json::Member& member : partial.members)
          if (member.key == "collection") collection = member.value;
      if (!collection.starts_with('"')) return write(kJson, collection);
    }
  }
  if (!shaped)
    if (auto parsed = json::parse(merged_)) data = std::move(*parsed);
  if (chain_.empty()) return render(data);
  response.raw = false;
  response.status = 0;
  response.headers.clear();
  if (const http::Fields* fields = fields_of_filters()) response.headers = *fields;
  response.data = std::move(data);
  // Whole, though it may have nothing in it yet.
  response.complete = whole_;
  // KrakenD hands such an answer on with an error beside it.
  if (errored_)
    error = *std::ranges::find_if(parts(), [](const Part& part) {
               return part.error && (!part.leg || part.leg->details_key().empty());
             })->error;
  ascend();
}

// What the configuration makes of the merged answer: its flatmap (on partial data too, or a field
// that it deletes would leak while another backend fails), then its static data. False when there
// is no answer still.
bool Exchange::shape(bool answered, json::Value& data) {
  if (answered) {
    if (auto parsed = json::parse(merged_)) data = std::move(*parsed);
    json::run_flatmap(plan_->flatmap, data);
  }
  const AnswerState state{answered, answered && whole_, !answered || errored_};
  whole_ = state.complete;
  fixed_added_ = plan_->fixed && applies(plan_->fixed->when, state);
  if (fixed_added_) add_fixed(data, *plan_->fixed);
  completed_ = state.complete && data.is_object() && !data.members().empty();
  return answered || fixed_added_;
}

// The bytes under `content`, where a backend's text is the answer as it came.
std::optional<std::string_view> Exchange::raw_content() const {
  std::optional<std::string_view> out;
  for (const Part& part : parts()) {
    if (!part.leg) continue;
    const bool raw = !part.error && !part.leg->filtered() && part.leg->raw_text().data();
    for (const json::Member& member : part.leg->partial().members) {
      if (member.key != "content") continue;
      out.reset();
      if (raw && member.value.starts_with('"')) out = part.leg->raw_text();
    }
  }
  return out;
}

// Into merged_ and completed_; false when no backend gave anything.
bool Exchange::merge() {
  const std::size_t count = plan_->backends.size();
  partials_.clear();
  bool complete = true;
  bool any_error = false;
  errored_ = false;
  for (std::size_t i = 0; i < count; ++i) {
    const Part& part = parts_[i];
    any_error |= part.error.has_value();
    errored_ |= part.error && (!part.leg || part.leg->details_key().empty());
    // Of several answers a null one is missing.
    complete &= !part.error && part.leg && (count == 1 || part.leg->partial().has_data);
    if (!part.leg || (part.error && part.leg->partial().members.empty())) continue;
    partials_.push_back(part.leg->partial());
    if (plan_->concurrent_calls > 1 || part.leg->filtered()) complete &= part.leg->complete();
  }
  // The first failure of a sequence is the answer.
  if (plan_->sequential && parts_[0].error && parts_[0].leg && parts_[0].leg->failed())
    partials_.clear();
  if (partials_.empty()) return false;
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
  if (null && empty)
    merged_ = "null";
  else
    json::append_merged(merged_, partials_, worker_.scratch);
  whole_ = complete;
  completed_ = complete && !empty;
  return true;
}

void Exchange::ascend() {
  switch (chain_.up(*this, 0)) {
    case pipeline::Step::wait:
      return;
    case pipeline::Step::fail:
      return answer_error();
    default:
      break;
  }
  if (response.raw) return answer_raw(response);
  completed_ = response.complete && response.data.is_object() && !response.data.members().empty();
  render(response.data);
}

// negotiate is settled by what the client accepts.
Encoding Exchange::output() const {
  if (plan_->output != Encoding::ENCODING_NEGOTIATE) return plan_->output;
  switch (codec::negotiate(passage_->head->fields.value(FieldId::accept))) {
    case codec::Negotiated::xml:
      return Encoding::ENCODING_XML;
    case codec::Negotiated::yaml:
      return Encoding::ENCODING_YAML;
    default:
      return Encoding::ENCODING_JSON;
  }
}

void Exchange::render(const json::Value& data) {
  switch (const Encoding encoding = output()) {
    case Encoding::ENCODING_JSON_COLLECTION: {
      const json::Value* collection = data.find("collection");
      if (!collection || !collection->is_string())
        return write(kJson, collection ? json::to_string(*collection) : "[]");
      std::string text;  // escaped as Go does
      json::append_string(text, collection->string());
      return write(kJson, text);
    }
    case Encoding::ENCODING_STRING: {
      const json::Value* content = data.find("content");
      return write(kText, content && content->is_string() ? content->string() : "");
    }
    case Encoding::ENCODING_XML:
    case Encoding::ENCODING_YAML:
      return render_tree(encoding, data);
    default:
      return write(kJson, json::to_string(data));
  }
}

void Exchange::render_tree(Encoding encoding, const json::Value& data) {
  std::vector<std::string_view> details;
  for (const Part& part : parts())
    if (part.leg && !part.leg->details_key().empty()) details.push_back(part.leg->details_key());
  std::vector<std::string_view> floats;
  if (fixed_added_)
    for (const json::Value::Member& member : plan_->fixed->data.members())
      floats.push_back(member.key);
  const std::size_t most = graph_->settings.max_decompressed;
  const bool xml = encoding == Encoding::ENCODING_XML;
  auto text = xml ? codec::encode_xml(data, {most, details})
                  : codec::encode_yaml(data, {most, details, floats});
  if (text) return write(xml ? kXml : kYaml, *text);
  if (!graph_->settings.return_error_msg) text.error().message.clear();
  answer_plain(500, kText, text.error().message, true);
}

// What the filters of the only backend set; the answers of several have none.
const http::Fields* Exchange::fields_of_filters() const {
  if (plan_->backends.size() != 1 || !parts_[0].leg || !parts_[0].leg->filtered()) return nullptr;
  return &parts_[0].leg->response.headers;
}

void Exchange::write(std::string_view content_type, std::string_view body) {
  const http::Fields* fields = chain_.empty() ? fields_of_filters() : &response.headers;
  const http::Field* type = fields ? fields->find(FieldId::content_type) : nullptr;
  if (!completed_) ++state_->counters->partial;
  const unsigned status = !chain_.empty() && response.status ? response.status : 200;
  std::string& out = client_.begin(status);
  put(out, "Content-Type", type ? type->value : content_type);
  append_gateway_fields(out, completed_);
  if (completed_ && !plan_->cache_control.empty()) put(out, "Cache-Control", plan_->cache_control);
  if (fields)
    for (const http::Field& field : *fields)
      if (field.id != FieldId::content_type) put_canonical(out, field.name, field.value);
  end(status, completed_);
  client_.send(body);
}

// A no-op answer that was held whole.
void Exchange::answer_raw(const pipeline::Response& raw) {
  std::string& out = client_.begin(raw.status);
  append_gateway_fields(out, false);
  bool typed = false;
  for (const http::Field& field : raw.headers) {
    if (field.id == FieldId::content_length || field.id == FieldId::date ||
        field.id == FieldId::transfer_encoding || field.id == FieldId::connection)
      continue;
    typed |= field.id == FieldId::content_type || field.id == FieldId::content_encoding;
    put_canonical(out, field.name, field.value);
  }
  if (!typed && !raw.body.empty() && !http::bodyless(raw.status))
    put(out, "Content-Type", codec::sniff_content_type(raw.body));
  end(raw.status, false);
  client_.send(raw.body);
}

unsigned Exchange::error_status() const {
  if (!graph_->settings.gateway_status_codes) return 500;
  unsigned status = 500;
  for (std::size_t i = 0; launched_ && i < plan_->backends.size(); ++i) {
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

// No backend gave anything, or a filter ended it (Flow::error).
void Exchange::answer_error() {
  const bool by_filter = !chain_.empty() && (error.status != 0 || !error.message.empty());
  std::string text;
  if (by_filter) text = error.message;
  const std::size_t count = launched_ ? plan_->backends.size() : 0;
  for (std::size_t i = 0; i < count && !by_filter; ++i) {
    if (!parts_[i].error) continue;
    if (!text.empty()) text += '\n';
    const bool own_text =
        parts_[i].error->kind == Kind::status && plan_->backends[i].error_code && parts_[i].leg;
    text += own_text ? parts_[i].leg->refused_body() : parts_[i].error->message;
    if (plan_->sequential) break;
  }
  unsigned status = error_status();
  std::string_view type = kText;
  bool typed = false;
  const Error* only = by_filter                                              ? &error
                      : (count == 1 || plan_->sequential) && parts_[0].error ? &*parts_[0].error
                                                                             : nullptr;
  if (only && only->status) {
    status = only->status;
    if (!only->content_type.empty()) type = only->content_type;
  } else if (only && only->kind == Kind::status && count > 0 && parts_[0].leg &&
             plan_->backends[0].error_code) {
    status = parts_[0].leg->status();
    type = parts_[0].leg->content_type().empty() ? codec::sniff_content_type(text)
                                                 : std::string_view(parts_[0].leg->content_type());
    // The backend's own type stands beside an empty body too.
    typed = graph_->settings.return_error_msg && !parts_[0].leg->content_type().empty();
  }
  if (!graph_->settings.return_error_msg && !(only && !only->content_type.empty())) text.clear();
  answer_plain(status, type, text, true, typed);
}

void Exchange::answer_plain(unsigned status, std::string_view content_type, std::string_view text,
                            bool gateway_fields, bool typed) {
  if (http::bodyless(status)) text = {};
  std::string& out = client_.begin(status);
  if (!text.empty() || typed) put(out, "Content-Type", content_type);
  if (gateway_fields) append_gateway_fields(out, false);
  end(status, false);
  client_.send(text);
}

bool Exchange::client_asked_for_gzip() const {
  return passage_->head->fields.find(FieldId::accept_encoding) &&
         plan_->input_headers.has_field("accept-encoding");
}

// The head of a streamed (no-op) answer: status and fields of the backend but for what belongs to
// its connection.
void Exchange::on_leg_head(Leg& leg, const http::ResponseHead& head) {
  const compile::Settings& settings = graph_->settings;
  unpack_stream_ = leg.call().gzip() && settings.compression && !client_asked_for_gzip() &&
                   head.body != http::BodyKind::none;
  if (unpack_stream_)
    gunzip_ = std::make_unique<codec::Gunzip>(
        codec::GunzipLimits{settings.max_decompressed, settings.max_decompression_ratio});
  // Filters of the endpoint see the answer of the only backend.
  const bool filtered = leg.filtered() || !chain_.empty();
  if (!chain_.empty()) {
    response.raw = true;
    response.status = leg.filtered() ? leg.response.status : head.status;
    response.headers = leg.filtered() ? leg.response.headers : head.fields;
    response.headers.erase_if(
        [&head](const http::Field& field) { return http::hop_by_hop(field, head.fields); });
    response.body.clear();
    const pipeline::Step step = chain_.up(*this, 0);
    if (step == pipeline::Step::wait) {
      forget();
      error = waits_in_stream();
      chain_.fail(*this);
    }
    if (step != pipeline::Step::next) {
      leg.cancel(error);
      return answer_error();
    }
  }
  const pipeline::Response& seen = chain_.empty() ? leg.response : response;
  const unsigned status = filtered ? seen.status : head.status;
  const http::Fields& fields = filtered ? seen.headers : head.fields;
  std::string& out = client_.begin(status);
  append_gateway_fields(out, false);
  for (const http::Field& field : fields) {
    if (http::hop_by_hop(field, fields) || field.id == FieldId::content_length ||
        field.id == FieldId::date)
      continue;
    if (unpack_stream_ && field.id == FieldId::content_encoding) continue;
    put_canonical(out, field.name, field.value);
  }
  sniff_stream_ = !fields.find(FieldId::content_type) && !fields.find(FieldId::content_encoding);
  outcome_.status = status;
  stream_length_.reset();
  // The length of an answer to HEAD is for clients that sent HEAD themselves: another would wait
  // for the body.
  if (head.body == http::BodyKind::none)
    stream_length_ = passage_->head->method_id == http::Method::head ? head.content_length : 0;
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
