#include "dataplane/filters/auth/token_place.h"

#include "common/strings.h"

#include <algorithm>

namespace ropewalk::auth {
namespace {

// As Go reads a cookie: its quotes dropped; a value with a character that no cookie has makes it
// count as absent.
bool cookie_value(std::string_view& value) {
  if (value.size() > 1 && value.front() == '"' && value.back() == '"')
    value = value.substr(1, value.size() - 2);
  return std::ranges::all_of(
      value, [](char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != ';' && c != '\\'; });
}

bool find_cookie(std::string_view line, std::string_view name, std::string_view& out) {
  for (std::string_view part : split(line, ';')) {
    part = trim(part);
    const auto equals = part.find('=');
    if (equals == std::string_view::npos || part.substr(0, equals) != name) continue;
    std::string_view value = part.substr(equals + 1);
    if (!cookie_value(value)) continue;
    out = value;
    return true;
  }
  return false;
}

}  // namespace

std::string_view without_bearer(std::string_view value) {
  constexpr std::string_view kScheme = "bearer ";
  if (value.size() > kScheme.size() && iequals(value.substr(0, kScheme.size()), kScheme))
    return value.substr(kScheme.size());
  return value;
}

TokenText find_token(const http::Fields& fields, const TokenPlace& place) {
  const http::Field* found = nullptr;
  for (const http::Field& field : fields) {
    if (!iequals(field.name, place.header)) continue;
    if (found) return {TokenText::State::ambiguous, {}};
    found = &field;
  }
  if (found && !found->value.empty())
    return {TokenText::State::found, without_bearer(found->value)};
  for (const http::Field& field : fields) {
    std::string_view text;
    if (field.id == http::FieldId::cookie && find_cookie(field.value, place.cookie, text))
      return {TokenText::State::found, text};
  }
  return {};
}

}  // namespace ropewalk::auth
