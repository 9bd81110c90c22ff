#include "dataplane/backend/proxy_rules.h"

#include "common/strings.h"
#include "config/extra/http_client.h"
#include "dataplane/compile/hosts.h"

#include <algorithm>

namespace ropewalk::backend {
namespace {

struct Address {
  std::string_view host;
  std::string_view port;
};

// "name:80", "192.0.2.1:80", "[2001:db8::1]:80"; without a port the whole text is the host.
Address split_port(std::string_view text) {
  const auto colon = text.rfind(':');
  const auto bracket = text.rfind(']');
  const bool literal = std::ranges::count(text, ':') > 1 && !text.starts_with('[');
  if (colon == std::string_view::npos || literal ||
      (bracket != std::string_view::npos && bracket > colon))
    return {text, {}};
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return {host, text.substr(colon + 1)};
}

Result<http::TrustedProxies> network(std::string_view entry) {
  const std::string text(entry);
  return http::TrustedProxies::parse({&text, 1});
}

bool loopback(std::string_view host) {
  static const http::TrustedProxies kLoopback = [] {
    const std::string networks[] = {"127.0.0.0/8", "::1/128"};
    return *http::TrustedProxies::parse(networks);
  }();
  return host == "localhost" || kLoopback.trusts(host);
}

std::string variable(const std::map<std::string, std::string>& environment,
                     const std::string& name) {
  for (const std::string& spelling : {name, to_lower(name)})
    if (const auto found = environment.find(spelling);
        found != environment.end() && !found->second.empty())
      return found->second;
  return {};
}

Result<ProxyRef> proxy_of(const std::map<std::string, std::string>& environment,
                          const std::string& name) {
  std::string text = variable(environment, name);
  if (text.empty()) return ProxyRef();
  if (text.find("://") == std::string::npos) text.insert(0, "http://");
  const auto host = config::parse_proxy_address(text);
  if (!host) return fail(Kind::config, name + ": " + host.error().message);
  return std::make_shared<const compile::Host>(compile::compile_host(*host));
}

}  // namespace

Result<ProxyRules> ProxyRules::from(const std::map<std::string, std::string>& environment) {
  ProxyRules out;
  auto plain = proxy_of(environment, "HTTP_PROXY");
  if (!plain) return std::unexpected(plain.error());
  auto secure = proxy_of(environment, "HTTPS_PROXY");
  if (!secure) return std::unexpected(secure.error());
  out.http_ = std::move(*plain);
  out.https_ = std::move(*secure);
  const std::string exceptions = variable(environment, "NO_PROXY");
  for (const std::string_view entry : split(exceptions, ','))
    out.add_exception(to_lower(trim(entry)));
  return out;
}

void ProxyRules::add_exception(std::string_view entry) {
  all_excepted_ |= entry == "*";
  if (entry.empty() || entry == "*") return;
  if (auto networks = network(entry)) {
    exceptions_.push_back({std::move(*networks), true, {}, false, {}});
    return;
  }
  auto [host, port] = split_port(entry);
  if (host.empty()) return;
  if (auto networks = network(host); networks && host.find('/') == std::string_view::npos) {
    exceptions_.push_back({std::move(*networks), true, {}, false, std::string(port)});
    return;
  }
  if (host.starts_with("*.")) host.remove_prefix(1);
  const bool itself = !host.starts_with('.');
  exceptions_.push_back(
      {{}, false, (itself ? "." : "") + std::string(host), itself, std::string(port)});
}

bool ProxyRules::excepted(std::string_view host, std::string_view port) const {
  return loopback(host) || std::ranges::any_of(exceptions_, [&](const Exception& exception) {
           if (!exception.port.empty() && exception.port != port) return false;
           if (exception.of_network) return exception.networks.trusts(host);
           return host.ends_with(exception.suffix) ||
                  (exception.itself && host == std::string_view(exception.suffix).substr(1));
         });
}

ProxyRef ProxyRules::choose(const compile::Host& host) const {
  const ProxyRef& proxy = host.tls ? https_ : http_;
  if (!proxy || all_excepted_) return {};
  const std::string port = std::to_string(host.port);
  const std::string authority = to_lower(split_port(host.authority).host);
  if (excepted(to_lower(host.address), port) || excepted(authority, port)) return {};
  return proxy;
}

}  // namespace ropewalk::backend
