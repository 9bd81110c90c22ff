#include "dataplane/filters/lua/data.h"
#include "dataplane/filters/lua/library.h"
#include "dataplane/filters/lua/numbers.h"
#include "dataplane/filters/lua/run.h"
#include "dataplane/filters/lua/vm.h"

#include <luajit-2.1/lua.hpp>

#include <cmath>
#include <cstdint>
#include <limits>

namespace ropewalk::lua {
namespace {

[[noreturn]] void wrong_type(lua_State* state, int argument, const char* function,
                             const char* expected) {
  luaL_error(state, "bad argument #%d to %s (%s expected, got %s)", argument, function, expected,
             lua_isnone(state, argument) ? "nil" : luaL_typename(state, argument));
  __builtin_unreachable();
}

}  // namespace

void raise(lua_State* state, std::string_view message) {
  luaL_where(state, 1);
  lua_pushlstring(state, message.data(), message.size());
  lua_concat(state, 2);
  lua_error(state);
  __builtin_unreachable();
}

Text check_text(lua_State* state, int argument, const char* function) {
  Text out;
  switch (lua_type(state, argument)) {
    case LUA_TSTRING: {
      std::size_t size = 0;
      const char* text = lua_tolstring(state, argument, &size);
      out.view = {text, size};
      return out;
    }
    case LUA_TNUMBER:
      out.owned = lua_number_text(lua_tonumber(state, argument));
      out.view = out.owned;
      return out;
    default:
      wrong_type(state, argument, function, "string");
  }
}

double check_number(lua_State* state, int argument, const char* function) {
  if (lua_type(state, argument) == LUA_TNUMBER) return lua_tonumber(state, argument);
  if (lua_type(state, argument) == LUA_TSTRING)
    if (const auto number = parse_lua_number(check_text(state, argument, function).view))
      return *number;
  wrong_type(state, argument, function, "number");
}

bool check_boolean(lua_State* state, int argument, const char* function) {
  if (!lua_isboolean(state, argument)) wrong_type(state, argument, function, "boolean");
  return lua_toboolean(state, argument) != 0;
}

long long check_integer(lua_State* state, int argument, const char* function) {
  const double number = check_number(state, argument, function);
  if (!(number > -9.2e18 && number < 9.2e18)) return std::numeric_limits<long long>::min();
  return static_cast<long long>(number);
}

long long integer_or(lua_State* state, int argument, const char* function, long long fallback) {
  return lua_isnoneornil(state, argument) ? fallback : check_integer(state, argument, function);
}

Handle& check_handle(lua_State* state, int argument, const char* function) {
  if (!lua_islightuserdata(state, argument)) wrong_type(state, argument, function, "userdata");
  return *static_cast<Handle*>(lua_touserdata(state, argument));
}

void push_text(lua_State* state, std::string_view text) {
  lua_pushlstring(state, text.data(), text.size());
}

int push_scalar(lua_State* state, const json::Value& value) {
  switch (value.type()) {
    case json::Value::Type::null:
      lua_pushlightuserdata(state, Vm::of(state).run().handle(HandleKind::nil));
      return 1;
    case json::Value::Type::boolean:
      lua_pushboolean(state, value.boolean() ? 1 : 0);
      return 1;
    case json::Value::Type::number:
      lua_pushnumber(state, value.as_double());
      return 1;
    case json::Value::Type::string:
      push_text(state, value.string());
      return 1;
    default:
      return 0;
  }
}

void add(lua_State* state, const char* name, int (*function)(lua_State*)) {
  lua_pushcfunction(state, function);
  lua_setfield(state, -2, name);
}

void borrow(lua_State* state, int (*open)(lua_State*), const char* const* names) {
  const int target = lua_gettop(state);
  lua_pushcfunction(state, open);
  lua_pushliteral(state, "");
  lua_call(state, 1, 1);
  for (; *names; ++names) {
    lua_getfield(state, -1, *names);
    lua_setfield(state, target, *names);
  }
  lua_settop(state, target);
}

}  // namespace ropewalk::lua
