#include "config/extra/strict.h"

#include "common/strings.h"
#include "config/duration.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace ropewalk::config {

using nlohmann::json;

StrictReader::StrictReader(const ExtraValue& extra, Diagnostics& diagnostics)
    : path_(extra.path), diagnostics_(diagnostics) {
  if (extra.value->is_object())
    object_ = extra.value;
  else
    diagnostics.refuse(path_, "expected an object, got " + shown(*extra.value));
}

const json* StrictReader::find(std::string_view key) {
  known_.push_back(key);
  if (!object_) return nullptr;
  const auto it = object_->find(std::string(key));
  const json* found = it == object_->end() || it->is_null() ? nullptr : &*it;
  diagnostics_.known(path_, key, found != nullptr);
  return found;
}

std::optional<double> StrictReader::number_of(const json& value) const {
  std::optional<double> number;
  if (value.is_number()) number = value.get<double>();
  if (value.is_string()) {
    const std::string_view text = trim(value.get_ref<const std::string&>());
    double read = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read);
    if (error == std::errc{} && end == text.data() + text.size()) number = read;
  }
  if (!number || !std::isfinite(*number) || *number < 0) return std::nullopt;
  return number;
}

std::optional<double> StrictReader::number(std::string_view key) {
  const json* value = find(key);
  if (!value) return std::nullopt;
  const auto number = number_of(*value);
  if (!number) refuse(key, "a number of at least 0", *value);
  return number;
}

std::optional<std::int64_t> StrictReader::count(std::string_view key) {
  constexpr double kMost = 9e18;
  const auto read = number(key);
  if (!read) return std::nullopt;
  return static_cast<std::int64_t>(std::min(*read, kMost));
}

std::vector<std::int64_t> StrictReader::counts(std::string_view key) {
  std::vector<std::int64_t> out;
  const json* value = find(key);
  if (!value) return out;
  const json list = value->is_array() ? *value : json::array({*value});
  for (const json& entry : list) {
    const auto number = number_of(entry);
    if (number && *number < 9e18)
      out.push_back(static_cast<std::int64_t>(*number));
    else
      refuse(key, "a list of numbers", *value);
  }
  return out;
}

std::string StrictReader::text(std::string_view key) {
  const json* value = find(key);
  if (!value) return {};
  if (value->is_string()) return value->get<std::string>();
  refuse(key, "a text", *value);
  return {};
}

bool StrictReader::flag(std::string_view key) {
  const json* value = find(key);
  if (!value) return false;
  if (value->is_boolean()) return value->get<bool>();
  refuse(key, "true or false", *value);
  return false;
}

std::optional<std::int64_t> StrictReader::duration(std::string_view key) {
  const json* value = find(key);
  if (!value) return std::nullopt;
  std::optional<std::int64_t> time;
  if (value->is_string()) time = parse_duration(value->get_ref<const std::string&>());
  if (value->is_number() && *value == 0) time = 0;
  if (!time) refuse(key, "a duration such as 10s or 1m30s", *value);
  return time;
}

void StrictReader::ignore(std::string_view key) { find(key); }

void StrictReader::refuse(std::string_view key, std::string_view expected, const json& value) {
  refuse(key, "expected " + std::string(expected) + ", got " + shown(value));
}

void StrictReader::refuse(std::string_view key, const std::string& message) {
  diagnostics_.refuse(child(path_, key), message);
}

void StrictReader::warn(std::string_view key, const std::string& message) {
  diagnostics_.warn(child(path_, key), message);
}

void StrictReader::finish() {
  if (!object_) return;
  for (auto it = object_->begin(); it != object_->end(); ++it) {
    if (comment(it.key()) || std::ranges::find(known_, it.key()) != known_.end()) continue;
    const std::string_view near = nearest(it.key(), known_);
    const std::string hint = near.empty() ? "" : " (did you mean " + std::string(near) + "?)";
    diagnostics_.refuse(child(path_, it.key()), "unknown key, so it would protect nothing" + hint);
  }
}

}  // namespace ropewalk::config
