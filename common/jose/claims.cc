#include "common/jose/claims.h"

#include "common/jose/strict_json.h"
#include "common/strings.h"

#include <algorithm>
#include <cmath>

namespace ropewalk::jose {
namespace {

std::unexpected<Error> wrong_claim(std::string_view claim) {
  return fail(Kind::decode, "claim " + std::string(claim) + " has the wrong type");
}

std::unexpected<Error> refused(std::string message) {
  return fail(Kind::bad_request, std::move(message), Origin::client);
}

Result<void> read_time(const json::Value& claims, std::string_view name, std::int64_t& out) {
  const json::Value* value = claims.find(name);
  if (!value || value->is_null()) return {};
  if (!value->is_number()) return wrong_claim(name);
  // Beyond this no clock goes; what KrakenD makes of it depends on the processor.
  constexpr double kMost = 9e18;
  const double seconds = value->as_double();
  if (!(std::abs(seconds) < kMost)) return wrong_claim(name);
  out = static_cast<std::int64_t>(seconds);
  return {};
}

Result<void> read_audience(const json::Value& claims, std::vector<std::string>& out) {
  const json::Value* value = claims.find("aud");
  if (!value) return {};
  if (value->is_string()) {
    out.push_back(value->string());
    return {};
  }
  if (!value->is_list()) return wrong_claim("aud");
  for (const json::Value& element : value->elements()) {
    if (!element.is_string()) return wrong_claim("aud");
    out.push_back(element.string());
  }
  return {};
}

// Milliseconds of a time in seconds, without overflow.
std::int64_t in_ms(std::int64_t seconds) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / 4000;
  return std::clamp(seconds, -kMost, kMost) * 1000;
}

}  // namespace

Result<Claims> parse_claims(std::string_view payload) {
  auto document = parse_unique(payload);
  if (!document) return std::unexpected(document.error());
  Claims out;
  if (document->is_null()) {
    out.all = json::Value::object();
    return out;
  }
  if (!document->is_object()) return fail(Kind::decode, "the payload is not a JSON object");
  out.all = std::move(*document);
  for (const std::string_view name : {"iss", "sub", "jti"})
    if (const json::Value* value = out.all.find(name))
      if (!value->is_null() && !value->is_string()) return wrong_claim(name);
  if (const json::Value* issuer = out.all.find("iss"); issuer && issuer->is_string())
    out.issuer = issuer->string();
  if (auto read = read_audience(out.all, out.audience); !read) return std::unexpected(read.error());
  if (auto read = read_time(out.all, "exp", out.expires); !read)
    return std::unexpected(read.error());
  if (auto read = read_time(out.all, "nbf", out.not_before); !read)
    return std::unexpected(read.error());
  if (auto read = read_time(out.all, "iat", out.issued_at); !read)
    return std::unexpected(read.error());
  return out;
}

bool expired(const Claims& claims, const Expected& expected, std::int64_t now_ms) {
  return now_ms - expected.leeway_ms > in_ms(claims.expires);
}

Result<void> check(const Claims& claims, const Expected& expected, std::int64_t now_ms) {
  if (!expected.issuer.empty() && claims.issuer != expected.issuer)
    return refused("iss is not the expected one");
  for (const std::string& audience : expected.audience)
    if (std::ranges::find(claims.audience, audience) == claims.audience.end())
      return refused("aud lacks one that is demanded");
  if (now_ms + expected.leeway_ms < in_ms(claims.not_before)) return refused("not valid yet (nbf)");
  if (expired(claims, expected, now_ms)) return refused("expired");
  if (now_ms + expected.leeway_ms < in_ms(claims.issued_at))
    return refused("issued in the future (iat)");
  return {};
}

const json::Value* find_claim(const json::Value& claims, std::string_view path, bool nested) {
  if (!nested) return claims.find(path);
  const json::Value* at = &claims;
  for (const std::string_view name : split(path, '.')) {
    if (!at->is_object()) return nullptr;
    at = at->find(name);
    if (!at) return nullptr;
  }
  return at;
}

bool holds(const json::Value* claim, const std::vector<std::string>& wanted, Match match) {
  if (!claim) return false;
  std::vector<std::string_view> present;
  if (claim->is_string()) {
    present = split(claim->string(), ' ');
  } else if (claim->is_list()) {
    for (const json::Value& element : claim->elements())
      if (element.is_string()) present.push_back(element.string());
  } else {
    return false;
  }
  const auto there = [&](const std::string& one) {
    return std::ranges::find(present, one) != present.end();
  };
  return match == Match::all ? std::ranges::all_of(wanted, there)
                             : std::ranges::any_of(wanted, there);
}

}  // namespace ropewalk::jose
