#include "common/error.h"

namespace ropewalk {

const char* to_string(Kind kind) {
  switch (kind) {
    case Kind::config:
      return "config";
    case Kind::bad_request:
      return "bad_request";
    case Kind::connect:
      return "connect";
    case Kind::tls:
      return "tls";
    case Kind::reset:
      return "reset";
    case Kind::timeout:
      return "timeout";
    case Kind::status:
      return "status";
    case Kind::decode:
      return "decode";
    case Kind::too_large:
      return "too_large";
    case Kind::protocol:
      return "protocol";
    case Kind::not_found:
      return "not_found";
    case Kind::cancelled:
      return "cancelled";
    case Kind::unavailable:
      return "unavailable";
    case Kind::io:
      return "io";
    case Kind::internal:
      return "internal";
  }
  return "internal";
}

}  // namespace ropewalk
