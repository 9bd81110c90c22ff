#include "config/document.h"
#include "config/locate_document.h"

#include "common/strings.h"

#include <yaml-cpp/yaml.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>

namespace ropewalk::config {
namespace {

using nlohmann::json;

// Aliases can make a small file huge.
constexpr std::size_t kMaxNodes = 100'000;

std::string place(const YAML::Mark& mark, const std::string& name) {
  if (mark.is_null()) return name + ": ";
  return name + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1) + ": ";
}

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

std::optional<json> integer(std::string text) {
  std::erase(text, '_');
  const std::size_t sign = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  std::string digits = text.substr(sign);
  int base = 10;
  if (digits.size() > 2 && digits[0] == '0' && one_of(digits.substr(1, 1), {"x", "o", "b"})) {
    base = digits[1] == 'x' ? 16 : digits[1] == 'o' ? 8 : 2;
    digits.erase(0, 2);
  } else if (digits.size() > 1 && digits[0] == '0') {
    base = 8;
    digits.erase(0, 1);
  }
  std::int64_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (digits.starts_with('-') || error != std::errc{} || end != digits.data() + digits.size())
    return std::nullopt;
  if (text.starts_with('-')) return json(-value);
  return json(static_cast<std::uint64_t>(value));
}

std::optional<json> fraction(const std::string& text) {
  bool any_digit = false;
  for (const char c : text) {
    if (c >= '0' && c <= '9') any_digit = true;
    if (!any_digit && (c == 'e' || c == 'E')) return std::nullopt;
    if ((c < '0' || c > '9') && !one_of(std::string_view(&c, 1), {"+", "-", ".", "e", "E"}))
      return std::nullopt;
  }
  if (!any_digit) return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (end != text.c_str() + text.size() || !std::isfinite(value)) return std::nullopt;
  return json(value);
}

bool date(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-dd";
  return text.size() == kForm.size() && std::ranges::equal(text, kForm, [](char c, char form) {
           return form == 'd' ? c >= '0' && c <= '9' : c == form;
         });
}

json scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  const std::string& tag = node.Tag();
  if (tag == "!" || tag.ends_with(":str") || tag.ends_with(":binary")) return text;
  if (one_of(text, {"", "~", "null", "Null", "NULL"})) return nullptr;
  if (one_of(text, {"true", "True", "TRUE"})) return true;
  if (one_of(text, {"false", "False", "FALSE"})) return false;
  if (auto number = integer(text)) return *number;
  if (auto number = fraction(text)) return *number;
  if (date(text)) return text + "T00:00:00Z";
  return text;
}

class YamlConverter {
 public:
  explicit YamlConverter(const std::string& name) : name_(name) {}

  Result<json> convert(const YAML::Node& node, int depth) {
    if (depth > kMaxNesting)
      return refuse(node, "nested deeper than " + std::to_string(kMaxNesting) + " levels");
    if (++nodes_ > kMaxNodes) return refuse(node, "too large once its aliases are expanded");
    if (node.IsScalar()) return scalar(node);
    if (node.IsSequence()) return sequence(node, depth);
    if (node.IsMap()) return map(node, depth);
    return json(nullptr);
  }

 private:
  std::unexpected<Error> refuse(const YAML::Node& node, const std::string& message) {
    return fail(Kind::config, place(node.Mark(), name_) + message);
  }

  Result<json> sequence(const YAML::Node& node, int depth) {
    json out = json::array();
    for (const YAML::Node& entry : node) {
      auto value = convert(entry, depth + 1);
      if (!value) return value;
      out.push_back(std::move(*value));
    }
    return out;
  }

  Result<json> map(const YAML::Node& node, int depth) {
    json out = json::object();
    json merged = json::object();
    for (const auto& pair : node) {
      if (!pair.first.IsScalar()) return refuse(pair.first, "expected a text as key");
      const std::string& key = pair.first.Scalar();
      auto value = convert(pair.second, depth + 1);
      if (!value) return value;
      if (key == "<<" && pair.first.Tag() != "!") {
        if (auto done = merge(merged, *value, pair.second); !done)
          return std::unexpected(done.error());
        continue;
      }
      if (out.contains(key)) return refuse(pair.first, "the key \"" + key + "\" is given twice");
      out[key] = std::move(*value);
    }
    for (auto it = merged.begin(); it != merged.end(); ++it)
      if (!out.contains(it.key())) out[it.key()] = *it;
    return out;
  }

  Result<void> merge(json& into, const json& value, const YAML::Node& node) {
    const json list = value.is_array() ? value : json::array({value});
    for (const json& entry : list) {
      if (!entry.is_object()) return refuse(node, "<< merges maps only");
      for (auto it = entry.begin(); it != entry.end(); ++it)
        if (!into.contains(it.key())) into[it.key()] = *it;
    }
    return {};
  }

  const std::string& name_;
  std::size_t nodes_ = 0;
};

Place place_of(const YAML::Node& node, const YAML::Mark& mark, int depth) {
  Place out;
  if (!mark.is_null())
    out.at = {static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1};
  if (depth > kMaxNesting) return out;
  if (node.IsSequence())
    for (const YAML::Node& entry : node)
      out.entries.push_back(place_of(entry, entry.Mark(), depth + 1));
  if (node.IsMap())
    for (const auto& pair : node)
      if (pair.first.IsScalar())
        out.add(pair.first.Scalar(), place_of(pair.second, pair.first.Mark(), depth + 1));
  return out;
}

}  // namespace

Result<json> parse_yaml(std::string_view text, const std::string& name) {
  try {
    const YAML::Node document = YAML::Load(std::string(text));
    if (!document || document.IsNull())
      return fail(Kind::config, name + ": empty, expected a YAML map");
    return YamlConverter(name).convert(document, 1);
  } catch (const YAML::Exception& error) {
    return fail(Kind::config, place(error.mark, name) + "not valid YAML: " + error.msg);
  }
}

Place yaml_places(std::string_view text) {
  try {
    const YAML::Node root = YAML::Load(std::string(text));
    return place_of(root, root.Mark(), 0);
  } catch (const YAML::Exception&) {
    return {};
  }
}

}  // namespace ropewalk::config
