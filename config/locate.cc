#include "config/locate.h"

#include "common/strings.h"
#include "config/locate_document.h"

#include <algorithm>
#include <charconv>

namespace ropewalk::config {
namespace {

// Walks over JSON that is known to be well formed.
class JsonWalker {
 public:
  explicit JsonWalker(std::string_view text) : text_(text) {}

  std::size_t find(const std::vector<Step>& steps) {
    skip_space();
    std::size_t found = at_;
    for (const Step& step : steps) {
      const auto next = step.index ? entry(*step.index) : key(step.key);
      if (!next) break;
      found = *next;
    }
    return found;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
      ++at_;
  }

  // At the value of the key afterwards; the position is the key's.
  std::optional<std::size_t> key(std::string_view name) {
    if (peek() != '{') {
      // One object may stand for a list of one; its index was asked for before.
      return std::nullopt;
    }
    std::optional<std::size_t> exact, alike;
    std::size_t exact_value = 0, alike_value = 0;
    ++at_;
    for (;;) {
      skip_space();
      if (peek() != '"') break;
      const std::size_t begin = at_;
      const std::string found = text();
      skip_space();
      ++at_;  // the colon
      skip_space();
      if (found == name) {
        exact = begin;
        exact_value = at_;
      } else if (iequals(found, name)) {
        alike = begin;
        alike_value = at_;
      }
      skip_value();
      skip_space();
      if (peek() != ',') break;
      ++at_;
    }
    if (!exact && !alike) return std::nullopt;
    at_ = exact ? exact_value : alike_value;
    return exact ? exact : alike;
  }

  std::optional<std::size_t> entry(std::size_t index) {
    if (peek() != '[') return std::nullopt;
    ++at_;
    for (std::size_t i = 0;; ++i) {
      skip_space();
      if (peek() == ']' || peek() == '\0') return std::nullopt;
      if (i == index) return at_;
      skip_value();
      skip_space();
      if (peek() != ',') return std::nullopt;
      ++at_;
    }
  }

  // Escapes stay as they are: keys that have them are located by their owner.
  std::string text() {
    std::string out;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') out += text_[at_++];
      if (at_ < text_.size()) out += text_[at_];
    }
    ++at_;
    return out;
  }

  void skip_value() {
    int depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        text();
        if (depth == 0) return;
        continue;
      }
      if (depth == 0 && (c == ',' || c == '}' || c == ']')) return;
      if (c == '{' || c == '[') ++depth;
      if ((c == '}' || c == ']') && --depth == 0) {
        ++at_;
        return;
      }
      ++at_;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

Position position(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, std::min(at, text.size()));
  const auto last = before.rfind('\n');
  return {static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1,
          before.size() - (last == std::string_view::npos ? 0 : last + 1) + 1};
}

bool ends_key(char c) { return c == '.' || c == '[' || c == ':' || c == ' '; }

// One step from the front of `path`; false where none is.
bool take_step(std::string_view& path, std::vector<Step>& out) {
  if (path.starts_with("[\"")) {
    const auto end = path.find("\"]", 2);
    if (end == std::string_view::npos) return false;
    out.push_back({.key = std::string(path.substr(2, end - 2))});
    path.remove_prefix(end + 2);
    return true;
  }
  if (path.starts_with('[')) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(path.data() + 1, path.data() + path.size(), index);
    if (error != std::errc{} || end == path.data() + path.size() || *end != ']') return false;
    out.push_back({.index = index});
    path.remove_prefix(static_cast<std::size_t>(end - path.data()) + 1);
    return true;
  }
  if (path.starts_with('.')) {
    if (out.empty()) return false;
    path.remove_prefix(1);
  } else if (!out.empty()) {
    return false;
  }
  std::size_t end = 0;
  while (end < path.size() && !ends_key(path[end])) ++end;
  if (end == 0) return false;
  out.push_back({.key = std::string(path.substr(0, end))});
  path.remove_prefix(end);
  return true;
}

}  // namespace

Syntax syntax_of(std::string_view file_name) {
  if (file_name.ends_with(".yaml") || file_name.ends_with(".yml")) return Syntax::yaml;
  return file_name.ends_with(".toml") ? Syntax::toml : Syntax::json;
}

std::optional<std::vector<Step>> steps_of(std::string_view path) {
  std::vector<Step> out;
  while (!path.empty())
    if (!take_step(path, out)) return std::nullopt;
  return out;
}

std::string_view path_of_message(std::string_view message) {
  std::vector<Step> steps;
  std::string_view rest = message;
  while (!rest.starts_with(": "))
    if (rest.empty() || !take_step(rest, steps)) return {};
  return message.substr(0, message.size() - rest.size());
}

std::optional<Position> locate(std::string_view text, Syntax syntax, std::string_view path) {
  const auto steps = steps_of(path);
  if (!steps) return std::nullopt;
  if (syntax == Syntax::yaml) return locate_yaml(text, *steps);
  if (syntax == Syntax::toml) return locate_toml(text, *steps);
  return position(text, JsonWalker(text).find(*steps));
}

}  // namespace ropewalk::config
