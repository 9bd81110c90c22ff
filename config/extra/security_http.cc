#include "config/extra/security_http.h"

#include "config/strict.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

namespace ropewalk::config {
namespace {

using nlohmann::json;

constexpr std::array kFlags{"allowed_hosts_are_regex", "ssl_redirect",  "force_sts_header",
                            "sts_include_subdomains",  "frame_deny",    "content_type_nosniff",
                            "browser_xss_filter",      "is_development"};
constexpr std::array kFieldValues{"custom_frame_options_value", "content_security_policy",
                                  "referrer_policy"};

bool field_value(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

// What goes into a head must not end its line.
void read_field_values(StrictReader& block, json& out) {
  for (const char* key : kFieldValues) {
    std::string value = block.text(key);
    if (!field_value(value))
      block.diagnostics().refuse(block.path_of(key), "a header value has no control characters");
    if (!value.empty()) out[key] = std::move(value);
  }
}

void read_allowed_hosts(StrictReader& block, json& out) {
  std::vector<std::string> hosts = block.texts("allowed_hosts");
  if (hosts.empty()) return;
  if (out.contains("allowed_hosts_are_regex"))
    for (std::size_t i = 0; i < hosts.size(); ++i)
      block.check_expression("^" + hosts[i] + "$", child(block.path_of("allowed_hosts"), i));
  out["allowed_hosts"] = std::move(hosts);
}

}  // namespace

std::string read_security_http(const ExtraValue& extra, Diagnostics& diagnostics) {
  StrictReader block(extra, diagnostics);
  json out = json::object();
  for (const char* key : kFlags)
    if (block.flag(key)) out[key] = true;
  read_field_values(block, out);
  read_allowed_hosts(block, out);
  if (auto names = block.texts("host_proxy_headers"); !names.empty())
    out["host_proxy_headers"] = std::move(names);
  std::string host = block.text("ssl_host");
  if (!field_value(host) || host.find_first_of("/?# ") != std::string::npos)
    diagnostics.refuse(block.path_of("ssl_host"), "expected a host name, got " + shown(host));
  if (!host.empty()) out["ssl_host"] = std::move(host);
  for (auto& [name, value] : block.text_map("ssl_proxy_headers"))
    out["ssl_proxy_headers"][name] = std::move(value);
  if (const auto seconds = block.integer("sts_seconds", 0, std::numeric_limits<int>::max()))
    out["sts_seconds"] = seconds;
  for (const char* key : {"hpkp_public_key", "public_key"})
    block.ignore(key, "without effect: no browser pins keys any more");
  block.finish();
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace ropewalk::config
