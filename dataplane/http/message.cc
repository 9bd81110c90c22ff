#include "dataplane/http/message.h"

#include "common/strings.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace ropewalk::http {
namespace {

// A lower-case name of N-1 characters, compared eight bytes at a time without regard to case.
template <std::size_t N>
struct Name {
  static constexpr std::size_t kSize = N - 1;
  char text[N];
  char mask[N];  // 0x20 where a letter stands

  consteval Name(const char (&literal)[N]) {
    for (std::size_t i = 0; i < N; ++i) {
      text[i] = literal[i];
      mask[i] = literal[i] >= 'a' && literal[i] <= 'z' ? 0x20 : 0;
    }
  }
};

template <class Word>
bool same(const char* p, const char* text, const char* mask) {
  Word a, b, m;
  std::memcpy(&a, p, sizeof a);
  std::memcpy(&b, text, sizeof b);
  std::memcpy(&m, mask, sizeof m);
  return (a | m) == b;
}

template <Name name>
bool is(const char* p) {
  constexpr std::size_t n = name.kSize;
  if constexpr (n >= 8) {
    for (std::size_t i = 0; i + 8 <= n; i += 8)
      if (!same<std::uint64_t>(p + i, name.text + i, name.mask + i)) return false;
    return same<std::uint64_t>(p + n - 8, name.text + n - 8, name.mask + n - 8);
  } else if constexpr (n >= 4) {
    return same<std::uint32_t>(p, name.text, name.mask) &&
           same<std::uint32_t>(p + n - 4, name.text + n - 4, name.mask + n - 4);
  } else {
    return same<std::uint16_t>(p, name.text, name.mask) &&
           same<std::uint16_t>(p + n - 2, name.text + n - 2, name.mask + n - 2);
  }
}

bool names_option(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (iequals(trim(list.substr(0, comma)), name)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
  return false;
}

bool hop_by_hop_id(FieldId id) {
  switch (id) {
    case FieldId::connection:
    case FieldId::keep_alive:
    case FieldId::proxy_connection:
    case FieldId::te:
    case FieldId::trailer:
    case FieldId::transfer_encoding:
    case FieldId::upgrade:
    case FieldId::proxy_authenticate:
      return true;
    default:
      return false;
  }
}

// Most Connection fields name no field at all.
bool names_no_field(std::string_view connection) {
  return connection.empty() || iequals(connection, "close") || iequals(connection, "keep-alive");
}

}  // namespace

FieldId field_id(std::string_view name) {
  const char* p = name.data();
  switch (name.size()) {
    case 2:
      return is<"te">(p) ? FieldId::te : FieldId::other;
    case 3:
      return is<"via">(p) ? FieldId::via : FieldId::other;
    case 4:
      if (is<"host">(p)) return FieldId::host;
      return is<"date">(p) ? FieldId::date : FieldId::other;
    case 6:
      if (is<"accept">(p)) return FieldId::accept;
      if (is<"cookie">(p)) return FieldId::cookie;
      if (is<"server">(p)) return FieldId::server;
      return is<"expect">(p) ? FieldId::expect : FieldId::other;
    case 7:
      if (is<"upgrade">(p)) return FieldId::upgrade;
      return is<"trailer">(p) ? FieldId::trailer : FieldId::other;
    case 8:
      return is<"location">(p) ? FieldId::location : FieldId::other;
    case 9:
      return is<"x-real-ip">(p) ? FieldId::x_real_ip : FieldId::other;
    case 10:
      if (is<"connection">(p)) return FieldId::connection;
      if (is<"user-agent">(p)) return FieldId::user_agent;
      return is<"keep-alive">(p) ? FieldId::keep_alive : FieldId::other;
    case 12:
      if (is<"content-type">(p)) return FieldId::content_type;
      return is<"x-request-id">(p) ? FieldId::x_request_id : FieldId::other;
    case 13:
      if (is<"authorization">(p)) return FieldId::authorization;
      return is<"cache-control">(p) ? FieldId::cache_control : FieldId::other;
    case 14:
      return is<"content-length">(p) ? FieldId::content_length : FieldId::other;
    case 15:
      if (is<"accept-encoding">(p)) return FieldId::accept_encoding;
      return is<"x-forwarded-for">(p) ? FieldId::x_forwarded_for : FieldId::other;
    case 16:
      if (is<"content-encoding">(p)) return FieldId::content_encoding;
      if (is<"x-forwarded-host">(p)) return FieldId::x_forwarded_host;
      return is<"proxy-connection">(p) ? FieldId::proxy_connection : FieldId::other;
    case 17:
      if (is<"transfer-encoding">(p)) return FieldId::transfer_encoding;
      return is<"x-forwarded-proto">(p) ? FieldId::x_forwarded_proto : FieldId::other;
    case 18:
      return is<"proxy-authenticate">(p) ? FieldId::proxy_authenticate : FieldId::other;
    case 19:
      return is<"proxy-authorization">(p) ? FieldId::proxy_authorization : FieldId::other;
    default:
      return FieldId::other;
  }
}

Method method_id(std::string_view name) {
  switch (name.size()) {
    case 3:
      if (name == "GET") return Method::get;
      return name == "PUT" ? Method::put : Method::other;
    case 4:
      if (name == "POST") return Method::post;
      return name == "HEAD" ? Method::head : Method::other;
    case 5:
      if (name == "PATCH") return Method::patch;
      return name == "TRACE" ? Method::trace : Method::other;
    case 6:
      return name == "DELETE" ? Method::delete_ : Method::other;
    case 7:
      if (name == "OPTIONS") return Method::options;
      return name == "CONNECT" ? Method::connect : Method::other;
    default:
      return Method::other;
  }
}

bool hop_by_hop(const Field& field, std::string_view connection) {
  if (hop_by_hop_id(field.id)) return true;
  return !names_no_field(connection) && names_option(connection, field.name);
}

bool hop_by_hop(const Field& field, const Fields& fields) {
  if (hop_by_hop_id(field.id)) return true;
  for (const Field& other : fields)
    if (other.id == FieldId::connection && !names_no_field(other.value) &&
        names_option(other.value, field.name))
      return true;
  return false;
}

void drop_connection_options(Fields& fields) {
  std::vector<std::string_view> named;
  for (const Field& field : fields)
    if (field.id == FieldId::connection && !names_no_field(field.value))
      named.push_back(field.value);
  if (named.empty()) return;
  fields.erase_if([&](const Field& field) {
    return field.id == FieldId::connection ||
           std::ranges::any_of(named, [&](std::string_view connection) {
             return names_option(connection, field.name);
           });
  });
}

}  // namespace ropewalk::http
