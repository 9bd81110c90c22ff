// Certificates of the stream between controller and data planes: PEM, both sides verify each
// other. Any thread.
#pragma once

#include "common/error.h"

#include <functional>
#include <string>
#include <string_view>

namespace ropewalk {

struct TlsPem {
  std::string certificate;  // leaf first
  std::string private_key;
  std::string ca;  // one or more: while they rotate, the old one and the new one
  bool operator==(const TlsPem&) const = default;
};

// Asked again for every connection, so that a replaced certificate is used without a restart.
using TlsSource = std::function<Result<TlsPem>()>;

struct TlsFiles {
  std::string certificate;  // --tls-cert
  std::string private_key;  // --tls-key
  std::string ca;           // --tls-ca
};

// Reads the files at each call. Errors name the flag, the file and what was expected.
TlsSource tls_from_files(TlsFiles files);

// Whether `host_port` ("127.0.0.1:9181", "[::1]:9181", "localhost:9181") never leaves the machine.
bool is_loopback(std::string_view host_port);

}  // namespace ropewalk
