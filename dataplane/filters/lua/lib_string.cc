// The string library: byte strings, patterns with a budget, case by Unicode.
#include "common/find_text.h"
#include "dataplane/filters/lua/data.h"
#include "dataplane/filters/lua/format.h"
#include "dataplane/filters/lua/library.h"
#include "dataplane/filters/lua/pattern.h"
#include "dataplane/filters/lua/run.h"
#include "dataplane/filters/lua/unicode.h"
#include "dataplane/filters/lua/vm.h"

#include <luajit-2.1/lua.hpp>

#include <algorithm>
#include <string>

namespace ropewalk::lua {
namespace {

// What a single call of a pattern may take; the run's own limit ends the rest.
constexpr std::uint64_t kMostSteps = 20'000'000;

void return_text(lua_State* state, const std::string& text) {
  Vm::of(state).charge(state, text.size());
  push_text(state, text);
}

// A place as Lua counts (from 1, negative from the end), from 0 and inside the text.
std::size_t begin_of(long long place, std::size_t size) {
  if (place < 0) place += static_cast<long long>(size) + 1;
  place = std::max<long long>(place, 1);
  return static_cast<std::size_t>(std::min<long long>(place - 1, static_cast<long long>(size)));
}
std::size_t end_of(long long place, std::size_t size) {
  if (place < 0) place += static_cast<long long>(size) + 1;
  return static_cast<std::size_t>(std::clamp<long long>(place, 0, static_cast<long long>(size)));
}

int len(lua_State* state) {
  lua_pushnumber(state, static_cast<double>(check_text(state, 1, "len").view.size()));
  return 1;
}

int sub(lua_State* state) {
  const Text text = check_text(state, 1, "sub");
  const std::size_t begin = begin_of(check_integer(state, 2, "sub"), text.view.size());
  const std::size_t end = end_of(integer_or(state, 3, "sub", -1), text.view.size());
  Vm::of(state).charge(state, end > begin ? end - begin : 1);
  push_text(state, end > begin ? text.view.substr(begin, end - begin) : std::string_view());
  return 1;
}

int byte(lua_State* state) {
  const Text text = check_text(state, 1, "byte");
  const long long first = integer_or(state, 2, "byte", 1);
  const std::size_t begin = begin_of(first, text.view.size());
  const std::size_t end = end_of(integer_or(state, 3, "byte", first), text.view.size());
  if (end <= begin) return 0;
  luaL_checkstack(state, static_cast<int>(std::min<std::size_t>(end - begin, 1 << 20)),
                  "string slice too long");
  for (std::size_t i = begin; i < end; ++i)
    lua_pushnumber(state, static_cast<unsigned char>(text.view[i]));
  return static_cast<int>(end - begin);
}

int character(lua_State* state) {
  std::string out;
  for (int i = 1; i <= lua_gettop(state); ++i)
    out += static_cast<char>(check_integer(state, i, "char"));
  return_text(state, out);
  return 1;
}

int rep(lua_State* state) {
  const Text text = check_text(state, 1, "rep");
  const long long count = std::max<long long>(0, check_integer(state, 2, "rep"));
  const auto size =
      static_cast<unsigned __int128>(text.view.size()) * static_cast<unsigned long long>(count);
  if (size > Vm::of(state).program().limits.memory) raise(state, "not enough memory");
  std::string out;
  out.reserve(static_cast<std::size_t>(size));
  if (!text.view.empty())
    for (long long i = 0; i < count; ++i) out += text.view;
  return_text(state, out);
  return 1;
}

int reverse(lua_State* state) {
  std::string out(check_text(state, 1, "reverse").view);
  std::ranges::reverse(out);
  return_text(state, out);
  return 1;
}

int lower_case(lua_State* state) {
  return_text(state, to_lower_utf8(check_text(state, 1, "lower").view));
  return 1;
}

int upper_case(lua_State* state) {
  return_text(state, to_upper_utf8(check_text(state, 1, "upper").view));
  return 1;
}

void push_capture(lua_State* state, const Pattern& pattern, std::string_view text,
                  std::size_t index) {
  const Pattern::Capture& capture = pattern.capture(index);
  if (capture.position)
    lua_pushnumber(state, static_cast<double>(capture.begin + 1));
  else
    push_text(state, text.substr(capture.begin, capture.size));
}

// All captures, or the whole match where the pattern has none.
int push_captures(lua_State* state, const Pattern& pattern, std::string_view text,
                  std::pair<std::size_t, std::size_t> match) {
  luaL_checkstack(state, Pattern::kMostCaptures, "captures");
  for (std::size_t i = 0; i < pattern.captures(); ++i) push_capture(state, pattern, text, i);
  if (pattern.captures() > 0) return static_cast<int>(pattern.captures());
  push_text(state, text.substr(match.first, match.second - match.first));
  return 1;
}

std::optional<std::pair<std::size_t, std::size_t>> next_match(lua_State* state, Pattern& pattern,
                                                              std::size_t from) {
  const std::uint64_t before = pattern.steps();
  auto found = pattern.find(from, kMostSteps);
  Vm::of(state).charge(state, pattern.steps() - before + 1);
  if (!found) raise(state, found.error().message);
  return *found;
}

int find_or_match(lua_State* state, bool find) {
  const char* const name = find ? "find" : "match";
  const Text text = check_text(state, 1, name);
  const Text wanted = check_text(state, 2, name);
  const std::size_t from = begin_of(integer_or(state, 3, name, 1), text.view.size());
  Vm::of(state).charge(state, wanted.view.size());
  if (find &&
      (lua_toboolean(state, 4) || wanted.view.find_first_of("^$*+?.([%-") == wanted.view.npos)) {
    const std::size_t at = find_text(text.view, wanted.view, from);
    Vm::of(state).charge(state, std::min(at, text.view.size()) - from + 1);
    if (at == text.view.npos) {
      lua_pushnil(state);
      return 1;
    }
    lua_pushnumber(state, static_cast<double>(at + 1));
    lua_pushnumber(state, static_cast<double>(at + wanted.view.size()));
    return 2;
  }
  Pattern pattern(wanted.view, text.view);
  const auto match = next_match(state, pattern, from);
  if (!match) {
    lua_pushnil(state);
    return 1;
  }
  if (!find) return push_captures(state, pattern, text.view, *match);
  lua_pushnumber(state, static_cast<double>(match->first + 1));
  lua_pushnumber(state, static_cast<double>(match->second));
  luaL_checkstack(state, Pattern::kMostCaptures, "captures");
  for (std::size_t i = 0; i < pattern.captures(); ++i) push_capture(state, pattern, text.view, i);
  return 2 + static_cast<int>(pattern.captures());
}

int find(lua_State* state) { return find_or_match(state, true); }
int match(lua_State* state) { return find_or_match(state, false); }

// Upvalues: the text, the pattern, where to go on.
int gmatch_step(lua_State* state) {
  const Text text = check_text(state, lua_upvalueindex(1), "gmatch");
  const Text wanted = check_text(state, lua_upvalueindex(2), "gmatch");
  const auto from = static_cast<std::size_t>(lua_tonumber(state, lua_upvalueindex(3)));
  if (from > text.view.size()) return 0;
  Pattern pattern(wanted.view, text.view);
  const auto match = next_match(state, pattern, from);
  if (!match) {
    lua_pushnumber(state, static_cast<double>(text.view.size() + 1));
    lua_replace(state, lua_upvalueindex(3));
    return 0;
  }
  const std::size_t next = match->second + (match->second == match->first ? 1 : 0);
  lua_pushnumber(state, static_cast<double>(next));
  lua_replace(state, lua_upvalueindex(3));
  return push_captures(state, pattern, text.view, *match);
}

int gmatch(lua_State* state) {
  push_text(state, check_text(state, 1, "gmatch").view);
  push_text(state, check_text(state, 2, "gmatch").view);
  lua_pushnumber(state, 0);
  lua_pushcclosure(state, gmatch_step, 3);
  return 1;
}

// Adds to the text that gsub makes. Counts and ends what grows too large, piece by piece: a short
// replacement names a long capture as often as it likes.
void append_piece(lua_State* state, std::string& out, std::string_view piece) {
  Vm::of(state).fits(state, out.size() + piece.size());
  Vm::of(state).charge(state, piece.size() + 1);
  out += piece;
}

// "%1" in a replacement text.
void append_template(lua_State* state, std::string& out, std::string_view replacement,
                     const Pattern& pattern, std::string_view text,
                     std::pair<std::size_t, std::size_t> match) {
  for (std::size_t i = 0; i < replacement.size(); ++i) {
    if (replacement[i] != '%' || i + 1 == replacement.size()) {
      const std::size_t end = std::min(replacement.find('%', i + 1), replacement.size());
      append_piece(state, out, replacement.substr(i, end - i));
      i = end - 1;
      continue;
    }
    const char c = replacement[++i];
    const auto index = static_cast<std::size_t>(c - '1');
    if (c < '0' || c > '9') {
      append_piece(state, out, replacement.substr(c == '%' ? i : i - 1, c == '%' ? 1 : 2));
    } else if (c == '0' || (c == '1' && pattern.captures() == 0)) {
      append_piece(state, out, text.substr(match.first, match.second - match.first));
    } else if (index >= pattern.captures()) {
      raise(state, "invalid capture index");
    } else if (pattern.capture(index).position) {
      append_piece(state, out, std::to_string(pattern.capture(index).begin + 1));
    } else {
      append_piece(state, out,
                   text.substr(pattern.capture(index).begin, pattern.capture(index).size));
    }
  }
}

void append_replacement(lua_State* state, std::string& out, const Pattern& pattern,
                        std::string_view text, std::pair<std::size_t, std::size_t> match) {
  const std::string_view whole = text.substr(match.first, match.second - match.first);
  if (!lua_isfunction(state, 3) && !lua_istable(state, 3)) {
    append_template(state, out, check_text(state, 3, "gsub").view, pattern, text, match);
    return;
  }
  if (lua_isfunction(state, 3)) {
    lua_pushvalue(state, 3);
    const int count = push_captures(state, pattern, text, match);
    lua_call(state, count, 1);
  } else {
    push_captures(state, pattern, text, match);
    lua_settop(state,
               lua_gettop(state) - std::max<int>(0, static_cast<int>(pattern.captures()) - 1));
    lua_gettable(state, 3);
  }
  if (lua_toboolean(state, -1))
    append_piece(state, out, check_text(state, lua_gettop(state), "gsub").view);
  else
    append_piece(state, out, whole);
  lua_pop(state, 1);
}

int gsub(lua_State* state) {
  const Text text = check_text(state, 1, "gsub");
  const Text wanted = check_text(state, 2, "gsub");
  const int kind = lua_type(state, 3);
  if (kind != LUA_TSTRING && kind != LUA_TNUMBER && kind != LUA_TTABLE && kind != LUA_TFUNCTION)
    raise(state,
          std::string("bad argument #3 to gsub (string or table or function expected, got ") +
              luaL_typename(state, 3) + ")");
  const long long most = integer_or(state, 4, "gsub", -1);
  Pattern pattern(wanted.view, text.view);
  std::string out;
  std::size_t at = 0;
  long long count = 0;
  while (most < 0 || count < most) {
    const auto match = next_match(state, pattern, at);
    if (!match) break;
    ++count;
    append_piece(state, out, text.view.substr(at, match->first - at));
    append_replacement(state, out, pattern, text.view, *match);
    at = match->second;
    if (match->second == match->first) {
      if (at >= text.view.size()) {
        ++at;
        break;
      }
      out += text.view[at++];
    }
    if (pattern.anchored() || at > text.view.size()) break;
  }
  if (at < text.view.size()) append_piece(state, out, text.view.substr(at));
  push_text(state, out);
  lua_pushnumber(state, static_cast<double>(count));
  return 2;
}

int dump(lua_State* state) { return luaL_error(state, "string.dump is not supported"); }

}  // namespace

void open_string(lua_State* state) {
  lua_newtable(state);
  add(state, "byte", byte);
  add(state, "char", character);
  add(state, "dump", dump);
  add(state, "find", find);
  add(state, "format", format);
  add(state, "gfind", gmatch);
  add(state, "gmatch", gmatch);
  add(state, "gsub", gsub);
  add(state, "len", len);
  add(state, "lower", lower_case);
  add(state, "match", match);
  add(state, "rep", rep);
  add(state, "reverse", reverse);
  add(state, "sub", sub);
  add(state, "upper", upper_case);
  lua_setfield(state, -2, "string");
}

}  // namespace ropewalk::lua
