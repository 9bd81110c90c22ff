#include "config/locate.h"

#include "common/strings.h"
#include "config/locate_document.h"

#include <algorithm>
#include <charconv>

namespace ropewalk::config {
namespace {

// Walks once over JSON that is known to be well formed.
class JsonWalker {
 public:
  explicit JsonWalker(std::string_view text) : text_(text) {
    for (std::size_t at = 0; at < text.size(); ++at)
      if (text[at] == '\n') lines_.push_back(at + 1);
  }

  Place root() {
    skip_space();
    Place out;
    value(out, at_);
    return out;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
      ++at_;
  }

  Position position(std::size_t at) const {
    const auto line = std::ranges::upper_bound(lines_, at) - 1;
    return {static_cast<std::size_t>(line - lines_.begin()) + 1, at - *line + 1};
  }

  // Behind the value afterwards; `named_at` is where its key stands, or itself.
  void value(Place& out, std::size_t named_at) {
    out.at = position(named_at);
    if (peek() == '{') return object(out);
    if (peek() == '[') return list(out);
    if (peek() == '"') {
      text();
      return;
    }
    while (at_ < text_.size() &&
           std::string_view(",]} \t\r\n").find(text_[at_]) == std::string_view::npos)
      ++at_;
  }

  void object(Place& out) {
    do {
      ++at_;  // the brace or the comma
      skip_space();
      if (peek() != '"') break;
      const std::size_t begin = at_;
      const std::string key = text();
      skip_space();
      ++at_;  // the colon
      skip_space();
      Place inner;
      value(inner, begin);
      out.add(key, std::move(inner));
      skip_space();
    } while (peek() == ',');
    ++at_;
  }

  void list(Place& out) {
    do {
      ++at_;  // the bracket or the comma
      skip_space();
      if (peek() == ']') break;
      value(out.entries.emplace_back(), at_);
      skip_space();
    } while (peek() == ',');
    ++at_;
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

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::size_t> lines_{0};  // where each begins
};

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

const Place* Place::member(const std::string& key) const {
  if (const auto exact = members.find(key); exact != members.end()) return &exact->second;
  const auto alike = spelling.find(to_lower(key));
  return alike == spelling.end() ? nullptr : &members.at(alike->second);
}

void Place::add(const std::string& key, Place place) {
  spelling.insert_or_assign(to_lower(key), key);
  members.insert_or_assign(key, std::move(place));
}

Places::Places(std::string_view text, Syntax syntax)
    : root_(syntax == Syntax::yaml   ? yaml_places(text)
            : syntax == Syntax::toml ? toml_places(text)
                                     : JsonWalker(text).root()) {}

std::optional<Position> Places::find(std::string_view path) const {
  const auto steps = steps_of(path);
  if (!steps) return std::nullopt;
  const Place* found = &root_;
  for (const Step& step : *steps) {
    const Place* next = nullptr;
    if (!step.index)
      next = found->member(step.key);
    else if (*step.index < found->entries.size())
      next = &found->entries[*step.index];
    if (!next) break;
    found = next;
  }
  if (found->at.line == 0) return std::nullopt;
  return found->at;
}

}  // namespace ropewalk::config
