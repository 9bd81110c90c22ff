#include "dataplane/json/walker.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace ropewalk::json {
namespace {

// What may follow a number or a literal.
constexpr auto kDelimiter = [] {
  std::array<bool, 256> table{};
  for (unsigned char c : {' ', '\n', '\r', '\t', ',', ']', '}'}) table[c] = true;
  return table;
}();

bool delimited(const char* p) { return kDelimiter[static_cast<unsigned char>(*p)]; }

// Passes decimal digits, eight at a time: a byte keeps its upper bit clear here only if it is one.
const char* skip_digits(const char* p) {
  static_assert(std::endian::native == std::endian::little);
  while (true) {
    std::uint64_t bytes;
    std::memcpy(&bytes, p, sizeof bytes);
    bytes ^= 0x3030303030303030;
    const std::uint64_t others = ((bytes + 0x7676767676767676) | bytes) & 0x8080808080808080;
    if (others != 0) return p + std::countr_zero(others) / 8;
    p += 8;
  }
}

bool number(const char* p) {
  p += *p == '-';
  const char* digits = p;
  p = skip_digits(p);
  if (p == digits || (*digits == '0' && p != digits + 1)) return false;
  if (delimited(p)) return true;
  if (*p == '.') {
    digits = ++p;
    p = skip_digits(p);
    if (p == digits) return false;
  }
  if ((*p | 0x20) == 'e') {
    ++p;
    p += *p == '+' || *p == '-';
    digits = p;
    p = skip_digits(p);
    if (p == digits) return false;
  }
  return delimited(p);
}

}  // namespace

bool valid_scalar(const char* text) {
  switch (*text) {
    case 't':
      return std::memcmp(text, "true", 4) == 0 && delimited(text + 4);
    case 'f':
      return std::memcmp(text, "false", 5) == 0 && delimited(text + 5);
    case 'n':
      return std::memcmp(text, "null", 4) == 0 && delimited(text + 4);
    default:
      return number(text);
  }
}

bool Walker::take_object(std::vector<Member>& members) {
  if (!enter()) return false;
  if (peek() == '}') {
    leave();
    return true;
  }
  constexpr std::size_t kStep = 32;
  const char* const text = text_;
  std::size_t count = members.size();
  const std::uint32_t* at = at_;
  while (true) {
    if (end_ - at < 4 || text[at[0]] != '"' || text[at[1]] != ':') return false;
    const char* const first = text + at[0];
    const char* last = text + at[1];
    do --last;
    while (*last != '"');
    const char* const value = text + at[2];
    at += 2;
    if (*value == '"') {
      ++at;
    } else if (*value == '{' || *value == '[') {
      at_ = at;
      if (!skip_container()) return false;
      at = at_;
      if (at == end_) return false;
    } else {
      if (!valid_scalar(value)) return false;
      ++at;
    }
    const char* value_end = text + *at;
    while (space(value_end[-1])) --value_end;
    if (count == members.size()) members.resize(count + kStep);
    members[count++] = {{first + 1, last}, {value, value_end}, {first, last + 1}};
    const char separator = text[*at++];
    if (separator == '}') break;
    if (separator != ',') return false;
  }
  members.resize(count);
  at_ = at;
  --depth_;
  return true;
}

// The loop of the whole module: one turn per value, jumps instead of a state variable because the
// predictor then keeps object and array apart.
bool Walker::skip_container() {
  const char* const text = text_;
  const std::uint32_t* at = at_;
  const std::uint32_t* const end = end_;
  const std::size_t room = max_depth_ - depth_;
  std::size_t depth = 0;
  bool object;

open:
  object = text[*at++] == '{';
  if (depth == room) return false;
  if (depth == levels_.size()) levels_.resize(2 * depth + 64);
  levels_[depth++] = object;
  if (at == end) return false;
  if (text[*at] == (object ? '}' : ']')) {
    ++at;
    goto close;
  }
  if (!object) goto value;

key:
  if (end - at < 3 || text[at[0]] != '"' || text[at[1]] != ':') return false;
  at += 2;

value:
  if (end - at < 2) return false;
  switch (text[*at]) {
    case '"':
      ++at;
      break;
    case '{':
    case '[':
      goto open;
    default:
      if (!valid_scalar(text + *at++)) return false;
  }

after:
  if (at == end) return false;
  switch (text[*at++]) {
    case ',':
      if (object) goto key;
      goto value;
    case '}':
      if (!object) return false;
      break;
    case ']':
      if (object) return false;
      break;
    default:
      return false;
  }

close:
  if (--depth == 0) {
    at_ = at;
    return true;
  }
  object = levels_[depth - 1];
  goto after;
}

}  // namespace ropewalk::json
