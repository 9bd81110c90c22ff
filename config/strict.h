// Reads one block of a protection without leniency (design 7.1): exact names, exact types; null is
// absent, keys that begin with @ $ _ or # are comments. What has no effect is refused, not warned
// about. Lives as long as the parsing of that block; one thread.
#pragma once

#include "config/extra.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ropewalk::config {

class Strict {
 public:
  // A value that is no object is refused. The extra and the diagnostics outlive the reader.
  Strict(const ExtraValue& extra, Diagnostics& diagnostics);
  Strict(const nlohmann::json& object, std::string path, Diagnostics& diagnostics);

  // The value, nullptr when it is absent or null. Marks the name as known.
  const nlohmann::json* find(std::string_view key);

  bool flag(std::string_view key);
  std::string text(std::string_view key);
  // Cut to a whole number; refused outside of [lowest, highest]. 0 when absent.
  std::int64_t integer(std::string_view key, std::int64_t lowest, std::int64_t highest);
  std::vector<std::string> texts(std::string_view key);
  std::vector<std::pair<std::string, std::string>> text_map(std::string_view key);
  // Name -> list of texts; one text stands for a list of one.
  std::vector<std::pair<std::string, std::vector<std::string>>> texts_map(std::string_view key);

  // Refuses at `path` what is no regular expression.
  void check_expression(const std::string& expression, const std::string& path);

  // A value whose wrong type only makes things stricter: a warning, and it counts as absent.
  bool lenient_flag(std::string_view key);

  // Known, without effect: warned about when present.
  void ignore(std::string_view key, std::string_view reason);
  // Refuses every name that nobody asked for.
  void finish();

  std::string path_of(std::string_view key) const { return child(path_, key); }
  Diagnostics& diagnostics() { return diagnostics_; }

 private:
  void refuse(std::string_view key, std::string_view expected, const nlohmann::json& value);

  const nlohmann::json& object_;
  std::string path_;
  Diagnostics& diagnostics_;
  std::vector<std::string> known_;
};

}  // namespace ropewalk::config
