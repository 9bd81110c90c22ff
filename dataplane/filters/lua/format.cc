#include "dataplane/filters/lua/format.h"

#include "dataplane/filters/lua/data.h"
#include "dataplane/filters/lua/library.h"
#include "dataplane/filters/lua/vm.h"

#include <luajit-2.1/lua.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <string>

namespace ropewalk::lua {
namespace {

constexpr std::size_t kWidest = 1000;

struct Verb {
  std::string flags;
  std::size_t width = 0;
  bool has_precision = false;
  std::size_t precision = 0;
  char name = '\0';

  bool left() const { return flags.find('-') != flags.npos; }
  std::string spec(std::string_view length) const {
    std::string out = "%" + flags;
    if (width > 0) out += std::to_string(width);
    if (has_precision) out += "." + std::to_string(precision);
    out += length;
    return out + name;
  }
  void append_padded(std::string& out, std::string_view text) const {
    const std::size_t missing = width > text.size() ? width - text.size() : 0;
    if (!left()) out.append(missing, ' ');
    out += text;
    if (left()) out.append(missing, ' ');
  }
};

std::size_t number_at(std::string_view text, std::size_t& at) {
  std::size_t out = 0;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9')
    out = std::min(out * 10 + static_cast<std::size_t>(text[at++] - '0'), kWidest);
  return out;
}

Verb verb_at(std::string_view text, std::size_t& at) {
  Verb out;
  while (at < text.size() && std::string_view("-+ #0").find(text[at]) != std::string_view::npos) {
    if (out.flags.find(text[at]) == out.flags.npos) out.flags += text[at];
    ++at;
  }
  out.width = number_at(text, at);
  if (at < text.size() && text[at] == '.') {
    ++at;
    out.has_precision = true;
    out.precision = number_at(text, at);
  }
  if (at < text.size()) out.name = text[at++];
  return out;
}

void append_printed(std::string& out, const std::string& spec, auto value) {
  char buffer[2 * kWidest + 400];
  const int size = std::snprintf(buffer, sizeof buffer, spec.c_str(), value);
  out.append(buffer, static_cast<std::size_t>(std::clamp<int>(size, 0, sizeof buffer - 1)));
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else if (c == '\t')
      out += "\\t";
    else if (c == '\0')
      out += "\\x00";
    else
      out += c;
  }
  return out + "\"";
}

// Any value as tostring shows it, on top of the stack.
std::string shown(lua_State* state, int argument) {
  if (lua_type(state, argument) == LUA_TNUMBER || lua_type(state, argument) == LUA_TSTRING)
    return std::string(check_text(state, argument, "format").view);
  if (lua_isboolean(state, argument)) return lua_toboolean(state, argument) ? "true" : "false";
  if (lua_isnil(state, argument)) return "nil";
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, ": %p", lua_topointer(state, argument));
  return luaL_typename(state, argument) + std::string(buffer);
}

void append(lua_State* state, std::string& out, const Verb& verb, int argument) {
  switch (verb.name) {
    case 'd':
    case 'i':
      append_printed(out, verb.spec("ll"), check_integer(state, argument, "format"));
      return;
    case 'u':
    case 'o':
    case 'x':
    case 'X':
      append_printed(out, verb.spec("ll"),
                     static_cast<unsigned long long>(check_integer(state, argument, "format")));
      return;
    case 'c':
      out += static_cast<char>(check_integer(state, argument, "format"));
      return;
    case 'g':
    case 'G':
      // Without a precision Go takes as many digits as the value needs.
      if (!verb.has_precision) {
        char digits[64];
        const double value = check_number(state, argument, "format");
        const auto end = std::to_chars(digits, digits + sizeof digits, value);
        verb.append_padded(out,
                           std::string_view(digits, static_cast<std::size_t>(end.ptr - digits)));
        return;
      }
      [[fallthrough]];
    case 'e':
    case 'E':
    case 'f':
    case 'F':
      append_printed(out, verb.spec(""), check_number(state, argument, "format"));
      return;
    case 'q': {
      const std::string text = quoted(shown(state, argument));
      Vm::of(state).fits(state, out.size() + text.size());
      out += text;
      return;
    }
    case 's':
    case 'v': {
      std::string text = shown(state, argument);
      if (verb.has_precision) text.resize(std::min(text.size(), verb.precision));
      Vm::of(state).fits(state, out.size() + std::max(text.size(), verb.width));
      verb.append_padded(out, text);
      return;
    }
    default:
      raise(state, std::string("invalid option '%") + verb.name + "' to format");
  }
}

}  // namespace

int format(lua_State* state) {
  const Text text = check_text(state, 1, "format");
  std::string out;
  int argument = 1;
  for (std::size_t at = 0; at < text.view.size();) {
    if (text.view[at] != '%') {
      out += text.view[at++];
      continue;
    }
    if (++at < text.view.size() && text.view[at] == '%') {
      out += text.view[at++];
      continue;
    }
    const Verb verb = verb_at(text.view, at);
    const std::size_t before = out.size();
    if (++argument > lua_gettop(state))
      out += std::string("%!") + verb.name + "(MISSING)";
    else
      append(state, out, verb, argument);
    Vm::of(state).fits(state, out.size());
    Vm::of(state).charge(state, 16 + out.size() - before);
  }
  Vm::of(state).charge(state, text.view.size());
  push_text(state, out);
  return 1;
}

}  // namespace ropewalk::lua
