#include "dataplane/filters/auth/settings.h"

namespace ropewalk::auth {

Result<Settings> Settings::parse(std::string_view text) {
  auto value = json::parse(text);
  if (!value || !value->is_object()) return fail(Kind::config, "expected a JSON object");
  return Settings(std::move(*value));
}

std::string Settings::text(std::string_view name) const {
  const json::Value* value = find(name);
  return value && value->is_string() ? value->string() : std::string();
}

bool Settings::flag(std::string_view name) const {
  const json::Value* value = find(name);
  return value && value->is_boolean() && value->boolean();
}

std::int64_t Settings::number(std::string_view name) const {
  const json::Value* value = find(name);
  return value ? value->as_integer().value_or(0) : 0;
}

double Settings::fraction(std::string_view name) const {
  const json::Value* value = find(name);
  return value ? value->as_double() : 0;
}

std::vector<std::string> Settings::texts(std::string_view name) const {
  std::vector<std::string> out;
  const json::Value* value = find(name);
  if (!value || !value->is_list()) return out;
  for (const json::Value& element : value->elements())
    if (element.is_string()) out.push_back(element.string());
  return out;
}

}  // namespace ropewalk::auth
