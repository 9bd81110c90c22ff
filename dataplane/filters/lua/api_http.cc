// http_response: a call of the script's own. The script waits in a yield, the worker goes on.
#include "dataplane/filters/lua/api.h"
#include "dataplane/filters/lua/convert.h"
#include "dataplane/filters/lua/library.h"
#include "dataplane/filters/lua/url.h"
#include "dataplane/filters/lua/vm.h"

#include "common/strings.h"

#include <luajit-2.1/lua.hpp>

#include <algorithm>
#include <string>

namespace ropewalk::lua {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

pipeline::FetchAnswer& answer_of(lua_State* state, const char* function) {
  const Handle& handle = check_handle(state, 1, function);
  if (handle.kind != HandleKind::http || !handle.answer) raise(state, "response expected");
  return *handle.answer;
}

// Of a table only texts and lists of them become fields.
std::string read_fields(lua_State* state, int table, Fields& out) {
  const auto take = [&](const std::string& name, std::string_view value) -> bool {
    if (!is_token(name) || !is_field_value(value)) return false;
    out.emplace_back(pipeline::canonical(name), value);
    return true;
  };
  lua_pushnil(state);
  while (lua_next(state, table)) {
    const int value = lua_gettop(state);
    const int key_type = lua_type(state, value - 1);
    if (key_type == LUA_TSTRING || key_type == LUA_TNUMBER) {
      const std::string name(check_text(state, value - 1, "new").view);
      if (lua_type(state, value) == LUA_TSTRING) {
        if (!take(name, check_text(state, value, "new").view)) return name;
      } else if (lua_istable(state, value)) {
        const int count = static_cast<int>(std::min<std::size_t>(lua_objlen(state, value), 1000));
        for (int i = 1; i <= count; ++i) {
          lua_rawgeti(state, value, i);
          const int type = lua_type(state, -1);
          if ((type == LUA_TSTRING || type == LUA_TNUMBER) &&
              !take(name, check_text(state, lua_gettop(state), "new").view))
            return name;
          lua_pop(state, 1);
        }
      }
    }
    lua_pop(state, 1);
  }
  return {};
}

int failed(lua_State* state, std::string_view message) {
  lua_pushboolean(state, 0);
  push_text(state, message);
  return 2;
}

// true and the handle, or false and the error (kWrapper raises it where the script called).
int fetch(lua_State* state) {
  Vm& vm = Vm::of(state);
  const int count = lua_gettop(state);
  if (count == 0 || count == 2) return failed(state, "need 1, 3 or 4 arguments");
  for (int i = 1; i <= (count == 1 ? 1 : 3); ++i)
    if (lua_type(state, i) != LUA_TSTRING && lua_type(state, i) != LUA_TNUMBER)
      return failed(state, "bad argument #" + std::to_string(i) + " to new (string expected, got " +
                               luaL_typename(state, i) + ")");
  if (!vm.on_main(state)) return failed(state, "http_response.new cannot wait in a coroutine");
  pipeline::FetchRequest request;
  request.url = check_text(state, 1, "new").view;
  if (count > 1) {
    request.method = check_text(state, 2, "new").view;
    if (request.method.empty()) request.method = "GET";
    request.body = check_text(state, 3, "new").view;
  }
  if (!is_token(request.method)) return failed(state, "net/http: invalid method");
  if (count == 4 && lua_istable(state, 4)) {
    const std::string bad = read_fields(state, 4, request.headers);
    if (!bad.empty()) return failed(state, "invalid header field for \"" + bad + "\"");
  }
  const std::string scheme = to_lower(request.url.substr(0, request.url.find("://")));
  if (scheme != "http" && scheme != "https")
    return failed(state, "unsupported protocol scheme: expected http or https");
  vm.run().heap.charge(request.url.size() + request.body.size());
  vm.run().fetch = std::move(request);
  return lua_yield(state, 0);
}

constexpr char kWrapper[] = R"lua(
local fetch, error = ...
return function(...)
  local ok, result = fetch(...)
  if ok then return result end
  error(result, 2)
end
)lua";

int answer_status(lua_State* state) {
  lua_pushnumber(state, answer_of(state, "statusCode").status);
  return 1;
}

int answer_headers(lua_State* state) {
  const pipeline::FetchAnswer& answer = answer_of(state, "headers");
  if (lua_gettop(state) != 2) raise(state, "need arguments");
  const Text name = check_text(state, 2, "headers");
  const auto found = std::ranges::find_if(
      answer.headers, [&](const auto& field) { return iequals(field.first, name.view); });
  push_text(state, found == answer.headers.end() ? std::string_view() : found->second);
  return 1;
}

int answer_header_list(lua_State* state) {
  const pipeline::FetchAnswer& answer = answer_of(state, "headerList");
  if (lua_gettop(state) != 2) raise(state, "need arguments");
  const Text name = check_text(state, 2, "headerList");
  std::vector<std::string_view> values;
  for (const auto& [field, value] : answer.headers)
    if (iequals(field, name.view)) values.push_back(value);
  lua_pushlightuserdata(state, texts_list(state, values));
  return 1;
}

int answer_body(lua_State* state) {
  const pipeline::FetchAnswer& answer = answer_of(state, "body");
  Vm::of(state).charge(state, answer.body.size());
  push_text(state, answer.body);
  return 1;
}

int answer_close(lua_State* state) {
  answer_of(state, "close");
  check_handle(state, 1, "close").answer = nullptr;
  return 0;
}

}  // namespace

void add_http_api(lua_State* state) {
  add_type(state, HandleKind::http, {},
           {{"statusCode", answer_status},
            {"headers", answer_headers},
            {"headerList", answer_header_list},
            {"body", answer_body},
            {"close", answer_close}});
  if (luaL_loadbuffer(state, kWrapper, sizeof kWrapper - 1, "=ropewalk") != 0) lua_error(state);
  lua_pushcfunction(state, fetch);
  lua_getfield(state, -3, "error");
  lua_call(state, 2, 1);
  lua_getfield(state, -2, kHandleNames[static_cast<int>(HandleKind::http)]);
  lua_insert(state, -2);
  lua_setfield(state, -2, "new");
  lua_pop(state, 1);
}

}  // namespace ropewalk::lua
