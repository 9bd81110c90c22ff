#include "dataplane/json/walker.h"

#include <array>
#include <cstring>

namespace ropewalk::json {
namespace {

bool digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

// What may follow a number or a literal.
constexpr auto kDelimiter = [] {
  std::array<bool, 256> table{};
  for (unsigned char c : {' ', '\n', '\r', '\t', ',', ']', '}'}) table[c] = true;
  return table;
}();

bool delimited(const char* p) { return kDelimiter[static_cast<unsigned char>(*p)]; }

bool number(const char* p) {
  if (*p == '-') ++p;
  if (*p == '0') {
    ++p;
  } else {
    if (!digit(*p)) return false;
    do ++p;
    while (digit(*p));
  }
  if (*p == '.') {
    if (!digit(*++p)) return false;
    do ++p;
    while (digit(*p));
  }
  if ((*p | 0x20) == 'e') {
    ++p;
    if (*p == '+' || *p == '-') ++p;
    if (!digit(*p)) return false;
    do ++p;
    while (digit(*p));
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
