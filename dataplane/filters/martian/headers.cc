// header.*, cookie.Modifier and stash.Modifier.
#include "dataplane/filters/martian/modifier.h"

#include "common/strings.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

namespace ropewalk::martian {
namespace {

bool is_length(std::string_view text) {
  std::int64_t length = 0;
  if (text.starts_with('+') && !text.substr(1).starts_with('-')) text.remove_prefix(1);
  const auto end = std::from_chars(text.data(), text.data() + text.size(), length);
  return end.ec == std::errc() && end.ptr == text.data() + text.size();
}

class HeaderModifier final : public Modifier {
 public:
  HeaderModifier(std::string name, std::string value, bool append)
      : name_(std::move(name)), value_(std::move(value)), append_(append) {}
  Result<void> request(Exchange& exchange) const override { return apply(exchange, false); }
  Result<void> response(Exchange& exchange) const override { return apply(exchange, true); }

 private:
  // A second Host, or a length that is no number, fails the call.
  Result<void> apply(Exchange& exchange, bool answer) const {
    if (append_ && !answer && iequals(name_, "Host"))
      return fail(Kind::protocol, "header.Append: the request has a Host");
    if (iequals(name_, "Content-Length") && !is_length(value_))
      return fail(Kind::protocol, "header: the Content-Length is no number");
    if (append_)
      exchange.add(answer, name_, value_);
    else
      exchange.set(answer, name_, value_);
    return {};
  }
  std::string name_;
  std::string value_;
  bool append_;
};

// The first value, "" where there is none.
class HeaderCopy final : public Modifier {
 public:
  HeaderCopy(std::string from, std::string to) : from_(std::move(from)), to_(std::move(to)) {}
  Result<void> request(Exchange& exchange) const override {
    exchange.set(false, to_, exchange.get(false, from_));
    return {};
  }
  Result<void> response(Exchange& exchange) const override {
    exchange.set(true, to_, exchange.get(true, from_));
    return {};
  }

 private:
  std::string from_;
  std::string to_;
};

class HeaderBlacklist final : public Modifier {
 public:
  explicit HeaderBlacklist(std::vector<std::string> names) : names_(std::move(names)) {}
  Result<void> request(Exchange& exchange) const override {
    for (const std::string& name : names_) exchange.erase(false, name);
    return {};
  }
  Result<void> response(Exchange& exchange) const override {
    for (const std::string& name : names_) exchange.erase(true, name);
    return {};
  }

 private:
  std::vector<std::string> names_;
};

// A random UUID (RFC 9562, version 4) where the field is not there yet.
class HeaderId final : public Modifier {
 public:
  explicit HeaderId(std::string name) : name_(name.empty() ? "X-Krakend-Id" : std::move(name)) {}
  Result<void> request(Exchange& exchange) const override {
    if (!exchange.get(false, name_).empty()) return {};
    std::array<unsigned char, 16> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
      return fail(Kind::internal, "no random bytes");
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
    std::string id;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (i == 4 || i == 6 || i == 8 || i == 10) id += '-';
      id += "0123456789abcdef"[bytes[i] >> 4];
      id += "0123456789abcdef"[bytes[i] & 15];
    }
    exchange.set(false, name_, id);
    return {};
  }

 private:
  std::string name_;
};

// Requests carry their URL in the field, answers show the same.
class Stash final : public Modifier {
 public:
  explicit Stash(std::string name) : name_(std::move(name)) {}
  Result<void> request(Exchange& exchange) const override {
    exchange.set(false, name_, exchange.url.text());
    return {};
  }
  Result<void> response(Exchange& exchange) const override {
    exchange.set(true, name_, exchange.get(false, name_));
    return {};
  }

 private:
  std::string name_;
};

// Go keeps the bytes that RFC 6265 allows in a value, and quotes one that holds blanks or commas.
std::string cookie_value(const std::string& value) {
  std::string out;
  for (const char c : value)
    if (c >= 0x20 && c < 0x7f && c != '"' && c != ';' && c != '\\') out += c;
  if (out.find_first_of(" ,") != out.npos) return '"' + out + '"';
  return out;
}

std::string http_date(const std::string& text) {
  std::tm time{};
  const char* rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &time);
  if (!rest) return {};
  std::time_t at = timegm(&time);
  const std::string_view zone(rest);
  const std::size_t sign = zone.find_first_of("+-");
  if (sign != zone.npos && zone.size() - sign >= 6) {
    const auto digits = [&](std::size_t from) {
      return (zone[sign + from] - '0') * 10 + (zone[sign + from + 1] - '0');
    };
    const std::time_t offset = (digits(1) * 60 + digits(4)) * 60;
    at += zone[sign] == '+' ? -offset : offset;
  }
  std::tm utc{};
  gmtime_r(&at, &utc);
  if (utc.tm_year + 1900 < 1601) return {};
  char buffer[64];
  const std::size_t size = strftime(buffer, sizeof buffer, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return {buffer, size};
}

class CookieModifier final : public Modifier {
 public:
  explicit CookieModifier(const json::Value& fields)
      : pair_(text_of(fields, "name") + "=" + cookie_value(text_of(fields, "value"))),
        set_cookie_(pair_) {
    const auto part = [&](const char* name, const std::string& value) {
      if (!value.empty()) set_cookie_ += std::string("; ") + name + "=" + value;
    };
    part("Path", text_of(fields, "path"));
    std::string domain = text_of(fields, "domain");
    if (domain.starts_with('.')) domain.erase(0, 1);
    part("Domain", domain);
    part("Expires", http_date(text_of(fields, "expires")));
    const std::int64_t age = integer_of(fields, "maxAge");
    if (age != 0) part("Max-Age", std::to_string(std::max<std::int64_t>(age, 0)));
    if (flag_of(fields, "httpOnly")) set_cookie_ += "; HttpOnly";
    if (flag_of(fields, "secure")) set_cookie_ += "; Secure";
  }
  Result<void> request(Exchange& exchange) const override {
    const std::string known = exchange.get(false, "Cookie");
    exchange.set(false, "Cookie", known.empty() ? pair_ : known + "; " + pair_);
    return {};
  }
  Result<void> response(Exchange& exchange) const override {
    exchange.add(true, "Set-Cookie", set_cookie_);
    return {};
  }

 private:
  std::string pair_;
  std::string set_cookie_;
};

}  // namespace

Result<ModifierPtr> build_header(const std::string& name, const json::Value& fields) {
  ModifierPtr out;
  if (name == "header.Modifier" || name == "header.Append")
    out = std::make_unique<HeaderModifier>(text_of(fields, "name"), text_of(fields, "value"),
                                           name == "header.Append");
  else if (name == "header.Copy")
    out = std::make_unique<HeaderCopy>(text_of(fields, "from"), text_of(fields, "to"));
  else if (name == "header.Id")
    out = std::make_unique<HeaderId>(text_of(fields, "header"));
  else if (name == "stash.Modifier")
    out = std::make_unique<Stash>(text_of(fields, "headerName"));
  else if (name == "cookie.Modifier")
    out = std::make_unique<CookieModifier>(fields);
  if (name != "header.Blacklist") return out;
  std::vector<std::string> names;
  if (const json::Value* list = fields.find("names"); list && list->is_list())
    for (const json::Value& entry : list->elements())
      if (entry.is_string()) names.push_back(entry.string());
  return std::make_unique<HeaderBlacklist>(std::move(names));
}

}  // namespace ropewalk::martian
