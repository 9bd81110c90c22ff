// What a token says, and whether that is enough. Pure; any thread; the time is an argument.
#pragma once

#include "common/error.h"
#include "common/json/value.h"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::jose {

struct Claims {
  json::Value all;  // an object
  std::string issuer;
  std::vector<std::string> audience;
  // Seconds since 1970; without the claim the end of time, or its beginning.
  std::int64_t expires = std::numeric_limits<std::int64_t>::max();
  std::int64_t not_before = std::numeric_limits<std::int64_t>::min();
  std::int64_t issued_at = std::numeric_limits<std::int64_t>::min();
};

// The payload of a token: an object (or null: without claims) whose registered claims have the
// types of RFC 7519 4.1, null counting as absent but for aud. Errors: Kind::decode.
Result<Claims> parse_claims(std::string_view payload);

struct Expected {
  std::string issuer;                 // "": any
  std::vector<std::string> audience;  // every one must be there
  std::int64_t leeway_ms = 1000;
};
// Errors say which claim: Kind::bad_request.
Result<void> check(const Claims& claims, const Expected& expected, std::int64_t now_ms);
// The part of check() that changes as time goes by.
bool expired(const Claims& claims, const Expected& expected, std::int64_t now_ms);

// The claim of that name, or below it for a dotted one; null without one.
const json::Value* find_claim(const json::Value& claims, std::string_view path, bool nested);

enum class Match : std::uint8_t { any, all };
// Whether a claim holds one, or all, of `wanted`: a list of texts, or one text split at blanks.
// Elements of other types match nothing. No claim (null): false.
bool holds(const json::Value* claim, const std::vector<std::string>& wanted, Match match);

}  // namespace ropewalk::jose
