// Reads one block without leniency (design 7.1), for what protects: exact types; null is absent,
// keys that begin with @ $ _ or # are comments. What is wrong, unknown or without effect is refused
// with path, value and what is allowed. One thread, during the parsing of that block.
//
// The first error is kept in the Diagnostics and later reads return their defaults, so that a
// parser reads straight through and calls finish() at its end.
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

// How KrakenD finds a key: as it is written, or in any letter case (what it reads with Go's
// encoding/json).
enum class KeyCase { exact, any };

class StrictReader {
 public:
  // A value that is no object is refused. The value and the diagnostics outlive the reader.
  StrictReader(const ExtraValue& extra, Diagnostics& diagnostics, KeyCase keys = KeyCase::exact);

  // The value, or null when it is absent or null. Marks the key as known.
  const nlohmann::json* find(std::string_view key);
  bool has(std::string_view key) { return find(key) != nullptr; }

  bool flag(std::string_view key);
  // One whose wrong type only makes things stricter: a warning, and it counts as absent.
  bool lenient_flag(std::string_view key);
  std::string text(std::string_view key);
  std::vector<std::string> texts(std::string_view key);
  std::vector<std::pair<std::string, std::string>> text_map(std::string_view key);
  // Name -> list of texts; one text stands for a list of one.
  std::vector<std::pair<std::string, std::vector<std::string>>> texts_map(std::string_view key);

  // A whole number from 0 to `most`; 0 when absent.
  std::uint64_t whole(std::string_view key, std::uint64_t most);
  // Cut to a whole number; refused outside of [lowest, highest]. 0 when absent.
  std::int64_t integer(std::string_view key, std::int64_t lowest, std::int64_t highest);
  // A number of at least 0, perhaps written as a text; nothing when absent.
  std::optional<double> number(std::string_view key);
  // The same without its fraction.
  std::optional<std::int64_t> count(std::string_view key);
  std::vector<std::int64_t> counts(std::string_view key);
  // Nanoseconds of a text such as "10s"; nothing when absent.
  std::optional<std::int64_t> duration(std::string_view key);

  // Refuses at `path` what is no regular expression.
  void check_expression(const std::string& expression, const std::string& path);

  // Known, and any value is fine; `reason` not empty: without effect, warned about when present.
  void ignore(std::string_view key, std::string_view reason = {});
  void refuse(std::string_view key, const std::string& message);
  // "expected <expected>, got <value>".
  void refuse_value(std::string_view key, std::string_view expected, const nlohmann::json& value);
  void warn(std::string_view key, const std::string& message);
  // Refuses every key that nobody asked for.
  void finish();

  std::string path_of(std::string_view key) const { return child(path_, key); }
  Diagnostics& diagnostics() { return diagnostics_; }

 private:
  bool same(std::string_view given, std::string_view key) const;
  const nlohmann::json* value_of(std::string_view key) const;

  const nlohmann::json* object_ = nullptr;  // null: no object
  const std::string path_;
  Diagnostics& diagnostics_;
  const KeyCase keys_;
  std::vector<std::string> known_;
};

}  // namespace ropewalk::config
