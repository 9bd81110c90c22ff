// The parts of KrakenD's API (open_api of library.h): each adds its types to the table on top.
#pragma once

#include "dataplane/filters/lua/run.h"

#include <initializer_list>

struct lua_State;

namespace ropewalk::lua {

struct Method {
  const char* name;
  int (*function)(lua_State*);
};

// The global of a kind of handle: functions of its own, and the methods of its handles.
void add_type(lua_State* state, HandleKind kind, std::initializer_list<Method> statics,
              std::initializer_list<Method> methods);

void add_request_api(lua_State* state);
void add_response_api(lua_State* state);
void add_ctx_api(lua_State* state);
void add_http_api(lua_State* state);

}  // namespace ropewalk::lua
