// Reads a block of extra_config that protects (design 7.1): what is wrong, unknown or without
// effect is refused with path, value and what is allowed; a number may be written as a text. Keys
// are case-sensitive, as KrakenD's are inside of components. One thread, during the parsing of
// that block.
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
#include <vector>

namespace ropewalk::config {

class StrictReader {
 public:
  // A block that is no object is refused. The block and the diagnostics outlive the reader.
  StrictReader(const ExtraValue& extra, Diagnostics& diagnostics);

  // The value, or null when it is absent or null. Marks the key as known.
  const nlohmann::json* find(std::string_view key);
  bool has(std::string_view key) { return find(key) != nullptr; }

  // A number of at least 0; nothing when absent.
  std::optional<double> number(std::string_view key);
  // The same without its fraction.
  std::optional<std::int64_t> count(std::string_view key);
  std::vector<std::int64_t> counts(std::string_view key);
  std::string text(std::string_view key);
  bool flag(std::string_view key);
  // Nanoseconds of a text such as "10s"; nothing when absent.
  std::optional<std::int64_t> duration(std::string_view key);

  // Known without being read; any value is fine.
  void ignore(std::string_view key);
  void refuse(std::string_view key, std::string_view expected, const nlohmann::json& value);
  void refuse(std::string_view key, const std::string& message);
  void warn(std::string_view key, const std::string& message);
  // Refuses every key that nobody asked for.
  void finish();

 private:
  std::optional<double> number_of(const nlohmann::json& value) const;

  const nlohmann::json* object_ = nullptr;  // null: no object
  const std::string path_;
  Diagnostics& diagnostics_;
  std::vector<std::string_view> known_;
};

}  // namespace ropewalk::config
