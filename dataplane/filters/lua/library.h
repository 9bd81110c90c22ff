// The functions that scripts find: Lua 5.1's own with KrakenD's deviations, and KrakenD's API.
// Each open_* fills the table on top of the stack; copies of it become the globals of a run. They
// run while a Vm is made, under its protection.
#pragma once

#include "common/json/value.h"

#include <cstddef>
#include <string>
#include <string_view>

struct lua_State;

namespace ropewalk::lua {

struct Handle;
enum class HandleKind : unsigned char;

void open_base(lua_State* state);
void open_table(lua_State* state);
void open_api(lua_State* state);
// allow_open_libs: string, math; os, io, debug, coroutine, channel.
void open_string(lua_State* state);
void open_math(lua_State* state);
void open_system(lua_State* state);

// What light userdata does when it is indexed or concatenated.
void set_handle_metatable(lua_State* state);
// The value behind kLuaConcat.
void* concat_helper();

// --- arguments as KrakenD's binder checks them; errors are raised as it words them
struct Text {
  std::string owned;  // of a number
  std::string_view view;
};
// Text, or a number as text.
Text check_text(lua_State* state, int argument, const char* function);
// A number, or a text that is one.
double check_number(lua_State* state, int argument, const char* function);
bool check_boolean(lua_State* state, int argument, const char* function);
// An integer as Go's int() makes it.
long long check_integer(lua_State* state, int argument, const char* function);
long long integer_or(lua_State* state, int argument, const char* function, long long fallback);
// A handle of any kind; raises when it is none.
Handle& check_handle(lua_State* state, int argument, const char* function);
[[noreturn]] void raise(lua_State* state, std::string_view message);

void push_text(lua_State* state, std::string_view text);
// A scalar, or nothing (returns 0) for what has no counterpart.
int push_scalar(lua_State* state, const json::Value& value);

// Adds a function to the table on top.
void add(lua_State* state, const char* name, int (*function)(lua_State*));
// Opens one of the interpreter's libraries and copies `names` (ended by null) of it into the table
// on top.
void borrow(lua_State* state, int (*open)(lua_State*), const char* const* names);

}  // namespace ropewalk::lua
