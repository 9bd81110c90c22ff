#include "config/strict.h"

#include "common/strings.h"
#include "config/duration.h"

#include <re2/re2.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace ropewalk::config {

using nlohmann::json;

namespace {

std::string expected_got(std::string_view expected, const json& value) {
  return "expected " + std::string(expected) + ", got " + shown(value);
}

// A number of at least 0, or the text of one.
std::optional<double> number_of(const json& value) {
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

std::vector<std::string> texts_of(const json& value, const std::string& path,
                                  Diagnostics& diagnostics) {
  std::vector<std::string> out;
  if (!value.is_array()) {
    diagnostics.refuse(path, expected_got("a list of texts", value));
    return out;
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i].is_string())
      out.push_back(value[i].get<std::string>());
    else
      diagnostics.refuse(child(path, i), expected_got("a text", value[i]));
  }
  return out;
}

}  // namespace

StrictReader::StrictReader(const ExtraValue& extra, Diagnostics& diagnostics, KeyCase keys)
    : object_(extra.value->is_object() ? extra.value : nullptr),
      path_(extra.path),
      diagnostics_(diagnostics),
      keys_(keys) {
  if (!object_) diagnostics_.refuse(path_, expected_got("an object", *extra.value));
}

bool StrictReader::same(std::string_view given, std::string_view key) const {
  return keys_ == KeyCase::exact ? given == key : iequals(given, key);
}

const json* StrictReader::value_of(std::string_view key) const {
  if (!object_) return nullptr;
  const json* found = nullptr;
  for (auto it = object_->begin(); it != object_->end(); ++it) {
    // The last one counts, as where Go reads the sorted keys; the exact spelling before any other.
    if (same(it.key(), key)) found = &*it;
    if (it.key() == key) break;
  }
  return found && !found->is_null() ? found : nullptr;
}

const json* StrictReader::find(std::string_view key) {
  known_.emplace_back(key);
  const json* found = value_of(key);
  if (object_) diagnostics_.known(path_, key, found != nullptr);
  return found;
}

bool StrictReader::flag(std::string_view key) {
  const json* value = find(key);
  if (!value) return false;
  if (value->is_boolean()) return value->get<bool>();
  refuse_value(key, "true or false", *value);
  return false;
}

bool StrictReader::lenient_flag(std::string_view key) {
  const json* value = find(key);
  if (!value) return false;
  if (value->is_boolean()) return value->get<bool>();
  warn(key, "ignored: " + expected_got("true or false", *value));
  return false;
}

std::string StrictReader::text(std::string_view key) {
  const json* value = find(key);
  if (!value) return {};
  if (value->is_string()) return value->get<std::string>();
  refuse_value(key, "a text", *value);
  return {};
}

std::vector<std::string> StrictReader::texts(std::string_view key) {
  const json* value = find(key);
  return value ? texts_of(*value, path_of(key), diagnostics_) : std::vector<std::string>();
}

std::vector<std::pair<std::string, std::string>> StrictReader::text_map(std::string_view key) {
  std::vector<std::pair<std::string, std::string>> out;
  const json* value = find(key);
  if (!value) return out;
  if (!value->is_object()) {
    refuse_value(key, "an object of texts", *value);
    return out;
  }
  for (auto it = value->begin(); it != value->end(); ++it) {
    if (it->is_string())
      out.emplace_back(it.key(), it->get<std::string>());
    else
      diagnostics_.refuse(child(path_of(key), it.key()), expected_got("a text", *it));
  }
  return out;
}

std::vector<std::pair<std::string, std::vector<std::string>>> StrictReader::texts_map(
    std::string_view key) {
  std::vector<std::pair<std::string, std::vector<std::string>>> out;
  const json* value = find(key);
  if (!value) return out;
  if (!value->is_object()) {
    refuse_value(key, "an object of lists of texts", *value);
    return out;
  }
  for (auto it = value->begin(); it != value->end(); ++it) {
    if (it->is_string())
      out.emplace_back(it.key(), std::vector<std::string>{it->get<std::string>()});
    else
      out.emplace_back(it.key(), it->is_null()
                                     ? std::vector<std::string>()
                                     : texts_of(*it, child(path_of(key), it.key()), diagnostics_));
  }
  return out;
}

std::uint64_t StrictReader::whole(std::string_view key, std::uint64_t most) {
  const json* value = find(key);
  if (!value) return 0;
  if (value->is_number_unsigned() && value->get<std::uint64_t>() <= most)
    return value->get<std::uint64_t>();
  // Go takes 1e3 for no whole number, but 5.0 from a YAML or TOML document arrives as one.
  if (value->is_number_float()) {
    const double number = value->get<double>();
    if (number >= 0 && number <= static_cast<double>(most)) {
      const auto whole = static_cast<std::uint64_t>(number);
      if (static_cast<double>(whole) == number) return whole;
    }
  }
  refuse_value(key, "a whole number from 0 to " + std::to_string(most), *value);
  return 0;
}

std::int64_t StrictReader::integer(std::string_view key, std::int64_t lowest,
                                   std::int64_t highest) {
  const json* value = find(key);
  if (!value) return 0;
  const double number = value->is_number() ? std::trunc(value->get<double>()) : std::nan("");
  if (number >= static_cast<double>(lowest) && number <= static_cast<double>(highest))
    return static_cast<std::int64_t>(number);
  refuse_value(key, "a number from " + std::to_string(lowest) + " to " + std::to_string(highest),
               *value);
  return 0;
}

std::optional<double> StrictReader::number(std::string_view key) {
  const json* value = find(key);
  if (!value) return std::nullopt;
  const auto number = number_of(*value);
  if (!number) refuse_value(key, "a number of at least 0", *value);
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
      refuse_value(key, "a list of numbers", *value);
  }
  return out;
}

std::optional<std::int64_t> StrictReader::duration(std::string_view key) {
  const json* value = find(key);
  if (!value) return std::nullopt;
  std::optional<std::int64_t> time;
  if (value->is_string()) time = parse_duration(value->get_ref<const std::string&>());
  if (value->is_number() && *value == 0) time = 0;
  if (!time) refuse_value(key, "a duration such as 10s or 1m30s", *value);
  return time;
}

void StrictReader::check_expression(const std::string& expression, const std::string& path) {
  RE2::Options options;
  options.set_log_errors(false);
  const RE2 compiled(expression, options);
  if (!compiled.ok())
    diagnostics_.refuse(path, "expected a regular expression (RE2): " + compiled.error() + " in " +
                                  expression.substr(0, 80));
}

void StrictReader::ignore(std::string_view key, std::string_view reason) {
  if (reason.empty()) return void(find(key));
  known_.emplace_back(key);
  if (const json* value = value_of(key); value && !switched_off(*value))
    warn(key, std::string(reason));
}

void StrictReader::refuse(std::string_view key, const std::string& message) {
  diagnostics_.refuse(path_of(key), message);
}

void StrictReader::refuse_value(std::string_view key, std::string_view expected,
                                const json& value) {
  refuse(key, expected_got(expected, value));
}

void StrictReader::warn(std::string_view key, const std::string& message) {
  diagnostics_.warn(path_of(key), message);
}

void StrictReader::finish() {
  if (!object_) return;
  const std::vector<std::string_view> names(known_.begin(), known_.end());
  for (auto it = object_->begin(); it != object_->end(); ++it) {
    const auto asked = [&](std::string_view name) { return same(it.key(), name); };
    if (comment(it.key()) || std::ranges::any_of(names, asked)) continue;
    const std::string_view near = nearest(to_lower(it.key()), names);
    refuse(it.key(),
           "unknown key, so it would have no effect" +
               (near.empty() ? std::string() : " (did you mean " + std::string(near) + "?)"));
  }
}

}  // namespace ropewalk::config
