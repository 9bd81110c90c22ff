#include "controller/translate/entries.h"

#include "common/strings.h"
#include "config/registry.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace ropewalk::controller {
namespace {

// Namespaces whose whole purpose is a file or a script.
constexpr std::array<std::string_view, 3> kNamespaces = {"modifier/lua-", "plugin/",
                                                         "backend/static-filesystem"};

// Members that name a file, at any depth of a namespace and in any letter case.
struct Member {
  std::string_view name_space;  // its beginning; "": any
  std::string_view key;
};
constexpr Member kMembers[] = {
    {"auth/", "jwk_local_path"},
    {"auth/", "jwk_local_ca"},
    {"auth/", "htpasswd_path"},
    {"backend/graphql", "query_path"},
    {"backend/soap", "path"},
    {"modifier/martian", "static.Modifier"},
    {"modifier/body-generator", "path"},
    {"modifier/response-body-generator", "path"},
    {"modifier/request-body-generator", "path"},
    {"", "ca_certs"},
    {"", "client_certs"},
};

// `value` nests no deeper than config::parse_json() lets through.
std::string walk(const nlohmann::json& value, std::string_view name_space, const std::string& at) {
  if (value.is_array()) {
    for (const auto& item : value)
      if (std::string found = walk(item, name_space, at); !found.empty()) return found;
  } else if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      const std::string here = at + "." + key;
      if (std::ranges::any_of(kMembers, [&](const Member& known) {
            return name_space.starts_with(known.name_space) && iequals(key, known.key);
          }))
        return here;
      if (std::string found = walk(member, name_space, here); !found.empty()) return found;
    }
  }
  return {};
}

}  // namespace

std::string file_or_script_in(const nlohmann::json& extra_config) {
  for (const auto& [written, value] : extra_config.items()) {
    const config::Namespace* const known = config::find_namespace(written);
    const std::string_view name = known ? known->name : std::string_view(written);
    if (std::ranges::any_of(kNamespaces, [&](auto prefix) { return name.starts_with(prefix); }))
      return written;
    if (std::string found = walk(value, name, written); !found.empty()) return found;
  }
  return {};
}

}  // namespace ropewalk::controller
