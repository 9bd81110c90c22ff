#include "common/jose/strict_json.h"

#include "common/keyed_table.h"

#include <string>
#include <vector>

namespace ropewalk::jose {
namespace {

constexpr std::size_t kDepth = 256;

// One past the closing quote of the string that begins at `at`, npos without one.
std::size_t string_end(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      return at + 1;
  }
  return std::string_view::npos;
}

std::size_t past_blanks(std::string_view text, std::size_t at) {
  at = text.find_first_not_of(" \t\r\n", at);
  return at == std::string_view::npos ? text.size() : at;
}

// Of a text that parses as JSON.
bool has_repeated_name(std::string_view text) {
  std::vector<KeyedSet<>> open;  // a list counts as an object without names
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '{' || c == '[') open.emplace_back();
    if (c == '}' || c == ']') open.pop_back();
    if (c != '"') {
      ++at;
      continue;
    }
    const std::size_t end = string_end(text, at);
    const std::string_view quoted = text.substr(at, end - at);
    at = past_blanks(text, end);
    if (at == text.size() || text[at] != ':') continue;
    std::string name(quoted);
    if (quoted.find('\\') != std::string_view::npos)
      if (auto decoded = json::parse(quoted)) name = '"' + decoded->string() + '"';
    if (!open.back().insert(std::move(name)).second) return true;
  }
  return false;
}

}  // namespace

Result<json::Value> parse_unique(std::string_view text) {
  auto out = json::parse(text, kDepth);
  if (out && has_repeated_name(text)) return fail(Kind::decode, "a name occurs twice");
  return out;
}

Result<json::Value> parse_first(std::string_view text) {
  const std::size_t begin = past_blanks(text, 0);
  if (begin == text.size() || (text[begin] != '{' && text[begin] != '['))
    return json::parse(text, kDepth);
  std::size_t depth = 0;
  for (std::size_t at = begin; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      at = string_end(text, at);
      continue;
    }
    ++at;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return json::parse(text.substr(0, at), kDepth);
  }
  return fail(Kind::decode, "unexpected end");
}

}  // namespace ropewalk::jose
