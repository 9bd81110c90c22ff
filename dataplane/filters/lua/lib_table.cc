// The table library. What moves or visits many elements is counted: hooks do not fire inside.
#include "dataplane/filters/lua/library.h"
#include "dataplane/filters/lua/vm.h"

#include <luajit-2.1/lua.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace ropewalk::lua {
namespace {

long long size_of(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  return static_cast<long long>(lua_objlen(state, 1));
}

int getn(lua_State* state) {
  lua_pushnumber(state, static_cast<double>(size_of(state)));
  return 1;
}

int maxn(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  double most = 0;
  lua_pushnil(state);
  while (lua_next(state, 1)) {
    lua_pop(state, 1);
    if (lua_type(state, -1) == LUA_TNUMBER) most = std::max(most, lua_tonumber(state, -1));
    Vm::of(state).charge(state, 1);
  }
  lua_pushnumber(state, most);
  return 1;
}

int place_of(lua_State* state, long long place) {
  if (place < std::numeric_limits<int>::min() + 2 || place > std::numeric_limits<int>::max() - 2)
    raise(state, "position out of range");
  return static_cast<int>(place);
}

int insert(lua_State* state) {
  const long long size = size_of(state);
  const int arguments = lua_gettop(state);
  if (arguments < 2) raise(state, "wrong number of arguments to 'insert'");
  const int place = place_of(state, arguments == 2 ? size + 1 : check_integer(state, 2, "insert"));
  lua_settop(state, std::min(arguments, 3));
  if (place <= size) Vm::of(state).charge(state, static_cast<std::size_t>(size - place + 1));
  for (int i = place_of(state, size); i >= place; --i) {
    lua_rawgeti(state, 1, i);
    lua_rawseti(state, 1, i + 1);
  }
  lua_rawseti(state, 1, place);
  return 0;
}

int remove(lua_State* state) {
  const long long size = size_of(state);
  const int place = place_of(state, integer_or(state, 2, "remove", size));
  if (size == 0 || place < 1 || place > size) {
    lua_pushnil(state);
    return 1;
  }
  Vm::of(state).charge(state, static_cast<std::size_t>(size - place + 1));
  lua_rawgeti(state, 1, place);
  for (int i = place; i < size; ++i) {
    lua_rawgeti(state, 1, i + 1);
    lua_rawseti(state, 1, i);
  }
  lua_pushnil(state);
  lua_rawseti(state, 1, static_cast<int>(size));
  return 1;
}

int concat(lua_State* state) {
  const long long size = size_of(state);
  const Text between = lua_isnoneornil(state, 2) ? Text() : check_text(state, 2, "concat");
  const int first = place_of(state, integer_or(state, 3, "concat", 1));
  const int last = place_of(state, integer_or(state, 4, "concat", size));
  std::string out;
  for (int i = first; i <= last; ++i) {
    lua_rawgeti(state, 1, i);
    if (lua_type(state, -1) != LUA_TSTRING && lua_type(state, -1) != LUA_TNUMBER)
      raise(state, std::string("invalid value (") + luaL_typename(state, -1) + ") at index " +
                       std::to_string(i) + " in table for concat");
    const Text piece = check_text(state, lua_gettop(state), "concat");
    out += piece.view;
    if (i < last) out += between.view;
    lua_pop(state, 1);
    Vm& vm = Vm::of(state);
    vm.charge(state, piece.view.size() + between.view.size() + 1);
    if (out.size() > vm.program().limits.memory) raise(state, "not enough memory");
  }
  push_text(state, out);
  return 1;
}

// Upvalue: the interpreter's own, whose comparisons in Lua are counted as instructions.
int sort(lua_State* state) {
  const auto size = static_cast<std::size_t>(size_of(state));
  const auto rounds = static_cast<std::size_t>(std::log2(static_cast<double>(size) + 2));
  Vm::of(state).charge(state, size * rounds);
  const int arguments = lua_gettop(state);
  lua_pushvalue(state, lua_upvalueindex(1));
  lua_insert(state, 1);
  lua_call(state, arguments, 0);
  return 0;
}

}  // namespace

void open_table(lua_State* state) {
  lua_newtable(state);
  constexpr const char* kBorrowed[] = {"sort", nullptr};
  borrow(state, luaopen_table, kBorrowed);
  lua_getfield(state, -1, "sort");
  lua_pushcclosure(state, sort, 1);
  lua_setfield(state, -2, "sort");
  add(state, "concat", concat);
  add(state, "getn", getn);
  add(state, "insert", insert);
  add(state, "maxn", maxn);
  add(state, "remove", remove);
  lua_setfield(state, -2, "table");
}

}  // namespace ropewalk::lua
