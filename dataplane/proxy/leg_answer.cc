// The answer of one backend: unpacked, judged by its status, shaped by the backend's rules.
#include "dataplane/codec/gunzip.h"
#include "dataplane/proxy/leg.h"

namespace ropewalk::proxy {

using config::v1::Encoding;

Result<std::string_view> Leg::unpacked_body() {
  if (!call_.gzip() || !job_.unpacks) return call_.body();
  const compile::Settings& settings = job_.graph->settings;
  decoded_.clear();
  codec::Gunzip gunzip({settings.max_decompressed, settings.max_decompression_ratio});
  auto fed = gunzip.feed(call_.body(), decoded_);
  if (fed) fed = gunzip.finish();
  if (!fed) return std::unexpected(std::move(fed.error()));
  decoded_.reserve(decoded_.size() + json::kPadding);
  return decoded_;
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
                  std::string(call_request_.method) + " " + plan.pattern_text + "]: " + url +
                  call_request_.target,
              0,
              {}};
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

Result<json::Partial> Leg::project(std::string_view body) {
  const compile::BackendPlan& plan = *job_.plan;
  const json::Projection* projection = &plan.projection;
  if (plan.encoding == Encoding::ENCODING_STRING || plan.encoding == Encoding::ENCODING_SAFEJSON) {
    const std::size_t first = body.find_first_not_of(" \t\r\n");
    const char kind = first == std::string_view::npos ? '\0' : body[first];
    const bool text = plan.encoding == Encoding::ENCODING_STRING;
    if (!text && kind == '[') projection = &*plan.list_projection;
    if (text || (kind != '{' && kind != '[' && kind != '\0')) {
      std::string wrapped = "{\"content\":";
      if (text)
        json::append_string(wrapped, body);
      else
        wrapped += body;
      wrapped += '}';
      wrapped.reserve(wrapped.size() + json::kPadding);
      decoded_ = std::move(wrapped);
      body = decoded_;
    }
  }
  return projection->run(body, worker_.scratch, job_.graph->settings.max_json_depth);
}

}  // namespace ropewalk::proxy
