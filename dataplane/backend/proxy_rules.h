// Which HTTP proxy leads to a backend by HTTP_PROXY, HTTPS_PROXY and NO_PROXY, as Go's
// ProxyFromEnvironment reads them (the upper case name first, the lower case one where it is empty
// or absent). Made once at start, then immutable; any thread.
#pragma once

#include "common/error.h"
#include "dataplane/compile/graph.h"
#include "dataplane/http/client_address.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::backend {

// The host of a proxy: address and port, and the credentials for Proxy-Authorization.
using ProxyRef = std::shared_ptr<const compile::Host>;

class ProxyRules {
 public:
  // Errors (Kind::config): a proxy that is not spoken to by http://. They name the variable, never
  // its value, which may hold a password.
  static Result<ProxyRules> from(const std::map<std::string, std::string>& environment);

  // Null: straight to the host. Never a proxy for localhost and loopback addresses, nor where
  // NO_PROXY names the host by its address or by the name in its authority.
  ProxyRef choose(const compile::Host& host) const;

 private:
  struct Exception {
    http::TrustedProxies networks;  // of an address or network
    bool of_network = false;
    std::string suffix;   // of a name: ".example.com"
    bool itself = false;  // "example.com" as well
    std::string port;     // "": every port
  };
  void add_exception(std::string_view entry);
  bool excepted(std::string_view host, std::string_view port) const;

  ProxyRef http_;
  ProxyRef https_;
  bool all_excepted_ = false;
  std::vector<Exception> exceptions_;
};

}  // namespace ropewalk::backend
