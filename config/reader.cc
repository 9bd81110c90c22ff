#include "config/reader.h"

#include "common/strings.h"
#include "config/duration.h"
#include "config/migrate.h"
#include "config/misplaced.h"
#include "config/number.h"

#include <nlohmann/json.hpp>

#include <map>

namespace ropewalk::config {

using nlohmann::json;

namespace {

const json& nothing() {
  static const json empty = json::object();
  return empty;
}

}  // namespace

void Diagnostics::refuse(const std::string& path, const std::string& message) {
  if (error_) return;
  error_ = Error{.kind = Kind::config, .message = path.empty() ? message : path + ": " + message};
}

void Diagnostics::warn(const std::string& path, std::string message) {
  warnings_.push_back({path, std::move(message), Severity::no_effect});
}

void Diagnostics::advise(const std::string& path, std::string message) {
  warnings_.push_back({path, std::move(message), Severity::advice});
}

std::string child(const std::string& path, std::string_view key) {
  const bool plain = !key.empty() && key.find_first_of("./[] \"") == std::string_view::npos;
  if (!plain) return path + "[\"" + std::string(key) + "\"]";
  return path.empty() ? std::string(key) : path + "." + std::string(key);
}

std::string child(const std::string& path, std::size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

std::string shown(const json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  constexpr std::size_t kShown = 80;
  std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > kShown) text = text.substr(0, kShown) + "...";
  return text;
}

bool comment(std::string_view key) {
  return !key.empty() && (key[0] == '@' || key[0] == '$' || key[0] == '_' || key[0] == '#');
}

bool switched_off(const json& value) {
  return value.is_null() || value == false || value == 0 || value == "" ||
         (value.is_structured() && value.empty());
}

Reader::Reader(const json& object, std::string path, Diagnostics& diagnostics)
    : object_(object.is_object() ? object : nothing()),
      path_(std::move(path)),
      diagnostics_(diagnostics) {
  if (!object.is_object()) diagnostics_.refuse(path_, "expected an object, got " + shown(object));
}

const json* Reader::find(std::string_view key) {
  const json* found = look_up(key);
  diagnostics_.known(path_, key, found != nullptr);
  return found;
}

const json* Reader::look_up(std::string_view key) {
  known_.insert(to_lower(key));
  const json* found = nullptr;
  if (const auto exact = object_.find(std::string(key)); exact != object_.end()) {
    found = &*exact;
  } else {
    for (auto it = object_.begin(); it != object_.end() && !found; ++it)
      if (iequals(it.key(), key)) found = &*it;
  }
  return found && !found->is_null() ? found : nullptr;
}

std::string Reader::text_of(const json& value, const std::string& path) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "1" : "0";
  if (value.is_number()) return number_text(value);
  if (!value.is_null()) diagnostics_.refuse(path, "expected a text, got " + shown(value));
  return {};
}

std::int64_t Reader::integer_of(const json& value, const std::string& path, std::int64_t lowest,
                                std::int64_t highest) {
  const auto number = weak_integer(value);
  if (!number) {
    diagnostics_.refuse(path, "expected a number, got " + shown(value));
    return 0;
  }
  if (*number < lowest || *number > highest) {
    diagnostics_.refuse(path, "expected a number from " + std::to_string(lowest) + " to " +
                                  std::to_string(highest) + ", got " + shown(value));
    return 0;
  }
  return *number;
}

std::string Reader::text(std::string_view key, std::string fallback) {
  const json* value = find(key);
  return value ? text_of(*value, path_of(key)) : std::move(fallback);
}

std::int64_t Reader::integer(std::string_view key, std::int64_t lowest, std::int64_t highest) {
  const json* value = find(key);
  return value ? integer_of(*value, path_of(key), lowest, highest) : 0;
}

std::int64_t Reader::duration(std::string_view key) {
  const json* value = find(key);
  if (!value) return 0;
  const auto parsed = value->is_string() ? parse_duration(value->get_ref<const std::string&>())
                                         : weak_integer(*value);
  if (!parsed)
    diagnostics_.refuse(path_of(key),
                        "expected a duration such as 300ms or 1m30s, got " + shown(*value));
  return parsed.value_or(0);
}

bool Reader::flag(std::string_view key) {
  const json* value = find(key);
  if (!value) return false;
  const auto parsed = weak_boolean(*value);
  if (!parsed) diagnostics_.refuse(path_of(key), "expected true or false, got " + shown(*value));
  return parsed.value_or(false);
}

std::vector<std::string> Reader::texts(std::string_view key) {
  std::vector<std::string> out;
  const json* value = find(key);
  if (!value || (value->is_object() && value->empty())) return out;
  const std::string path = path_of(key);
  if (!value->is_array()) return {text_of(*value, path)};
  for (std::size_t i = 0; i < value->size(); ++i)
    out.push_back(text_of((*value)[i], child(path, i)));
  return out;
}

std::vector<std::int64_t> Reader::integers(std::string_view key, std::int64_t lowest,
                                           std::int64_t highest) {
  std::vector<std::int64_t> out;
  const json* value = find(key);
  if (!value || (value->is_object() && value->empty())) return out;
  const std::string path = path_of(key);
  if (!value->is_array()) return {integer_of(*value, path, lowest, highest)};
  for (std::size_t i = 0; i < value->size(); ++i)
    out.push_back(integer_of((*value)[i], child(path, i), lowest, highest));
  return out;
}

std::vector<std::pair<const json*, std::string>> Reader::objects(std::string_view key) {
  std::vector<std::pair<const json*, std::string>> out;
  const json* value = find(key);
  if (!value) return out;
  const std::string path = path_of(key);
  const auto add = [&](const json& entry, std::string at) {
    if (!entry.is_object())
      diagnostics_.refuse(at, "expected an object, got " + shown(entry));
    else
      out.emplace_back(&entry, std::move(at));
  };
  if (value->is_object() && value->empty()) return out;
  if (!value->is_array()) {
    add(*value, path);
    return out;
  }
  for (std::size_t i = 0; i < value->size(); ++i) add((*value)[i], child(path, i));
  return out;
}

std::vector<std::pair<std::string, std::string>> Reader::text_map(std::string_view key) {
  std::map<std::string, std::string> out;
  const json* value = find(key);
  if (!value) return {};
  const std::string path = path_of(key);
  const auto add = [&](const json& object, const std::string& at) {
    if (!object.is_object()) {
      diagnostics_.refuse(at, "expected an object of texts, got " + shown(object));
      return;
    }
    for (auto it = object.begin(); it != object.end(); ++it)
      out[it.key()] = text_of(*it, child(at, it.key()));
  };
  if (value->is_array())
    for (std::size_t i = 0; i < value->size(); ++i) add((*value)[i], child(path, i));
  else
    add(*value, path);
  return {out.begin(), out.end()};
}

void Reader::ignore(std::string_view key, std::string_view reason, Severity severity) {
  if (reason.empty())
    find(key);
  else if (const json* value = look_up(key); value && !switched_off(*value))
    diagnostics_.warnings().push_back({path_of(key), std::string(reason), severity});
}

void Reader::finish() {
  std::vector<std::string_view> names(known_.begin(), known_.end());
  for (auto it = object_.begin(); it != object_.end(); ++it) {
    if (comment(it.key()) || known_.contains(to_lower(it.key()))) continue;
    const bool at_root = path_of(it.key()) == it.key();
    if (const std::string wrong = misplaced_protection(it.key(), *it, at_root); !wrong.empty()) {
      diagnostics_.refuse(path_of(it.key()), wrong);
      continue;
    }
    if (const std::string_view now = renamed_key(it.key()); !now.empty()) {
      diagnostics_.warn(path_of(it.key()), "unknown key: called " + std::string(now) +
                                               " since version 2 (ropewalk migrate renames it)");
      continue;
    }
    const std::string_view near = nearest(to_lower(it.key()), names);
    diagnostics_.warn(
        path_of(it.key()),
        near.empty() ? "unknown key" : "unknown key (did you mean " + std::string(near) + "?)");
  }
}

}  // namespace ropewalk::config
