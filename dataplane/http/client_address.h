// The address of the client by KrakenD's (gin's) rules, with proxies trusted as design 7.3 says.
// Pure; immutable settings, any thread.
#pragma once

#include "common/error.h"
#include "dataplane/http/message.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::http {

// Whose X-Forwarded-For is believed.
class TrustedProxies {
 public:
  // Loopback, private, link-local and shared networks (RFC 6890): what stands without
  // `trusted_proxies`.
  TrustedProxies();
  // Addresses and networks in CIDR notation; an empty list is the default above. Error (config):
  // names the first entry that is neither.
  static Result<TrustedProxies> parse(std::span<const std::string> entries);

  // False for text that is no address.
  bool trusts(std::string_view address) const;

 private:
  struct Network {
    std::array<std::uint8_t, 16> address{};
    unsigned bits = 0;
    bool v4 = false;
  };
  static Result<Network> parse_network(std::string_view entry);

  std::vector<Network> networks_;
};

struct ClientAddressSettings {
  bool forwarded_by_client_ip = true;
  bool app_engine = false;  // X-Appengine-Remote-Addr is believed from everybody, before all
  std::vector<std::string> headers = {"X-Forwarded-For", "X-Real-IP"};  // remote_ip_headers
  TrustedProxies trusted;
};

// `peer` is the textual address of the connection, without port. Each header in turn is read from
// the right, skipping trusted addresses; one that holds anything but addresses is passed over.
// Falls back to the peer.
std::string client_address(std::string_view peer, const Fields& fields,
                           const ClientAddressSettings& settings);

}  // namespace ropewalk::http
