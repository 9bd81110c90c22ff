// Reads a protecting block whose types KrakenD checks (Go's encoding/json): keys in any letter
// case, values of exactly their type. What has another type, and a key that nobody asks for, is
// refused (design 7.1): a misspelt `roles` would protect nothing. One thread, during the parsing of
// that block.
//
// The first error is kept in the Diagnostics and later reads return their defaults, so that a
// parser reads straight through and calls finish() at its end.
#pragma once

#include "config/extra.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::config {

class TypedReader {
 public:
  TypedReader(const ExtraValue& extra, Diagnostics& diagnostics);

  // The value, or null when it is absent or null. Marks the key as known.
  const nlohmann::json* find(std::string_view key);
  std::string text(std::string_view key);
  bool flag(std::string_view key);
  std::vector<std::string> texts(std::string_view key);
  // A whole number from 0 to `most`; 0 when absent.
  std::uint64_t count(std::string_view key, std::uint64_t most);
  // Known and without effect here; `reason` not empty: warned about when present.
  void ignore(std::string_view key, std::string_view reason = {});

  void refuse(std::string_view key, const std::string& message);
  // "expected <expected>, got <value>".
  void refuse_value(std::string_view key, std::string_view expected, const nlohmann::json& value);
  void warn(std::string_view key, const std::string& message);
  void finish();

  std::string path_of(std::string_view key) const;
  Diagnostics& diagnostics() { return diagnostics_; }

 private:
  const nlohmann::json* object_ = nullptr;  // null: no object
  const std::string path_;
  Diagnostics& diagnostics_;
  std::vector<std::string_view> known_;
};

}  // namespace ropewalk::config
