// Errors are values. Untrusted input, peers, files and Kubernetes never throw past their parser.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace ropewalk {

// What went wrong; decides status codes, metrics labels and retries.
enum class Kind : std::uint8_t {
  config,       // a configuration is not acceptable
  bad_request,  // a client broke the protocol or a limit
  connect,      // no connection: refused, unreachable, name not resolved
  tls,          // handshake or verification
  reset,        // an established connection broke
  timeout,
  status,  // a backend answered with a status that does not count as success
  decode,  // a body is not what its encoding says
  too_large,
  protocol,  // a peer broke its protocol
  not_found,
  cancelled,
  unavailable,  // nobody to ask: no host, API server away
  io,           // files and the like
  internal,
};

enum class Origin : std::uint8_t { gateway, client, backend, control };

// Whether the same call may be tried once more (design 5.7).
enum class Retry : std::uint8_t {
  no,
  nothing_sent,  // refused or reset before a byte was written: another host, any method
  idle_died,  // a reused connection died before the first answer byte: once more, bodyless GET and
              // HEAD
};

struct Error {
  Kind kind = Kind::internal;
  Origin origin = Origin::gateway;
  Retry retry = Retry::no;
  std::string message;       // one line; names the place and what was expected; never a credential
  unsigned status = 0;       // HTTP status for the client, 0: by kind
  std::string content_type;  // of a message that is to reach the client as it is, "" otherwise
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Kind kind, std::string message, Origin origin = Origin::gateway,
                                   Retry retry = Retry::no) {
  return std::unexpected(Error{kind, origin, retry, std::move(message), 0, {}});
}

// The short word of a kind: the `reason` label of metrics and log lines.
const char* to_string(Kind kind);

}  // namespace ropewalk
