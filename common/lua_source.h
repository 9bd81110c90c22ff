// Source text of Lua scripts: what differs between the interpreter that KrakenD embeds and ours is
// rewritten before compilation; which other files a script names. Pure; any thread may call.
#pragma once

#include "common/error.h"

#include <string>
#include <string_view>
#include <vector>

namespace ropewalk {

// One byte that no script can hold as a name: the concatenation helper of adapt_lua().
inline constexpr char kLuaConcat = '\x80';

// A chunk that returns the script as a function, given the helper as its argument. Every `a .. b`
// becomes `a .. helper .. b`, for numbers become other texts there (1e15 is 1000000000000000).
// Lines keep their numbers. `source` must be a valid chunk for the result to be one.
// Errors (config, "line N: ..."): compiled code, number suffixes and letters outside ASCII in
// names, which only this interpreter would take.
Result<std::string> adapt_lua(std::string_view source);

// The files that calls with a literal text name: dofile("a.lua"), loadfile("a.lua"),
// require("lib.a") (lib/a.lua). In order, each once.
std::vector<std::string> lua_files(std::string_view source);

}  // namespace ropewalk
