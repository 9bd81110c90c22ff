// string.format, by the verbs that Go and C share.
#pragma once

struct lua_State;

namespace ropewalk::lua {

int format(lua_State* state);

}  // namespace ropewalk::lua
