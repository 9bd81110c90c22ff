#include "dataplane/filters/lua/pattern.h"

namespace ropewalk::lua {
namespace {

constexpr int kDeepestMatch = 200;

bool between(unsigned char c, unsigned char low, unsigned char high) {
  return c >= low && c <= high;
}

// ASCII, whatever the locale.
bool in_class(unsigned char c, char name) {
  const bool alpha = between(static_cast<unsigned char>(c | 0x20), 'a', 'z');
  const bool digit = between(c, '0', '9');
  bool out = false;
  switch (name | 0x20) {
    case 'a':
      out = alpha;
      break;
    case 'c':
      out = c < 0x20 || c == 0x7f;
      break;
    case 'd':
      out = digit;
      break;
    case 'l':
      out = between(c, 'a', 'z');
      break;
    case 'p':
      out = between(c, 0x21, 0x7e) && !alpha && !digit;
      break;
    case 's':
      out = c == ' ' || between(c, 9, 13);
      break;
    case 'u':
      out = between(c, 'A', 'Z');
      break;
    case 'w':
      out = alpha || digit;
      break;
    case 'x':
      out = digit || between(static_cast<unsigned char>(c | 0x20), 'a', 'f');
      break;
    case 'z':
      out = c == 0;
      break;
    default:
      return static_cast<unsigned char>(name) == c;
  }
  return between(static_cast<unsigned char>(name), 'A', 'Z') ? !out : out;
}

}  // namespace

Pattern::Position Pattern::broken(Kind kind, const char* why) {
  if (!error_) error_ = Error{.kind = kind, .message = why};
  return std::nullopt;
}

Result<std::optional<std::pair<std::size_t, std::size_t>>> Pattern::find(std::size_t from,
                                                                         std::uint64_t budget) {
  budget_ = steps_ + budget;
  for (std::size_t at = from; at <= subject_.size(); ++at) {
    level_ = 0;
    depth_ = 0;
    const Position end = match(at, 0);
    if (error_) return std::unexpected(*error_);
    if (end) {
      for (std::size_t i = 0; i < level_; ++i)
        if (captures_[i].open) return fail(Kind::config, "unfinished capture");
      return std::optional(std::pair(at, *end));
    }
    if (anchored_) break;
  }
  return std::optional<std::pair<std::size_t, std::size_t>>();
}

// Behind the single-character item that begins at p.
std::size_t Pattern::item_end(std::size_t p) {
  const char first = pattern_[p++];
  if (first == '%') {
    if (p >= pattern_.size()) {
      broken(Kind::config, "malformed pattern (ends with '%')");
      return pattern_.size();
    }
    return p + 1;
  }
  if (first != '[') return p;
  const std::size_t begin = p;
  if (p < pattern_.size() && pattern_[p] == '^') ++p;
  bool begun = false;  // a "]" that comes first is a member
  while (p < pattern_.size() && (pattern_[p] != ']' || !begun)) {
    p += pattern_[p] == '%' ? 2 : 1;
    begun = true;
  }
  steps_ += p - begin;
  if (p >= pattern_.size()) {
    broken(Kind::config, "malformed pattern (missing ']')");
    return pattern_.size();
  }
  return p + 1;
}

bool Pattern::in_set(unsigned char c, std::size_t p, std::size_t closing) const {
  bool wanted = true;
  if (pattern_[++p] == '^') {
    wanted = false;
    ++p;
  }
  while (p < closing) {
    if (pattern_[p] == '%' && p + 1 < closing) {
      if (in_class(c, pattern_[p + 1])) return wanted;
      p += 2;
    } else if (p + 2 < closing && pattern_[p + 1] == '-') {
      if (between(c, static_cast<unsigned char>(pattern_[p]),
                  static_cast<unsigned char>(pattern_[p + 2])))
        return wanted;
      p += 3;
    } else {
      if (static_cast<unsigned char>(pattern_[p]) == c) return wanted;
      ++p;
    }
  }
  return !wanted;
}

bool Pattern::single(std::size_t at, std::size_t p, std::size_t next) {
  if (++steps_ > budget_) broken(Kind::too_large, "the script took more than it may");
  if (error_ || at >= subject_.size()) return false;
  const auto c = static_cast<unsigned char>(subject_[at]);
  switch (pattern_[p]) {
    case '.':
      return true;
    case '%':
      return in_class(c, pattern_[p + 1]);
    case '[':
      steps_ += next - p;
      return in_set(c, p, next - 1);
    default:
      return static_cast<unsigned char>(pattern_[p]) == c;
  }
}

Pattern::Position Pattern::balance(std::size_t at, std::size_t p) const {
  if (at >= subject_.size() || subject_[at] != pattern_[p]) return std::nullopt;
  std::size_t level = 1;
  for (std::size_t i = at + 1; i < subject_.size(); ++i) {
    if (subject_[i] == pattern_[p + 1]) {
      if (--level == 0) return i + 1;
    } else if (subject_[i] == pattern_[p]) {
      ++level;
    }
  }
  return std::nullopt;
}

Pattern::Position Pattern::back_reference(std::size_t at, char digit) {
  const auto index = static_cast<std::size_t>(digit - '1');
  if (digit < '1' || index >= level_ || captures_[index].open)
    return broken(Kind::config, "invalid capture index");
  const std::string_view text = subject_.substr(captures_[index].begin, captures_[index].size);
  steps_ += text.size();
  if (!subject_.substr(at).starts_with(text)) return std::nullopt;
  return at + text.size();
}

Pattern::Position Pattern::open_capture(std::size_t at, std::size_t p, bool position) {
  if (level_ == kMostCaptures) return broken(Kind::config, "too many captures");
  captures_[level_++] = {.begin = at, .size = 0, .position = position, .open = !position};
  const Position end = match(at, p);
  if (!end) --level_;
  return end;
}

Pattern::Position Pattern::close_capture(std::size_t at, std::size_t p) {
  std::size_t index = level_;
  while (index > 0 && !captures_[index - 1].open) --index;
  if (index == 0) return broken(Kind::config, "invalid pattern capture");
  Capture& capture = captures_[index - 1];
  capture.size = at - capture.begin;
  capture.open = false;
  const Position end = match(at, p);
  if (!end) capture.open = true;
  return end;
}

Pattern::Position Pattern::repeat_most(std::size_t at, std::size_t p, std::size_t next) {
  std::size_t count = 0;
  while (single(at + count, p, next)) ++count;
  for (;; --count) {
    if (error_) return std::nullopt;
    if (const Position end = match(at + count, next + 1)) return end;
    if (count == 0) return std::nullopt;
  }
}

Pattern::Position Pattern::repeat_least(std::size_t at, std::size_t p, std::size_t next) {
  for (;; ++at) {
    if (const Position end = match(at, next + 1)) return end;
    if (error_ || !single(at, p, next)) return std::nullopt;
  }
}

Pattern::Position Pattern::match(std::size_t at, std::size_t p) {
  if (++depth_ > kDeepestMatch) return broken(Kind::too_large, "pattern too complex");
  struct Leave {
    int& depth;
    ~Leave() { --depth; }
  } leave{depth_};
  while (p < pattern_.size()) {
    if (++steps_ > budget_) return broken(Kind::too_large, "the script took more than it may");
    if (error_) return std::nullopt;
    const char c = pattern_[p];
    const char following = p + 1 < pattern_.size() ? pattern_[p + 1] : '\0';
    if (c == '(')
      return following == ')' ? open_capture(at, p + 2, true) : open_capture(at, p + 1, false);
    if (c == ')') return close_capture(at, p + 1);
    if (c == '$' && p + 1 == pattern_.size())
      return at == subject_.size() ? Position(at) : std::nullopt;
    if (c == '%' && following == 'b') {
      if (p + 3 >= pattern_.size())
        return broken(Kind::config, "malformed pattern (missing arguments to '%b')");
      steps_ += subject_.size() - at;
      const Position end = balance(at, p + 2);
      if (!end) return std::nullopt;
      at = *end;
      p += 4;
      continue;
    }
    if (c == '%' && following == 'f') {
      p += 2;
      if (p >= pattern_.size() || pattern_[p] != '[')
        return broken(Kind::config, "missing '[' after '%f' in pattern");
      const std::size_t end = item_end(p);
      if (error_) return std::nullopt;
      const auto byte = [&](std::size_t i) {
        return i < subject_.size() ? static_cast<unsigned char>(subject_[i]) : '\0';
      };
      steps_ += 2 * (end - p);
      if (in_set(at == 0 ? '\0' : byte(at - 1), p, end - 1) || !in_set(byte(at), p, end - 1))
        return std::nullopt;
      p = end;
      continue;
    }
    if (c == '%' && following >= '0' && following <= '9') {
      const Position end = back_reference(at, following);
      if (!end) return std::nullopt;
      at = *end;
      p += 2;
      continue;
    }
    const std::size_t next = item_end(p);
    if (error_) return std::nullopt;
    const char suffix = next < pattern_.size() ? pattern_[next] : '\0';
    if (suffix == '*') return repeat_most(at, p, next);
    if (suffix == '-') return repeat_least(at, p, next);
    const bool matches = single(at, p, next);
    if (suffix == '+') return matches ? repeat_most(at + 1, p, next) : std::nullopt;
    if (suffix == '?') {
      if (matches)
        if (const Position end = match(at + 1, next + 1)) return end;
      p = next + 1;
      continue;
    }
    if (!matches) return std::nullopt;
    ++at;
    p = next;
  }
  return at;
}

}  // namespace ropewalk::lua
