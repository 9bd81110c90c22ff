// Reads the text that config/extra wrote. What is absent reads as empty, 0 or false; the text was
// checked where it was written.
#pragma once

#include "common/error.h"
#include "common/json/value.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::auth {

class Settings {
 public:
  // Errors: Kind::config for anything but a JSON object.
  static Result<Settings> parse(std::string_view text);

  std::string text(std::string_view name) const;
  bool flag(std::string_view name) const;
  std::int64_t number(std::string_view name) const;
  double fraction(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
  const json::Value* find(std::string_view name) const { return value_.find(name); }

 private:
  explicit Settings(json::Value value) : value_(std::move(value)) {}
  json::Value value_;
};

}  // namespace ropewalk::auth
