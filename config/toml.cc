#include "config/document.h"
#include "config/locate_document.h"

#include "common/strings.h"

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 1
#include <toml++/toml.h>
#include <nlohmann/json.hpp>

#include <sstream>

namespace ropewalk::config {
namespace {

using nlohmann::json;

std::string place(const std::string& name, const toml::source_region& where) {
  return name + ":" + std::to_string(where.begin.line) + ":" + std::to_string(where.begin.column) +
         ": ";
}

class Converter {
 public:
  explicit Converter(const std::string& name) : name_(name) {}

  Result<json> convert(const toml::node& node, int depth) {
    if (depth > kMaxNesting)
      return fail(Kind::config, place(name_, node.source()) + "nested deeper than " +
                                    std::to_string(kMaxNesting) + " levels");
    if (const auto* table = node.as_table()) {
      json out = json::object();
      for (const auto& [key, value] : *table) {
        auto converted = convert(value, depth + 1);
        if (!converted) return converted;
        out[std::string(key.str())] = std::move(*converted);
      }
      return out;
    }
    if (const auto* array = node.as_array()) {
      json out = json::array();
      for (const toml::node& entry : *array) {
        auto converted = convert(entry, depth + 1);
        if (!converted) return converted;
        out.push_back(std::move(*converted));
      }
      return out;
    }
    return scalar(node);
  }

 private:
  static json scalar(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return number->get();
    if (const auto* number = node.as_floating_point()) return number->get();
    if (const auto* flag = node.as_boolean()) return flag->get();
    std::ostringstream out;
    if (const auto* date = node.as_date()) out << date->get();
    if (const auto* time = node.as_time()) out << time->get();
    if (const auto* moment = node.as_date_time()) out << moment->get();
    return out.str();
  }

  const std::string& name_;
};

}  // namespace

Result<json> parse_toml(std::string_view text, const std::string& name) {
  // The library's own limit of nesting is a build option; count before it sees the text.
  int depth = 0;
  for (const char c : text) {
    if ((c == '[' || c == '{') && ++depth > 20 * kMaxNesting)
      return fail(Kind::config, name + ": too many brackets that are not closed");
    if (c == ']' || c == '}') --depth;
  }
  const toml::parse_result parsed = toml::parse(text, name);
  if (!parsed)
    return fail(Kind::config, place(name, parsed.error().source()) +
                                  "not valid TOML: " + std::string(parsed.error().description()));
  if (parsed.table().empty()) return fail(Kind::config, name + ": empty, expected a TOML table");
  return Converter(name).convert(parsed.table(), 0);
}

std::optional<Position> locate_toml(std::string_view text, const std::vector<Step>& steps) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) return std::nullopt;
  const toml::node* node = &parsed.table();
  toml::source_position found = node->source().begin;
  for (const Step& step : steps) {
    const toml::node* next = nullptr;
    if (const auto* array = node->as_array(); array && step.index) {
      next = array->get(*step.index);
      if (next) found = next->source().begin;
    } else if (const auto* table = node->as_table(); table && !step.index) {
      for (const auto& [key, value] : *table) {
        if (!iequals(key.str(), step.key)) continue;
        next = &value;
        found = key.source().begin;
      }
    }
    if (!next) break;
    node = next;
  }
  return Position{found.line, found.column};
}

}  // namespace ropewalk::config
