// The base library. What could reach over the end of a run (environments and metatables of shared
// functions, finalisers) or the machine (files) is our own.
#include "dataplane/filters/lua/data.h"
#include "dataplane/filters/lua/library.h"
#include "dataplane/filters/lua/numbers.h"
#include "dataplane/filters/lua/run.h"
#include "dataplane/filters/lua/vm.h"

#include "common/files.h"
#include "common/log.h"

#include <luajit-2.1/lua.hpp>

#include <string>

namespace ropewalk::lua {
namespace {

int tostring(lua_State* state) {
  luaL_checkany(state, 1);
  if (luaL_callmeta(state, 1, "__tostring")) return 1;
  switch (lua_type(state, 1)) {
    case LUA_TNUMBER:
      push_text(state, lua_number_text(lua_tonumber(state, 1)));
      return 1;
    case LUA_TSTRING:
      lua_settop(state, 1);
      return 1;
    case LUA_TBOOLEAN:
      push_text(state, lua_toboolean(state, 1) ? "true" : "false");
      return 1;
    case LUA_TNIL:
      push_text(state, "nil");
      return 1;
    default:
      lua_pushfstring(state, "%s: %p", luaL_typename(state, 1), lua_topointer(state, 1));
      return 1;
  }
}

int tonumber(lua_State* state) {
  luaL_checkany(state, 1);
  const bool with_base = !lua_isnoneornil(state, 2);
  const long long base = with_base ? check_integer(state, 2, "tonumber") : 10;
  if (lua_type(state, 1) == LUA_TNUMBER) {
    lua_settop(state, 1);
    return 1;
  }
  std::optional<double> number;
  if (lua_type(state, 1) == LUA_TSTRING && base >= 2 && base <= 36) {
    const Text text = check_text(state, 1, "tonumber");
    number =
        with_base ? lua::tonumber(text.view, static_cast<int>(base)) : lua::tonumber(text.view);
  }
  if (number)
    lua_pushnumber(state, *number);
  else
    lua_pushnil(state);
  return 1;
}

int print(lua_State* state) {
  std::string line;
  const int count = lua_gettop(state);
  for (int i = 1; i <= count; ++i) {
    lua_pushcfunction(state, tostring);
    lua_pushvalue(state, i);
    lua_call(state, 1, 1);
    if (i > 1) line += '\t';
    line += check_text(state, -1, "print").view;
    Vm::of(state).charge(state, line.size());
    lua_pop(state, 1);
  }
  log::info("script prints", {{"text", line}});
  return 0;
}

// Pushes the function of a level or of argument 1; false when there is none.
bool push_function(lua_State* state) {
  if (lua_isfunction(state, 1)) {
    lua_pushvalue(state, 1);
    return true;
  }
  const long long level = lua_isnoneornil(state, 1) ? 1 : check_integer(state, 1, "getfenv");
  lua_Debug activation{};
  if (level <= 0 || level > 200 || !lua_getstack(state, static_cast<int>(level), &activation))
    return false;
  return lua_getinfo(state, "f", &activation) != 0 && lua_isfunction(state, -1);
}

int getfenv(lua_State* state) {
  Vm& vm = Vm::of(state);
  if (push_function(state) && !vm.protected_function(state, lua_gettop(state)))
    lua_getfenv(state, -1);
  else
    vm.push_globals(state);
  return 1;
}

int setfenv(lua_State* state) {
  luaL_checktype(state, 2, LUA_TTABLE);
  if (!push_function(state) || Vm::of(state).protected_function(state, lua_gettop(state)))
    return luaL_error(state, "cannot change the environment of given object");
  lua_pushvalue(state, 2);
  lua_setfenv(state, -2);
  return 1;
}

int getmetatable(lua_State* state) {
  luaL_checkany(state, 1);
  if (lua_islightuserdata(state, 1)) {
    Vm::of(state).push_type_table(state,
                                  static_cast<int>(check_handle(state, 1, "getmetatable").kind));
    return 1;
  }
  // Files of the io library share theirs over all runs.
  if (lua_isuserdata(state, 1) || !lua_getmetatable(state, 1)) {
    lua_pushnil(state);
    return 1;
  }
  lua_pushliteral(state, "__metatable");
  lua_rawget(state, -2);
  if (lua_isnil(state, -1)) lua_pop(state, 1);
  return 1;
}

int loadstring(lua_State* state) {
  const Text text = check_text(state, 1, "loadstring");
  const std::string name = lua_isnoneornil(state, 2)
                               ? "=<string>"
                               : "=" + std::string(check_text(state, 2, "loadstring").view);
  return Vm::of(state).load(state, text.view, name.c_str());
}

int load(lua_State* state) {
  luaL_checktype(state, 1, LUA_TFUNCTION);
  std::string text;
  for (;;) {
    lua_pushvalue(state, 1);
    lua_call(state, 0, 1);
    if (lua_isnil(state, -1)) break;
    const Text piece = check_text(state, -1, "load");
    if (piece.view.empty()) break;
    text += piece.view;
    Vm::of(state).charge(state, piece.view.size() + 100);
    lua_pop(state, 1);
  }
  const std::string name =
      lua_isnoneornil(state, 2) ? "=?" : "=" + std::string(check_text(state, 2, "load").view);
  return Vm::of(state).load(state, text, name.c_str());
}

// Files that the script names literally came with the configuration; others are read only where
// allow_open_libs lets a script reach the machine.
int loadfile(lua_State* state) {
  Vm& vm = Vm::of(state);
  const std::string name(check_text(state, 1, "loadfile").view);
  const std::string chunk = "=" + name;
  const auto& files = vm.program().files;
  if (const auto found = files.find(name); found != files.end())
    return vm.load(state, found->second, chunk.c_str());
  if (vm.program().open_libraries)
    if (const auto text = read_file(name)) return vm.load(state, *text, chunk.c_str());
  lua_pushnil(state);
  push_text(state, "can not open file: " + name);
  return 2;
}

int globals(lua_State* state) {
  Vm::of(state).push_globals(state);
  return 1;
}

int newproxy(lua_State* state) {
  lua_pushlightuserdata(state, Vm::of(state).run().handle(HandleKind::nil));
  return 1;
}

int collectgarbage(lua_State*) { return 0; }

// module(name, ...): a table of that name becomes the globals of the calling chunk.
int module(lua_State* state) {
  Vm& vm = Vm::of(state);
  const std::string name(check_text(state, 1, "module").view);
  const int arguments = lua_gettop(state);
  vm.push_globals(state);
  if (luaL_findtable(state, lua_gettop(state), name.c_str(), 1))
    return luaL_error(state, "name conflict for module: %s", name.c_str());
  const int made = lua_gettop(state);
  lua_pushvalue(state, made);
  lua_setfield(state, made, "_M");
  push_text(state, name);
  lua_setfield(state, made, "_NAME");
  push_text(state, name.substr(0, name.rfind('.') == name.npos ? 0 : name.rfind('.') + 1));
  lua_setfield(state, made, "_PACKAGE");
  lua_getfield(state, arguments + 1, "package");
  if (lua_istable(state, -1)) {
    lua_getfield(state, -1, "loaded");
    if (lua_istable(state, -1)) {
      lua_pushvalue(state, made);
      lua_setfield(state, -2, name.c_str());
    }
  }
  lua_settop(state, made);
  lua_Debug activation{};
  if (!lua_getstack(state, 1, &activation) || !lua_getinfo(state, "f", &activation) ||
      vm.protected_function(state, lua_gettop(state)))
    return luaL_error(state, "module() needs a chunk that calls it");
  lua_pushvalue(state, made);
  lua_setfenv(state, -2);
  for (int i = 2; i <= arguments; ++i) {
    lua_pushvalue(state, i);
    lua_pushvalue(state, made);
    lua_call(state, 1, 0);
  }
  lua_pushvalue(state, made);
  return 1;
}

int seeall(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  lua_createtable(state, 0, 1);
  Vm::of(state).push_globals(state);
  lua_setfield(state, -2, "__index");
  lua_setmetatable(state, 1);
  return 0;
}

// In Lua, so that a call for an answer may wait inside them.
constexpr char kPrelude[] = R"lua(
local loadfile, error, globals, type, file_of = ...
local loading = '\1loading'
local function dofile(name)
  local chunk, problem = loadfile(name)
  if not chunk then error(problem, 2) end
  return chunk()
end
local function require(name)
  local file = file_of(name)
  local package = globals().package
  local loaded = type(package) == 'table' and package.loaded
  if type(loaded) ~= 'table' then error('package.loaded must be a table', 2) end
  local known = loaded[name]
  if known == loading then
    error('loop or previous error loading module: ' .. name, 2)
  elseif known then
    return known
  end
  local chunk = type(package.preload) == 'table' and package.preload[name]
  if not chunk then
    local problem
    chunk, problem = loadfile(file)
    if not chunk then error('module ' .. name .. ' not found: ' .. problem, 2) end
  end
  loaded[name] = loading
  local value = chunk(name)
  if value ~= nil then
    loaded[name] = value
  elseif loaded[name] == loading then
    loaded[name] = true
  end
  return loaded[name]
end
return dofile, require
)lua";

// "shop.tax" -> "shop/tax.lua"
int module_file(lua_State* state) {
  std::string name(check_text(state, 1, "require").view);
  for (char& c : name)
    if (c == '.') c = '/';
  push_text(state, name + ".lua");
  return 1;
}

}  // namespace

void open_base(lua_State* state) {
  constexpr const char* kBorrowed[] = {"assert", "error",    "ipairs", "next",         "pairs",
                                       "pcall",  "rawequal", "rawget", "rawset",       "select",
                                       "type",   "unpack",   "xpcall", "setmetatable", nullptr};
  borrow(state, luaopen_base, kBorrowed);
  add(state, "tostring", tostring);
  add(state, "tonumber", tonumber);
  add(state, "print", print);
  add(state, "getfenv", getfenv);
  add(state, "setfenv", setfenv);
  add(state, "getmetatable", getmetatable);
  add(state, "loadstring", loadstring);
  add(state, "load", load);
  add(state, "loadfile", loadfile);
  add(state, "newproxy", newproxy);
  add(state, "collectgarbage", collectgarbage);
  add(state, "module", module);
  push_text(state, "Lua 5.1");
  lua_setfield(state, -2, "_VERSION");

  lua_newtable(state);
  lua_newtable(state);
  lua_setfield(state, -2, "loaded");
  lua_newtable(state);
  lua_setfield(state, -2, "preload");
  push_text(state, "./?.lua");
  lua_setfield(state, -2, "path");
  add(state, "seeall", seeall);
  lua_setfield(state, -2, "package");

  if (luaL_loadbuffer(state, kPrelude, sizeof kPrelude - 1, "=ropewalk") != 0) lua_error(state);
  lua_pushcfunction(state, loadfile);
  lua_getfield(state, -3, "error");
  lua_pushcfunction(state, globals);
  lua_getfield(state, -5, "type");
  lua_pushcfunction(state, module_file);
  lua_call(state, 5, 2);
  lua_setfield(state, -3, "require");
  lua_setfield(state, -2, "dofile");
}

}  // namespace ropewalk::lua
