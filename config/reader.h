// Reads one object of a configuration with KrakenD's weak typing: keys in any letter case, numbers
// in texts and the reverse, one value for a list of one, null for absent. Lives as long as the
// parsing of that object; one thread.
//
// The first error is kept in the Diagnostics and later reads return their defaults, so that a
// parser reads straight through and asks once at its end.
#pragma once

#include "common/error.h"
#include "config/key_listener.h"
#include "config/warning.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ropewalk::config {

class Diagnostics {
 public:
  // Both outlive this; the listener may be null.
  explicit Diagnostics(std::vector<Warning>& warnings, const KeyListener* listener = nullptr)
      : warnings_(warnings), listener_(listener) {}

  void refuse(const std::string& path, const std::string& message);
  // Something has no effect, or not the one that is hoped for.
  void warn(const std::string& path, std::string message);
  // Something has its effect, and there is more to know about it.
  void advise(const std::string& path, std::string message);
  // A reader knows this key of the object at `path`.
  void known(const std::string& path, std::string_view key, bool present) const {
    if (listener_ && *listener_) (*listener_)(path, key, present);
  }
  bool failed() const { return error_.has_value(); }
  Error error() const { return *error_; }
  std::vector<Warning>& warnings() { return warnings_; }

 private:
  std::vector<Warning>& warnings_;
  const KeyListener* listener_;
  std::optional<Error> error_;
};

// "timeout" below "endpoints[0]" -> "endpoints[0].timeout"; names with dots or slashes are quoted.
std::string child(const std::string& path, std::string_view key);
std::string child(const std::string& path, std::size_t index);
// A value as error messages show it: cut to a line, never a whole document.
std::string shown(const nlohmann::json& value);
// Keys that begin with @ $ _ or # are comments in every object of the configuration. Names that
// users choose themselves (of a mapping, of headers, users, parameters or files) never are.
bool comment(std::string_view key);
// A value that asks for nothing: null, false, 0, "" and what is empty.
bool switched_off(const nlohmann::json& value);

class Reader {
 public:
  // A value that is no object is refused at `path`. The object and the diagnostics outlive the
  // reader.
  Reader(const nlohmann::json& object, std::string path, Diagnostics& diagnostics);

  // The value, or null when it is absent or null. Marks the key as known.
  const nlohmann::json* find(std::string_view key);
  bool has(std::string_view key) { return find(key) != nullptr; }

  std::string text(std::string_view key, std::string fallback = {});
  std::int64_t integer(std::string_view key, std::int64_t lowest, std::int64_t highest);
  std::int64_t duration(std::string_view key);  // nanoseconds, 0 when absent
  bool flag(std::string_view key);
  std::vector<std::string> texts(std::string_view key);
  std::vector<std::int64_t> integers(std::string_view key, std::int64_t lowest,
                                     std::int64_t highest);
  // Objects of a list, or the one object given in its place, each with its path; null entries are
  // refused.
  std::vector<std::pair<const nlohmann::json*, std::string>> objects(std::string_view key);
  // Name and text, sorted by name, whatever it begins with; a list of objects counts as their
  // union.
  std::vector<std::pair<std::string, std::string>> text_map(std::string_view key);

  // Known without being read here; `reason` not empty: warned about when it asks for
  // something.
  void ignore(std::string_view key, std::string_view reason = {},
              Severity severity = Severity::no_effect);
  // Warns about every key that nobody asked for; one that would protect is refused.
  void finish();

  std::string path_of(std::string_view key) const { return child(path_, key); }
  const std::string& path() const { return path_; }
  Diagnostics& diagnostics() { return diagnostics_; }

 private:
  const nlohmann::json* look_up(std::string_view key);
  std::string text_of(const nlohmann::json& value, const std::string& path);
  std::int64_t integer_of(const nlohmann::json& value, const std::string& path, std::int64_t lowest,
                          std::int64_t highest);

  const nlohmann::json& object_;
  std::string path_;
  Diagnostics& diagnostics_;
  std::set<std::string, std::less<>> known_;  // lower case
};

}  // namespace ropewalk::config
