#include "dataplane/compile/hosts.h"

#include "common/strings.h"

#include <arpa/inet.h>

namespace ropewalk::compile {
namespace {

bool is_address(int family, const std::string& text) {
  unsigned char bytes[sizeof(in6_addr)];
  return ::inet_pton(family, text.c_str(), bytes) == 1;
}

}  // namespace

Host compile_host(const config::v1::HostSet::Host& from) {
  Host host;
  host.tls = from.tls();
  host.address = from.address();
  const bool v6 = is_address(AF_INET6, host.address);
  host.literal = v6 || is_address(AF_INET, host.address);
  const std::uint32_t default_port = host.tls ? 443 : 80;
  host.port = static_cast<std::uint16_t>(from.port() ? from.port() : default_port);
  host.authority = from.authority();
  if (host.authority.empty()) {
    host.authority = v6 ? "[" + host.address + "]" : host.address;
    if (from.port()) host.authority += ":" + std::to_string(from.port());
  }
  host.base_path = from.base_path();
  if (!from.user_info().empty()) host.authorization = "Basic " + base64(from.user_info());
  host.url = (host.tls ? "https://" : "http://") + host.authority;
  return host;
}

std::shared_ptr<const HostList> compile_hosts(const config::v1::HostSet& set) {
  auto hosts = std::make_shared<HostList>();
  hosts->reserve(static_cast<std::size_t>(set.hosts_size()));
  for (const config::v1::HostSet::Host& from : set.hosts()) hosts->push_back(compile_host(from));
  return hosts;
}

}  // namespace ropewalk::compile
