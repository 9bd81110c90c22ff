#include "dataplane/filters/security_http/security_http.h"

#include "common/strings.h"
#include "dataplane/filters/security_http/redirect.h"
#include "dataplane/pipeline/block.h"
#include "dataplane/pipeline/gate.h"

#include <re2/re2.h>

#include <algorithm>

namespace ropewalk::filters {
namespace {

using pipeline::Passage;
using pipeline::put_field;
using pipeline::Step;

class SecurityHttp final : public pipeline::Gate {
 public:
  static Result<std::shared_ptr<const pipeline::Gate>> make(const json::Value& block);

  Step run(Passage& passage) const override {
    const http::RequestHead& head = *passage.head;
    const std::string_view host = host_of(head);
    if (!allowed(host)) {
      put_field(passage.answer_fields, "X-Content-Type-Options", "nosniff");
      passage.answer(500, "text/plain; charset=utf-8", "Bad Host\n");
      return Step::done;
    }
    const bool secure = passage.tls || behind_tls(head);
    if (redirect_ && !secure) {
      redirect(passage, ssl_host_.empty() ? host : std::string_view(ssl_host_));
      return Step::done;
    }
    if (!sts_.empty() && (secure || force_sts_))
      put_field(passage.answer_fields, "Strict-Transport-Security", sts_);
    passage.answer_fields += fields_;
    return Step::next;
  }

 private:
  std::string_view host_of(const http::RequestHead& head) const {
    for (const std::string& name : host_headers_) {
      const http::Field* field = pipeline::find_field(head.fields, name);
      if (field && !field->value.empty()) return field->value;
    }
    return head.host;
  }

  bool allowed(std::string_view host) const {
    if (hosts_.empty() && expressions_.empty()) return true;
    return std::ranges::any_of(hosts_, [&](const auto& one) { return iequals(one, host); }) ||
           std::ranges::any_of(expressions_, [&](const auto& expression) {
             return RE2::PartialMatch(re2::StringPiece(host.data(), host.size()), *expression);
           });
  }

  // Only the first field of a name counts.
  bool behind_tls(const http::RequestHead& head) const {
    return std::ranges::any_of(proxy_headers_, [&](const auto& entry) {
      const http::Field* field = pipeline::find_field(head.fields, entry.first);
      return (field ? field->value : std::string_view()) == entry.second;
    });
  }

  static void redirect(Passage& passage, std::string_view host) {
    const http::RequestHead& head = *passage.head;
    const std::string location = https_location(host, head);
    put_field(passage.answer_fields, "Location", location);
    const bool get = head.method_id == http::Method::get;
    const bool page = get || head.method_id == http::Method::head;
    passage.answer(301, page ? "text/html; charset=utf-8" : "",
                   get ? redirect_page(location) : std::string());
  }

  std::vector<std::string> hosts_;
  std::vector<std::unique_ptr<RE2>> expressions_;
  std::vector<std::string> host_headers_;
  std::vector<std::pair<std::string, std::string>> proxy_headers_;
  std::string ssl_host_;
  bool redirect_ = false;
  std::string sts_;
  bool force_sts_ = false;
  std::string fields_;  // the other headers, the same for every answer
};

std::string sts_value(const json::Value& block) {
  const std::int64_t seconds = pipeline::number_of(block, "sts_seconds");
  if (seconds == 0) return {};
  return "max-age=" + std::to_string(seconds) +
         (pipeline::flag_of(block, "sts_include_subdomains") ? "; includeSubDomains" : "");
}

std::string constant_fields(const json::Value& block) {
  std::string out;
  const std::string frame = pipeline::text_of(block, "custom_frame_options_value");
  if (!frame.empty())
    put_field(out, "X-Frame-Options", frame);
  else if (pipeline::flag_of(block, "frame_deny"))
    put_field(out, "X-Frame-Options", "DENY");
  if (pipeline::flag_of(block, "content_type_nosniff"))
    put_field(out, "X-Content-Type-Options", "nosniff");
  if (pipeline::flag_of(block, "browser_xss_filter"))
    put_field(out, "X-Xss-Protection", "1; mode=block");
  if (const auto policy = pipeline::text_of(block, "content_security_policy"); !policy.empty())
    put_field(out, "Content-Security-Policy", policy);
  if (const auto policy = pipeline::text_of(block, "referrer_policy"); !policy.empty())
    put_field(out, "Referrer-Policy", policy);
  return out;
}

Result<std::shared_ptr<const pipeline::Gate>> SecurityHttp::make(const json::Value& block) {
  auto gate = std::make_shared<SecurityHttp>();
  gate->fields_ = constant_fields(block);
  // While a site is developed neither hosts nor TLS are demanded.
  if (pipeline::flag_of(block, "is_development")) return gate;
  gate->host_headers_ = pipeline::texts_of(block, "host_proxy_headers");
  gate->proxy_headers_ = pipeline::text_map_of(block, "ssl_proxy_headers");
  gate->redirect_ = pipeline::flag_of(block, "ssl_redirect");
  gate->ssl_host_ = pipeline::text_of(block, "ssl_host");
  gate->sts_ = sts_value(block);
  gate->force_sts_ = pipeline::flag_of(block, "force_sts_header");
  gate->hosts_ = pipeline::texts_of(block, "allowed_hosts");
  if (!pipeline::flag_of(block, "allowed_hosts_are_regex")) return gate;
  RE2::Options options;
  options.set_log_errors(false);
  for (const std::string& host : std::exchange(gate->hosts_, {})) {
    // Without brackets, as KrakenD does: "a|b" is "^a" or "b$".
    auto expression = std::make_unique<RE2>("^" + host + "$", options);
    if (!expression->ok()) return fail(Kind::config, "allowed_hosts: " + expression->error());
    gate->expressions_.push_back(std::move(expression));
  }
  return gate;
}

}  // namespace

Result<std::shared_ptr<const pipeline::Gate>> make_security_http(const pipeline::Site& site) {
  const auto block = json::parse(site.text);
  if (!block) return std::unexpected(block.error());
  return SecurityHttp::make(*block);
}

}  // namespace ropewalk::filters
