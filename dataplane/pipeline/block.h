// Reading a block that config/extra/<namespace> has checked and written: what is absent or of
// another type is empty. Pure.
#pragma once

#include "common/json/value.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ropewalk::pipeline {

inline bool flag_of(const json::Value& block, std::string_view key) {
  const json::Value* value = block.find(key);
  return value && value->is_boolean() && value->boolean();
}

inline std::int64_t number_of(const json::Value& block, std::string_view key) {
  const json::Value* value = block.find(key);
  return value ? value->as_integer().value_or(0) : 0;
}

inline std::string text_of(const json::Value& block, std::string_view key) {
  const json::Value* value = block.find(key);
  return value && value->is_string() ? value->string() : std::string();
}

inline std::vector<std::string> texts_of(const json::Value& list) {
  std::vector<std::string> out;
  if (list.is_list())
    for (const json::Value& entry : list.elements())
      if (entry.is_string()) out.push_back(entry.string());
  return out;
}

inline std::vector<std::string> texts_of(const json::Value& block, std::string_view key) {
  const json::Value* value = block.find(key);
  return value ? texts_of(*value) : std::vector<std::string>();
}

inline std::vector<std::pair<std::string, std::string>> text_map_of(const json::Value& block,
                                                                    std::string_view key) {
  std::vector<std::pair<std::string, std::string>> out;
  const json::Value* value = block.find(key);
  if (value && value->is_object())
    for (const auto& [name, entry] : value->members())
      if (entry.is_string()) out.emplace_back(name, entry.string());
  return out;
}

// A line of a head.
inline void put_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

}  // namespace ropewalk::pipeline
