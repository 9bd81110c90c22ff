#include "config/misplaced.h"

#include "common/strings.h"
#include "config/reader.h"
#include "config/registry.h"

#include <nlohmann/json.hpp>

namespace ropewalk::config {
namespace {

using nlohmann::json;

constexpr std::string_view kHome = "extra_config";

bool protects(std::string_view key, const json& value) {
  return is_block(value) && !comment(key) && looks_like_protection(key);
}

// The first member that protects. A list of objects counts as their union, as extra_config does.
std::string protecting_member(const json& value) {
  if (value.is_array())
    for (const json& entry : value)
      if (std::string found = entry.is_object() ? protecting_member(entry) : ""; !found.empty())
        return found;
  if (value.is_object())
    for (auto it = value.begin(); it != value.end(); ++it)
      if (protects(it.key(), *it)) return it.key();
  return {};
}

}  // namespace

bool is_block(const json& value) {
  return value.is_object() || (value.is_array() && !value.empty());
}

std::string misplaced_protection(std::string_view key, const json& value, bool at_root) {
  if (protects(key, value)) {
    if (find_namespace(key))
      return std::string(key) + " belongs into extra_config: here it would protect nothing";
    const std::string_view near = nearest_namespace(key);
    return "unknown key, so it would protect nothing" +
           (near.empty() ? std::string()
                         : " (did you mean " + std::string(near) + " in extra_config?)");
  }
  const std::string member = protecting_member(value);
  if (member.empty()) return {};
  if (iequals(key, kHome)) return "is not read here, so " + member + " in it would protect nothing";
  const bool misspelt = !nearest(key, {kHome}).empty();
  if (at_root && !misspelt) return {};
  return "unknown key, so " + member + " in it would protect nothing (" +
         (misspelt ? "did you mean extra_config?)"
                   : "it belongs into extra_config; for a comment begin the key with _)");
}

}  // namespace ropewalk::config
