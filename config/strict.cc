#include "config/strict.h"

#include "common/strings.h"

#include <re2/re2.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace ropewalk::config {

using nlohmann::json;

namespace {

const json& nothing() {
  static const json empty = json::object();
  return empty;
}

}  // namespace

Strict::Strict(const ExtraValue& extra, Diagnostics& diagnostics)
    : Strict(*extra.value, extra.path, diagnostics) {}

Strict::Strict(const json& object, std::string path, Diagnostics& diagnostics)
    : object_(object.is_object() ? object : nothing()),
      path_(std::move(path)),
      diagnostics_(diagnostics) {
  if (!object.is_object()) diagnostics_.refuse(path_, "expected an object, got " + shown(object));
}

void Strict::refuse(std::string_view key, std::string_view expected, const json& value) {
  diagnostics_.refuse(path_of(key), "expected " + std::string(expected) + ", got " + shown(value));
}

const json* Strict::find(std::string_view key) {
  known_.emplace_back(key);
  const auto at = object_.find(std::string(key));
  const json* found = at == object_.end() || at->is_null() ? nullptr : &*at;
  diagnostics_.known(path_, key, found != nullptr);
  return found;
}

bool Strict::flag(std::string_view key) {
  const json* value = find(key);
  if (!value) return false;
  if (!value->is_boolean()) refuse(key, "true or false", *value);
  return value->is_boolean() && value->get<bool>();
}

bool Strict::lenient_flag(std::string_view key) {
  const json* value = find(key);
  if (!value) return false;
  if (!value->is_boolean())
    diagnostics_.warn(path_of(key), "ignored: expected true or false, got " + shown(*value));
  return value->is_boolean() && value->get<bool>();
}

std::string Strict::text(std::string_view key) {
  const json* value = find(key);
  if (!value) return {};
  if (value->is_string()) return value->get<std::string>();
  refuse(key, "a text", *value);
  return {};
}

std::int64_t Strict::integer(std::string_view key, std::int64_t lowest, std::int64_t highest) {
  const json* value = find(key);
  if (!value) return 0;
  const double number = value->is_number() ? std::trunc(value->get<double>()) : std::nan("");
  if (number >= static_cast<double>(lowest) && number <= static_cast<double>(highest))
    return static_cast<std::int64_t>(number);
  refuse(key, "a number from " + std::to_string(lowest) + " to " + std::to_string(highest), *value);
  return 0;
}

std::vector<std::string> Strict::texts(std::string_view key) {
  const json* value = find(key);
  if (!value) return {};
  const bool fits = value->is_array() && std::ranges::all_of(*value, [](const json& entry) {
                      return entry.is_string();
                    });
  if (fits) return value->get<std::vector<std::string>>();
  if (!value->is_array()) {
    refuse(key, "a list of texts", *value);
    return {};
  }
  for (std::size_t i = 0; i < value->size(); ++i)
    if (!(*value)[i].is_string())
      diagnostics_.refuse(child(path_of(key), i), "expected a text, got " + shown((*value)[i]));
  return {};
}

std::vector<std::pair<std::string, std::string>> Strict::text_map(std::string_view key) {
  std::vector<std::pair<std::string, std::string>> out;
  const json* value = find(key);
  if (!value) return out;
  if (!value->is_object()) {
    refuse(key, "an object of texts", *value);
    return out;
  }
  for (auto it = value->begin(); it != value->end(); ++it) {
    if (comment(it.key())) continue;
    if (it->is_string())
      out.emplace_back(it.key(), it->get<std::string>());
    else
      diagnostics_.refuse(child(path_of(key), it.key()), "expected a text, got " + shown(*it));
  }
  return out;
}

std::vector<std::pair<std::string, std::vector<std::string>>> Strict::texts_map(
    std::string_view key) {
  std::vector<std::pair<std::string, std::vector<std::string>>> out;
  const json* value = find(key);
  if (!value) return out;
  if (!value->is_object()) {
    refuse(key, "an object of lists of texts", *value);
    return out;
  }
  Strict lists(*value, path_of(key), diagnostics_);
  for (auto it = value->begin(); it != value->end(); ++it) {
    if (comment(it.key())) continue;
    if (it->is_string())
      out.emplace_back(it.key(), std::vector<std::string>{it->get<std::string>()});
    else
      out.emplace_back(it.key(), lists.texts(it.key()));
  }
  return out;
}

void Strict::check_expression(const std::string& expression, const std::string& path) {
  RE2::Options options;
  options.set_log_errors(false);
  const RE2 compiled(expression, options);
  if (!compiled.ok())
    diagnostics_.refuse(path, "expected a regular expression (RE2): " + compiled.error() + " in " +
                                  expression.substr(0, 80));
}

void Strict::ignore(std::string_view key, std::string_view reason) {
  known_.emplace_back(key);
  const auto found = object_.find(std::string(key));
  if (found != object_.end() && !found->is_null())
    diagnostics_.warn(path_of(key), std::string(reason));
}

void Strict::finish() {
  const std::vector<std::string_view> names(known_.begin(), known_.end());
  for (auto it = object_.begin(); it != object_.end(); ++it) {
    if (comment(it.key()) || std::ranges::find(known_, it.key()) != known_.end()) continue;
    const std::string_view near = nearest(to_lower(it.key()), names);
    diagnostics_.refuse(path_of(it.key()), near.empty()
                                               ? "this name has no effect here"
                                               : "this name has no effect here (did you mean " +
                                                     std::string(near) + "?)");
  }
}

}  // namespace ropewalk::config
