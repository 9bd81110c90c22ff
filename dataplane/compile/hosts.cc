#include "dataplane/compile/hosts.h"

#include "common/strings.h"

#include <boost/asio/ip/address.hpp>

namespace ropewalk::compile {

Host compile_host(const config::v1::HostSet::Host& from) {
  Host host;
  host.tls = from.tls();
  host.address = from.address();
  boost::system::error_code no_literal;
  const auto literal = boost::asio::ip::make_address(host.address, no_literal);
  host.literal = !no_literal;
  const std::uint32_t default_port = host.tls ? 443 : 80;
  host.port = static_cast<std::uint16_t>(from.port() ? from.port() : default_port);
  host.authority = from.authority();
  if (host.authority.empty()) {
    host.authority = host.literal && literal.is_v6() ? "[" + host.address + "]" : host.address;
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
