// Where a request carries its token. Pure.
#pragma once

#include "dataplane/http/message.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace ropewalk::auth {

struct TokenPlace {
  std::string header = "Authorization";
  std::string cookie = "access_token";
};

struct TokenText {
  enum class State : std::uint8_t {
    found,
    absent,
    ambiguous,  // the header is there more than once: a backend might read another one
  };
  State state = State::absent;
  std::string_view text;  // without "Bearer "; into the fields
};

// The header where it is not empty (an optional "Bearer " in any letter case), else the first
// cookie of that name, as in KrakenD.
TokenText find_token(const http::Fields& fields, const TokenPlace& place);

// "Bearer x" -> "x", anything else as it is.
std::string_view without_bearer(std::string_view value);

}  // namespace ropewalk::auth
