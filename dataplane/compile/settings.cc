#include "dataplane/compile/settings.h"

#include "config/extra/payload.h"

#include <algorithm>

namespace ropewalk::compile {
namespace {

// KrakenD (Go) grants 4096 bytes on top of what is configured.
constexpr std::size_t kHeaderSlack = 4096;

template <class T>
T or_default(T value, T fallback) {
  return value != T{} ? value : fallback;
}

// As Go's net.Dialer reads KeepAlive: 0 is 15 s, a negative value none, parts of a second count as
// one. Linux takes no more than 32767 s.
std::chrono::seconds tcp_keep_alive(std::int64_t configured) {
  using std::chrono::seconds;
  if (configured == 0) return seconds(15);
  if (configured < 0) return seconds(0);
  return std::min(std::chrono::ceil<seconds>(nanoseconds(configured)), seconds(32767));
}

}  // namespace

Result<BodyLimits> body_limits(const config::v1::Service& service, std::uint64_t own_max_payload) {
  constexpr std::uint64_t kDefault = 8ull << 20;
  std::uint64_t named = or_default<std::uint64_t>(own_max_payload, UINT64_MAX);
  const auto router = service.extra_config().find("router");
  if (router != service.extra_config().end()) {
    const auto max_payload = config::parse_payload(router->second);
    if (!max_payload) return std::unexpected(max_payload.error());
    named = std::min(named, *max_payload);
  }
  const std::uint64_t bound = service.limits().max_request_body();
  const std::uint64_t unbounded = named == UINT64_MAX ? kDefault : named;
  return BodyLimits{bound == 0 ? unbounded : std::min(bound, named), named};
}

Result<Settings> compile_settings(const config::v1::Service& service) {
  const config::v1::Limits& limits = service.limits();
  const config::v1::Transport& transport = service.transport();
  const config::v1::Router& router = service.router();
  Settings out;
  out.read_timeout = nanoseconds(service.read_timeout_ns());
  out.write_timeout = nanoseconds(service.write_timeout_ns());
  out.idle_timeout = nanoseconds(or_default(service.idle_timeout_ns(), service.read_timeout_ns()));
  out.read_header_timeout = nanoseconds(
      or_default(or_default(service.read_header_timeout_ns(), limits.header_timeout_ns()),
                 nanoseconds(std::chrono::seconds(10)).count()));
  out.stalled_write_timeout = nanoseconds(
      or_default(limits.stalled_write_timeout_ns(), nanoseconds(std::chrono::seconds(60)).count()));
  out.connect_timeout = nanoseconds(transport.dialer_timeout_ns());
  out.response_header_timeout = nanoseconds(transport.response_header_timeout_ns());
  out.backend_idle_timeout = nanoseconds(or_default(transport.idle_connection_timeout_ns(),
                                                    nanoseconds(std::chrono::seconds(90)).count()));
  out.fallback_delay = nanoseconds(or_default(transport.dialer_fallback_delay_ns(),
                                              nanoseconds(std::chrono::milliseconds(300)).count()));
  out.tcp_keep_alive = tcp_keep_alive(transport.dialer_keep_alive_ns());
  out.max_idle = transport.max_idle_connections();
  out.max_idle_per_host = or_default(transport.max_idle_connections_per_host(), 250u);
  out.backend_keep_alive = !transport.disable_keep_alives();
  out.compression = !transport.disable_compression();
  if (service.max_header_bytes()) out.max_head_bytes = service.max_header_bytes() + kHeaderSlack;
  out.max_header_fields = or_default(limits.max_header_fields(), 256u);
  const auto bodies = body_limits(service, 0);
  if (!bodies) return std::unexpected(bodies.error());
  out.max_request_body = bodies->gathered;
  out.max_response_body = or_default<std::uint64_t>(limits.max_response_body(), 32ull << 20);
  out.max_decompressed = or_default<std::uint64_t>(limits.max_decompressed(), 64ull << 20);
  out.max_decompression_ratio = or_default(limits.max_decompression_ratio(), 100u);
  out.max_json_depth = or_default(limits.max_json_depth(), 10000u);
  out.client_tls = service.client_tls();
  out.client_tls_set = service.has_client_tls();
  out.gateway_status_codes = service.gateway_status_codes();
  out.return_error_msg = router.return_error_msg();
  if (!router.disable_health()) {
    out.health_path = router.health_path().empty() ? "/__health" : router.health_path();
    if (out.health_path.front() != '/') out.health_path.insert(0, "/");
  }
  out.debug_endpoint = service.debug_endpoint();
  out.echo_endpoint = service.echo_endpoint();
  out.redirect_trailing_slash = !router.disable_redirect_trailing_slash();
  out.redirect_fixed_path = !router.disable_redirect_fixed_path();
  out.handle_method_not_allowed = !router.disable_handle_method_not_allowed();
  out.path_decoding = !router.disable_path_decoding();
  out.remove_extra_slash = router.remove_extra_slash();
  out.auto_options = router.auto_options();
  out.error_body_404 = router.error_body_404();
  out.error_body_405 = router.error_body_405();
  out.access_log = !router.disable_access_log();
  out.logger_skip_paths.assign(router.logger_skip_paths().begin(),
                               router.logger_skip_paths().end());
  out.client_address.forwarded_by_client_ip = router.forwarded_by_client_ip();
  out.client_address.app_engine = router.app_engine();
  if (!router.remote_ip_headers().empty())
    out.client_address.headers.assign(router.remote_ip_headers().begin(),
                                      router.remote_ip_headers().end());
  if (router.trusted_proxies_set()) {
    const std::vector<std::string> entries(router.trusted_proxies().begin(),
                                           router.trusted_proxies().end());
    auto trusted = http::TrustedProxies::parse(entries);
    if (!trusted) return std::unexpected(std::move(trusted.error()));
    out.client_address.trusted = std::move(*trusted);
  }
  return out;
}

}  // namespace ropewalk::compile
