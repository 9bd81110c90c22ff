#include "config/service.h"

#include "config/blocks.h"
#include "config/extra/limits.h"
#include "config/extra/router.h"
#include "config/host.h"
#include "config/lint.h"
#include "config/tls.h"

#include <arpa/inet.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <limits>

namespace ropewalk::config {
namespace {

constexpr std::int64_t kMost32 = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kDefaultTimeout = 2'000'000'000;

void check_version(Reader& root) {
  const auto version = root.integer("version", std::numeric_limits<std::int64_t>::min(),
                                    std::numeric_limits<std::int64_t>::max());
  if (version == 3) return;
  std::string message = "unsupported version: " + std::to_string(version) + " (want: 3)";
  if (version == 1 || version == 2)
    message += "; ropewalk migrate -c FILE prints the file of version 3";
  root.diagnostics().refuse("version", message);
}

// Negative server timeouts mean none, as for Go's server.
std::int64_t wait(Reader& root, std::string_view key) {
  return std::max<std::int64_t>(0, root.duration(key));
}

// Beyond 32 bits as good as no bound.
std::uint32_t count(Reader& root, std::string_view key) {
  using Limits = std::numeric_limits<std::int64_t>;
  const std::int64_t value = root.integer(key, Limits::min(), Limits::max());
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(value, 0, kMost32));
}

void read_listener(Reader& root, v1::Service& out) {
  out.set_port(static_cast<std::uint32_t>(root.integer("port", 0, 65535)));
  out.set_listen_ip(root.text("listen_ip"));
  std::array<unsigned char, 16> address{};
  const char* ip = out.listen_ip().c_str();
  if (*ip != 0 && inet_pton(AF_INET, ip, address.data()) != 1 &&
      inet_pton(AF_INET6, ip, address.data()) != 1)
    root.diagnostics().refuse("listen_ip",
                              "expected an IPv4 or IPv6 address, got \"" + out.listen_ip() + "\"");
  out.set_read_timeout_ns(wait(root, "read_timeout"));
  out.set_write_timeout_ns(wait(root, "write_timeout"));
  out.set_idle_timeout_ns(wait(root, "idle_timeout"));
  out.set_read_header_timeout_ns(wait(root, "read_header_timeout"));
  out.set_max_header_bytes(count(root, "max_header_bytes"));
  out.set_max_shutdown_wait_ns(wait(root, "max_shutdown_wait_time"));
}

void read_transport(Reader& root, v1::Transport& out) {
  out.set_max_idle_connections(count(root, "max_idle_connections"));
  out.set_max_idle_connections_per_host(count(root, "max_idle_connections_per_host"));
  out.set_idle_connection_timeout_ns(wait(root, "idle_connection_timeout"));
  out.set_response_header_timeout_ns(wait(root, "response_header_timeout"));
  out.set_dialer_timeout_ns(wait(root, "dialer_timeout"));
  out.set_dialer_keep_alive_ns(root.duration("dialer_keep_alive"));
  out.set_dialer_fallback_delay_ns(root.duration("dialer_fallback_delay"));
  out.set_disable_keep_alives(root.flag("disable_keep_alives"));
  out.set_disable_compression(root.flag("disable_compression"));
  const std::int64_t ttl = root.duration("dns_cache_ttl");
  constexpr std::int64_t kLeast = 1'000'000'000;
  out.set_dns_cache_ttl_ns(ttl >= kLeast ? ttl : 0);
  if (ttl != 0 && ttl < kLeast)
    root.diagnostics().warn("dns_cache_ttl", "ignored: values under 1s do not count");
  wait(root, "expect_continue_timeout");
  root.ignore("expect_continue_timeout", "no effect: backends are never asked to say 100-continue");
}

void read_hosts(Reader& root, Defaults& out) {
  const std::vector<std::string> hosts = root.texts("host");
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    auto host = sanitise_host(hosts[i]);
    if (const std::string remark = sanitised_remark(hosts[i]); !remark.empty())
      root.diagnostics().warn(child("host", i), remark);
    if (host)
      out.hosts.push_back(std::move(*host));
    else if (host.error().kind == Kind::connect)
      root.diagnostics().warn(child("host", i),
                              "this host cannot be called: " + host.error().message);
    else
      root.diagnostics().refuse(child("host", i), host.error().message);
  }
}

void read_extra(Reader& root, Files& files, v1::Service& out) {
  Diagnostics& diagnostics = root.diagnostics();
  for (const auto& [name, extra] : read_extra_config(root, Level::service)) {
    if (name == "ropewalk/limits") read_limits(extra, *out.mutable_limits(), diagnostics);
    if (name == "ropewalk/status")
      out.set_gateway_status_codes(read_gateway_status_codes(extra, diagnostics));
    const std::string text =
        name == "router" ? read_router(extra, *out.mutable_router(), diagnostics)
                         : read_block(Level::service, name, extra, {.files = &files}, diagnostics);
    if (!text.empty()) (*out.mutable_extra_config())[std::string(name)] = text;
  }
}

// Without effect, but a value of a type that KrakenD cannot read stops the start all the same.
void read_absent_features(Reader& root) {
  root.flag("use_h2c");
  root.ignore("use_h2c", "HTTP/2 is not supported yet; HTTP/1.1 is served");
  if (const nlohmann::json* plugin = root.find("plugin")) {
    Reader folder(*plugin, root.path_of("plugin"), root.diagnostics());
    folder.text("folder");
    folder.text("pattern");
    root.ignore("plugin", "no effect: plugins written in Go are not loaded");
  }
  root.flag("sequential_start");
  if (!root.objects("async_agent").empty())
    root.diagnostics().refuse("async_agent", "agents that read queues are not supported yet");
}

}  // namespace

ServiceSettings read_service(Reader& root, Files& files, bool debug) {
  ServiceSettings out;
  check_version(root);
  v1::Service& service = out.service;
  service.set_name(root.text("name"));
  read_listener(root, service);
  read_transport(root, *service.mutable_transport());
  service.set_debug_endpoint(root.flag("debug_endpoint") || debug);
  service.set_echo_endpoint(root.flag("echo_endpoint"));
  service.mutable_router()->set_forwarded_by_client_ip(true);
  read_server_tls(root, files, service, out.secrets);
  read_client_tls(root, files, service);
  read_extra(root, files, service);
  read_absent_features(root);

  warn_of_short_timeout(root, "timeout");
  const std::int64_t timeout = root.duration("timeout");
  out.defaults.timeout_ns = timeout == 0 ? kDefaultTimeout : timeout;
  service.set_timeout_ns(out.defaults.timeout_ns);
  out.defaults.cache_ttl_ns = root.duration("cache_ttl");
  out.defaults.output_encoding = root.text("output_encoding", "json");
  out.defaults.files = &files;
  out.defaults.disable_rest = root.flag("disable_rest");
  read_hosts(root, out.defaults);
  return out;
}

}  // namespace ropewalk::config
