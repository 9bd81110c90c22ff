// The answer of one backend: unpacked, judged by its status, shaped by the backend's rules.
#include "dataplane/codec/feed.h"
#include "dataplane/codec/gunzip.h"
#include "dataplane/codec/xml.h"
#include "dataplane/json/flatmap.h"
#include "dataplane/json/scanner.h"
#include "dataplane/json/scratch.h"
#include "dataplane/proxy/leg.h"

#include <algorithm>

namespace ropewalk::proxy {

using config::v1::Encoding;

namespace {

// Of documents that are not JSON; bounds the stack, because trees are walked by recursion.
constexpr std::size_t kMaxTreeDepth = 2000;

// The first character that is no blank, 0 without one.
char first_of(std::string_view text) {
  const std::size_t at = text.find_first_not_of(" \t\r\n");
  return at == std::string_view::npos ? '\0' : text[at];
}

}  // namespace

Result<std::string_view> Leg::unpacked_body() {
  if (!call_.gzip() || !job_.unpacks) return call_.body();
  if (call_.body().empty() && !job_.plan->empty_body.empty()) return call_.body();
  if (auto unpacked = unpack(call_.body(), call_.cut()); !unpacked)
    return std::unexpected(std::move(unpacked.error()));
  return decoded_;
}

Result<void> Leg::unpack(std::string_view body, bool cut) {
  const compile::Settings& settings = job_.graph->settings;
  decoded_.clear();
  codec::Gunzip gunzip({settings.max_decompressed, settings.max_decompression_ratio});
  auto fed = gunzip.feed(body, decoded_);
  if (fed && !cut) fed = gunzip.finish();
  if (fed) decoded_.reserve(decoded_.size() + json::kPadding);
  return fed;
}

// Of a status that does not count no body is read, unless it is shown. Of the others KrakenD's
// decoders read one value and do not look further.
bool Leg::suffices(backend::Call& call, std::string_view come) {
  const compile::BackendPlan& plan = *job_.plan;
  if (!plan.accepts(call.status()))
    return chain_.empty() && plan.error_details.empty() && !plan.error_code;
  if (call.gzip() && job_.unpacks) {
    if (!unpack(come, true)) return false;
    come = decoded_;
  }
  const char kind = first_of(come);
  if (kind == '\0') return false;
  if (plan.encoding == Encoding::ENCODING_XML)
    return codec::decode_xml(come, kMaxTreeDepth).has_value();
  std::vector<char> levels;
  const auto scanned = json::scan(come, job_.graph->settings.max_json_depth, levels);
  if (!scanned) return false;
  // What has no bracket ends where something else begins.
  return kind == '{' || kind == '[' ||
         scanned->value.data() + scanned->value.size() < come.data() + come.size();
}

// The error of a status that does not count, and what return_error_details shows of it.
Error Leg::status_error(std::string_view body, unsigned status) {
  const compile::BackendPlan& plan = *job_.plan;
  std::string url;
  if (const compile::Host* host = call_.host()) url = host->url + host->base_path;
  Error error{Kind::status,
              Origin::backend,
              Retry::no,
              "invalid status code " + std::to_string(status) + " [" +
                  (plan.method.empty() ? std::string(call_request_.method) : plan.method) + " " +
                  plan.pattern_text + "]: " + url + call_request_.target,
              0,
              {}};
  if (stayed_) error.message += " (a redirect to another host, not followed)";
  if (plan.error_details.empty()) {
    if (body.data() != decoded_.data()) decoded_.assign(body);
    return error;
  }
  std::string text = "{\"http_status_code\":" + std::to_string(status);
  if (!body.empty()) {
    text += ",\"http_body\":";
    json::append_string(text, body);
  }
  if (!content_type().empty()) {
    text += ",\"http_body_encoding\":";
    json::append_string(text, content_type());
  }
  text += '}';
  decoded_ = std::move(text);
  error_key_ = "error_" + plan.error_details;
  error_member_ = {error_key_, decoded_, {}};
  partial_ = {true, {&error_member_, 1}, {}};
  return error;
}

std::string_view Leg::padded(std::string text) {
  text.reserve(text.size() + json::kPadding);
  json_ = std::move(text);
  return json_;
}

// The body as JSON text. Of a text the bytes are remembered, for an output that is a text as well.
Result<std::string_view> Leg::as_json(std::string_view body) {
  const compile::BackendPlan& plan = *job_.plan;
  const std::size_t max_depth = std::min(job_.graph->settings.max_json_depth, kMaxTreeDepth);
  Result<json::Value> tree;
  switch (plan.encoding) {
    case Encoding::ENCODING_XML:
      tree = codec::decode_xml(body, max_depth);
      break;
    case Encoding::ENCODING_RSS:
      tree = codec::decode_feed(body, max_depth);
      break;
    case Encoding::ENCODING_STRING: {
      if (plan.flatmap.empty()) raw_text_ = body;
      std::string wrapped = "{\"content\":";
      json::append_string(wrapped, body);
      wrapped += '}';
      return padded(std::move(wrapped));
    }
    case Encoding::ENCODING_SAFEJSON: {
      const char kind = first_of(body);
      if (kind == '{' || kind == '[' || kind == '\0') return body;
      // The first value; what follows it is ignored.
      const auto scanned = json::scan(body, max_depth, worker_.scratch.levels);
      if (!scanned) return std::unexpected(scanned.error());
      return padded("{\"content\":" + std::string(scanned->value) + "}");
    }
    default:
      return body;
  }
  if (!tree) return std::unexpected(std::move(tree.error()));
  std::string text = plan.wraps_tree ? "{\"collection\":" : "";
  json::write(text, *tree);
  if (plan.wraps_tree) text += '}';
  return padded(std::move(text));
}

Result<json::Partial> Leg::project(std::string_view body) {
  const compile::BackendPlan& plan = *job_.plan;
  const bool replaced = !plan.empty_body.empty() && first_of(body) == '\0';
  const auto text = replaced ? padded(plan.empty_body) : as_json(body);
  if (!text) return std::unexpected(text.error());
  const json::Projection* projection = &plan.projection;
  if (plan.list_projection && first_of(*text) == '[') projection = &*plan.list_projection;
  auto partial = projection->run(*text, worker_.scratch, job_.graph->settings.max_json_depth);
  return partial && !plan.flatmap.empty() ? run_flatmap(*partial) : partial;
}

// In place of allow, deny and mapping; the group comes after it.
Result<json::Partial> Leg::run_flatmap(const json::Partial& target) {
  static const json::Projection kEverything{json::Rules{}};
  const compile::BackendPlan& plan = *job_.plan;
  json::Value data;
  if (target.has_data) {
    std::string text;
    json::append_merged(text, {&target, 1}, worker_.scratch);
    auto parsed = json::parse(text, job_.graph->settings.max_json_depth);
    if (!parsed) return std::unexpected(std::move(parsed.error()));
    data = std::move(*parsed);
  }
  json::run_flatmap(plan.flatmap, data);
  if (!plan.flatmap_group.empty()) {
    json::Value group = json::Value::object();
    group.set(plan.flatmap_group, std::move(data));
    data = std::move(group);
  }
  return kEverything.run(padded(json::to_string(data)), worker_.scratch,
                         job_.graph->settings.max_json_depth);
}

}  // namespace ropewalk::proxy
