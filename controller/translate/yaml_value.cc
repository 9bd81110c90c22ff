#include "controller/translate/yaml_value.h"

#include <yaml-cpp/yaml.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <string>

namespace ropewalk::controller {
namespace {

using nlohmann::json;

constexpr std::size_t kMostValues = 20'000;
constexpr int kDeepest = 64;

struct Refused {
  int line;
  std::string message;
};

// Plain scalars as YAML 1.2's core schema reads them; quoted ones are text.
json scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;
  if (text.empty() || text == "~" || text == "null") return nullptr;
  if (text == "true" || text == "True") return true;
  if (text == "false" || text == "False") return false;
  const char* const end = text.data() + text.size();
  std::int64_t whole = 0;
  if (const auto [at, error] = std::from_chars(text.data(), end, whole);
      error == std::errc() && at == end)
    return whole;
  double real = 0;
  const bool numeric = text.find_first_not_of("0123456789.eE+-") == std::string::npos;
  if (const auto [at, error] = std::from_chars(text.data(), end, real);
      numeric && error == std::errc() && at == end)
    return real;
  return text;
}

json convert(const YAML::Node& node, int depth, std::size_t& values) {
  if (++values > kMostValues || depth > kDeepest)
    throw Refused{node.Mark().line, "too many or too deeply nested values"};
  if (node.IsScalar()) return scalar(node);
  if (node.IsSequence()) {
    json out = json::array();
    for (const auto& item : node) out.push_back(convert(item, depth + 1, values));
    return out;
  }
  if (!node.IsMap()) return nullptr;
  json out = json::object();
  for (const auto& item : node) {
    if (!item.first.IsScalar()) throw Refused{item.first.Mark().line, "expected a plain key"};
    const std::string& key = item.first.Scalar();
    if (out.contains(key)) throw Refused{item.first.Mark().line, "the key " + key + " comes twice"};
    out[key] = convert(item.second, depth + 1, values);
  }
  return out;
}

}  // namespace

Result<json> parse_yaml_value(std::string_view text) {
  try {
    std::size_t values = 0;
    return convert(YAML::Load(std::string(text)), 0, values);
  } catch (const Refused& refused) {
    return fail(Kind::config, "line " + std::to_string(refused.line + 1) + ": " + refused.message);
  } catch (const YAML::Exception& error) {
    return fail(Kind::config, "line " + std::to_string(error.mark.line + 1) + ": " + error.msg);
  }
}

}  // namespace ropewalk::controller
