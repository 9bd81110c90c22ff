#include "config/extra/typed.h"

#include "common/strings.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace ropewalk::config {

using nlohmann::json;

TypedReader::TypedReader(const ExtraValue& extra, Diagnostics& diagnostics)
    : path_(extra.path), diagnostics_(diagnostics) {
  if (extra.value->is_object())
    object_ = extra.value;
  else
    diagnostics_.refuse(path_, "expected an object, got " + shown(*extra.value));
}

const json* TypedReader::find(std::string_view key) {
  known_.push_back(key);
  if (!object_) return nullptr;
  const json* found = nullptr;
  for (auto it = object_->begin(); it != object_->end(); ++it)
    if (it.key() == key || (!found && iequals(it.key(), key))) found = &*it;
  if (found && found->is_null()) found = nullptr;
  diagnostics_.known(path_, key, found != nullptr);
  return found;
}

std::string TypedReader::text(std::string_view key) {
  const json* value = find(key);
  if (!value) return {};
  if (value->is_string()) return value->get<std::string>();
  refuse_value(key, "a text", *value);
  return {};
}

bool TypedReader::flag(std::string_view key) {
  const json* value = find(key);
  if (!value) return false;
  if (value->is_boolean()) return value->get<bool>();
  refuse_value(key, "true or false", *value);
  return false;
}

std::vector<std::string> TypedReader::texts(std::string_view key) {
  const json* value = find(key);
  std::vector<std::string> out;
  if (!value) return out;
  if (!value->is_array()) {
    refuse_value(key, "a list of texts", *value);
    return out;
  }
  for (const json& element : *value) {
    if (element.is_string())
      out.push_back(element.get<std::string>());
    else
      refuse_value(key, "a list of texts", element);
  }
  return out;
}

std::uint64_t TypedReader::count(std::string_view key, std::uint64_t most) {
  const json* value = find(key);
  if (!value) return 0;
  if (value->is_number_unsigned() && value->get<std::uint64_t>() <= most)
    return value->get<std::uint64_t>();
  // Go takes 1e3 for no whole number, but 5.0 from a YAML or TOML document arrives as one.
  if (value->is_number_float()) {
    const double number = value->get<double>();
    const double limit = static_cast<double>(most);
    if (number >= 0 && number <= limit) {
      const auto whole = static_cast<std::uint64_t>(number);
      if (static_cast<double>(whole) == number) return whole;
    }
  }
  refuse_value(key, "a whole number from 0 to " + std::to_string(most), *value);
  return 0;
}

void TypedReader::ignore(std::string_view key, std::string_view reason) {
  if (find(key) && !reason.empty()) warn(key, std::string(reason));
}

void TypedReader::refuse(std::string_view key, const std::string& message) {
  diagnostics_.refuse(path_of(key), message);
}

void TypedReader::refuse_value(std::string_view key, std::string_view expected, const json& value) {
  refuse(key, "expected " + std::string(expected) + ", got " + shown(value));
}

void TypedReader::warn(std::string_view key, const std::string& message) {
  diagnostics_.warn(path_of(key), message);
}

void TypedReader::finish() {
  if (!object_) return;
  for (auto it = object_->begin(); it != object_->end(); ++it) {
    const auto same = [&](std::string_view known) { return iequals(it.key(), known); };
    if (comment(it.key()) || std::ranges::any_of(known_, same)) continue;
    const std::string_view near = nearest(to_lower(it.key()), known_);
    diagnostics_.refuse(
        child(path_, it.key()),
        "unknown key in a block that protects" +
            (near.empty() ? std::string() : " (did you mean " + std::string(near) + "?)"));
  }
}

std::string TypedReader::path_of(std::string_view key) const { return child(path_, key); }

}  // namespace ropewalk::config
