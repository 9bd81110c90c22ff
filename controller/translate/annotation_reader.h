// Reads ropewalk.dev/ keys by type and collects what is wrong. Lives while one Service is read.
#pragma once

#include "controller/objects/objects.h"
#include "controller/translate/spec.h"
#include "controller/translate/values.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::controller {

class AnnotationReader {
 public:
  explicit AnnotationReader(const ObjectMeta& meta);

  bool empty() const { return values_.empty(); }
  // Trimmed; nothing when absent or empty.
  std::optional<std::string_view> raw(std::string_view key) const;
  bool has(std::string_view key) const { return values_.contains(key); }

  // The typed value; nothing when absent or wrong. A wrong value goes to `problems`.
  template <class T>
  std::optional<T> get(std::string_view key, Value<T> (*parse)(std::string_view),
                       std::vector<Problem>& problems) const {
    const auto text = raw(key);
    if (!text) return std::nullopt;
    auto value = parse(*text);
    if (value) return std::move(*value);
    problems.push_back(bad_value(key, value.error(), *text));
    return std::nullopt;
  }

  // Keys that the table does not have, each with the nearest one, and what is no text at all.
  // `claims`: one of them may be meant for a key that decides about the claim; `addresses`: for
  // port or scheme.
  struct Unknown {
    std::vector<Problem> problems;
    bool claims = false;
    bool addresses = false;
  };
  Unknown unknown() const;
  // Of the keys that are there.
  const std::map<std::string, std::string, std::less<>>& values() const { return values_; }

 private:
  std::map<std::string, std::string, std::less<>> values_;  // without the prefix
  bool not_text_ = false;
};

}  // namespace ropewalk::controller
