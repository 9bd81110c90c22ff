#include "dataplane/filters/auth/token_answer.h"

#include "common/json/value.h"
#include "common/strings.h"
#include "dataplane/filters/auth/api_keys.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace ropewalk::auth {
namespace {

struct Answer {
  std::string token;
  std::string type;
  std::string error;
  std::string description;
  std::optional<std::int64_t> expires;
};

std::unexpected<Error> failed(std::string message) {
  return fail(Kind::unavailable, "oauth2: " + std::move(message), Origin::backend);
}

std::string_view media_type(const pipeline::FetchAnswer& answer) {
  for (const auto& [name, value] : answer.headers)
    if (iequals(name, "Content-Type"))
      return trim(std::string_view(value).substr(0, value.find(';')));
  return {};
}

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t out = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

Answer read_form(const std::string& body) {
  Answer out;
  out.token = query_value(body, "access_token").value_or("");
  out.type = query_value(body, "token_type").value_or("");
  out.error = query_value(body, "error").value_or("");
  out.description = query_value(body, "error_description").value_or("");
  out.expires = whole(query_value(body, "expires_in").value_or(""));
  return out;
}

const json::Value* member(const json::Value& object, std::string_view name) {
  const json::Value* found = object.find(name);
  if (found) return found;
  for (const auto& [key, value] : object.members())
    if (iequals(key, name)) found = &value;
  return found;
}

Result<void> read_text(const json::Value& object, std::string_view name, std::string& out) {
  const json::Value* value = member(object, name);
  if (!value || value->is_null()) return {};
  if (!value->is_string()) return failed(std::string(name) + " in the answer is not a text");
  out = value->string();
  return {};
}

Result<Answer> read_json(const std::string& body) {
  const auto document = json::parse(body, 100);
  if (!document || !document->is_object()) return failed("the answer is not a JSON object");
  Answer out;
  for (const auto& [name, to] :
       {std::pair<std::string_view, std::string*>{"access_token", &out.token},
        {"token_type", &out.type},
        {"error", &out.error},
        {"error_description", &out.description}})
    if (auto read = read_text(*document, name, *to); !read) return std::unexpected(read.error());
  const json::Value* expires = member(*document, "expires_in");
  if (!expires || expires->is_null()) return out;
  if (expires->is_number()) out.expires = whole(expires->number_text());
  if (expires->is_string()) out.expires = whole(expires->string());
  if (!out.expires) return failed("expires_in in the answer is not a whole number");
  return out;
}

std::string scheme(std::string_view type) {
  if (type.empty() || iequals(type, "bearer")) return "Bearer";
  if (iequals(type, "mac")) return "MAC";
  if (iequals(type, "basic")) return "Basic";
  return std::string(type);
}

// Of the other side, into a log line or an error text: one line, not for ever long.
std::string quoted(std::string text) {
  constexpr std::size_t kMost = 200;
  if (text.size() > kMost) text.resize(kMost);
  std::string out;
  json::write_string(out, text);
  return out;
}

bool field_text(std::string_view text) {
  return std::ranges::none_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace

Result<AccessToken> parse_token_answer(const pipeline::FetchAnswer& answer) {
  const std::string_view type = media_type(answer);
  const bool form =
      iequals(type, "application/x-www-form-urlencoded") || iequals(type, "text/plain");
  auto read = form ? Result<Answer>(read_form(answer.body)) : read_json(answer.body);
  const bool good = answer.status >= 200 && answer.status < 300;
  if (read && !read->error.empty())
    return failed(quoted(read->error) +
                  (read->description.empty() ? std::string() : " " + quoted(read->description)));
  if (!good) return failed("cannot fetch token: status " + std::to_string(answer.status));
  if (!read) return std::unexpected(read.error());
  if (read->token.empty()) return failed("server response missing access_token");
  AccessToken out{.authorization = scheme(read->type) + " " + read->token, .life = std::nullopt};
  if (!field_text(out.authorization)) return failed("the token holds control characters");
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  if (read->expires.value_or(0) != 0)
    out.life = std::chrono::seconds(std::clamp<std::int64_t>(*read->expires, 0, kMost));
  return out;
}

std::string form_escape(std::string_view text) {
  constexpr std::string_view kPlain = "-_.~";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       kPlain.find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += '%';
      out += "0123456789ABCDEF"[static_cast<unsigned char>(c) >> 4];
      out += "0123456789ABCDEF"[static_cast<unsigned char>(c) & 0xF];
    }
  }
  return out;
}

std::string form_encode(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::string out;
  for (const auto& [name, value] : pairs)
    out += (out.empty() ? "" : "&") + form_escape(name) + "=" + form_escape(value);
  return out;
}

}  // namespace ropewalk::auth
