#include "config/extra/auth_basic.h"

#include "common/strings.h"
#include "config/strict.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace ropewalk::config {
namespace {

using nlohmann::json;

// $2y$10$ and 53 characters, the form of bcrypt in crypt(3).
bool is_bcrypt(std::string_view hash) {
  constexpr std::size_t kLength = 60;
  const auto digit = [&](std::size_t at) { return hash[at] >= '0' && hash[at] <= '9'; };
  return hash.size() == kLength && hash.starts_with("$2") &&
         std::string_view("aby").find(hash[2]) != std::string_view::npos && hash[3] == '$' &&
         digit(4) && digit(5) && hash[6] == '$' && std::ranges::all_of(hash.substr(7), [](char c) {
           return (c >= '.' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
         });
}

void add(StrictReader& reader, const std::string& path, const std::string& name,
         const std::string& hash, json& users) {
  if (name.empty() || name.find(':') != std::string::npos)
    reader.diagnostics().refuse(path, "expected names without a colon, got " + shown(json(name)));
  else if (!is_bcrypt(hash))
    reader.diagnostics().refuse(
        path, "the password of " + name + " is no bcrypt hash such as $2y$10$...");
  else
    users[name] = hash;
}

void read_file_of(StrictReader& reader, Files* files, json& users) {
  const std::string name = reader.text("htpasswd_path");
  if (name.empty()) return;
  if (!files) {
    reader.refuse("htpasswd_path", "no file can be read here");
    return;
  }
  const auto text = files->read(name, reader.path_of("htpasswd_path"), reader.diagnostics());
  if (!text) return;
  for (std::string_view line : split(*text, '\n')) {
    line = trim(line, " \t\r");
    if (line.empty() || line.starts_with('#')) continue;
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) {
      reader.refuse("htpasswd_path", name + ": expected lines of the form name:hash");
      return;
    }
    add(reader, reader.path_of("htpasswd_path"), std::string(line.substr(0, colon)),
        std::string(line.substr(colon + 1)), users);
  }
}

}  // namespace

std::string read_basic(const ExtraValue& extra, Files* files, Diagnostics& diagnostics) {
  StrictReader reader(extra, diagnostics, KeyCase::any);
  json users = json::object();
  read_file_of(reader, files, users);
  if (const json* given = reader.find("users")) {
    if (!given->is_object()) {
      reader.refuse_value("users", "an object of names and hashes", *given);
    } else {
      for (auto it = given->begin(); it != given->end(); ++it) {
        const std::string at = child(reader.path_of("users"), it.key());
        if (it->is_string())
          add(reader, at, it.key(), it->get<std::string>(), users);
        else
          diagnostics.refuse(at, "expected a bcrypt hash, got " + shown(*it));
      }
    }
  }
  reader.finish();
  return json{{"users", std::move(users)}}.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace ropewalk::config
