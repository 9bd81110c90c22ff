// What allow_open_libs adds besides string: math, and what reaches the machine: os and io, and
// coroutine, debug and channel, which KrakenD has there too.
#include "dataplane/filters/lua/library.h"
#include "dataplane/filters/lua/vm.h"

#include <luajit-2.1/lua.hpp>

#include <limits>
#include <random>

namespace ropewalk::lua {
namespace {

std::mt19937_64& generator() {
  thread_local std::mt19937_64 out{std::random_device{}()};
  return out;
}

int random_number(lua_State* state) {
  if (lua_gettop(state) == 0) {
    lua_pushnumber(state, std::uniform_real_distribution<double>(0, 1)(generator()));
    return 1;
  }
  const bool two = lua_gettop(state) > 1;
  const long long low = two ? check_integer(state, 1, "random") : 1;
  const long long high = check_integer(state, two ? 2 : 1, "random");
  if (low > high) raise(state, "bad argument #1 to random (interval is empty)");
  lua_pushnumber(
      state, static_cast<double>(std::uniform_int_distribution<long long>(low, high)(generator())));
  return 1;
}

// Other requests draw from the same source: a seed must not make their numbers foreseeable.
int random_seed(lua_State* state) {
  check_integer(state, 1, "randomseed");
  return 0;
}

int exit_refused(lua_State* state) { return luaL_error(state, "os.exit would end the gateway"); }

int locale_refused(lua_State* state) {
  lua_pushnil(state);
  return 1;
}

int channel_refused(lua_State* state) {
  return luaL_error(state, "channels are not supported: a script runs alone");
}

// Upvalue: the interpreter's yield. The script itself waits only in http_response.new.
int yield(lua_State* state) {
  if (Vm::of(state).on_main(state))
    return luaL_error(state, "can not yield from outside of a coroutine");
  return lua_yield(state, lua_gettop(state));
}

void subtable(lua_State* state, const char* name, int (*open)(lua_State*),
              const char* const* names) {
  lua_newtable(state);
  borrow(state, open, names);
  lua_setfield(state, -2, name);
}

}  // namespace

void open_math(lua_State* state) {
  constexpr const char* kNames[] = {"abs",  "acos",  "asin", "atan",  "atan2", "ceil",  "cos",
                                    "cosh", "deg",   "exp",  "floor", "fmod",  "frexp", "ldexp",
                                    "log",  "log10", "max",  "min",   "modf",  "pow",   "rad",
                                    "sin",  "sinh",  "sqrt", "tan",   "tanh",  "pi",    nullptr};
  lua_newtable(state);
  borrow(state, luaopen_math, kNames);
  lua_getfield(state, -1, "fmod");
  lua_setfield(state, -2, "mod");
  add(state, "random", random_number);
  add(state, "randomseed", random_seed);
  lua_pushnumber(state, std::numeric_limits<double>::max());
  lua_setfield(state, -2, "huge");
  lua_setfield(state, -2, "math");
}

void open_system(lua_State* state) {
  constexpr const char* kOs[] = {"clock",  "date",   "difftime", "execute", "getenv",
                                 "remove", "rename", "time",     "tmpname", nullptr};
  subtable(state, "os", luaopen_os, kOs);
  lua_getfield(state, -1, "os");
  add(state, "exit", exit_refused);
  add(state, "setlocale", locale_refused);
  lua_pop(state, 1);

  constexpr const char* kIo[] = {"close",  "flush",   "input", "lines",  "open",
                                 "output", "popen",   "read",  "stderr", "stdin",
                                 "stdout", "tmpfile", "type",  "write",  nullptr};
  subtable(state, "io", luaopen_io, kIo);

  // No hooks, no registry, no locals or upvalues of others, no metatables of shared types.
  constexpr const char* kDebug[] = {"traceback", nullptr};
  subtable(state, "debug", luaopen_debug, kDebug);
  lua_getfield(state, -1, "debug");
  for (const char* name : {"getfenv", "setfenv", "getmetatable", "setmetatable"}) {
    lua_getfield(state, -2, name);
    lua_setfield(state, -2, name);
  }
  lua_pop(state, 1);

  constexpr const char* kCoroutine[] = {"create", "resume", "running", "status", "wrap", nullptr};
  lua_newtable(state);
  {
    // luaopen_base makes this library too, as a global of the state.
    lua_getglobal(state, "coroutine");
    for (const char* const* name = kCoroutine; *name; ++name) {
      lua_getfield(state, -1, *name);
      lua_setfield(state, -3, *name);
    }
    lua_pop(state, 1);
  }
  add(state, "yield", yield);
  lua_setfield(state, -2, "coroutine");

  lua_newtable(state);
  add(state, "make", channel_refused);
  add(state, "select", channel_refused);
  lua_setfield(state, -2, "channel");
}

}  // namespace ropewalk::lua
