// request and response of lua-proxy and lua-backend.
#include "dataplane/filters/lua/api.h"
#include "dataplane/filters/lua/convert.h"
#include "dataplane/filters/lua/library.h"
#include "dataplane/filters/lua/url.h"
#include "dataplane/filters/lua/vm.h"

#include <luajit-2.1/lua.hpp>

#include <algorithm>
#include <string>

namespace ropewalk::lua {
namespace {

Run& of_request(lua_State* state, const char* function) {
  if (check_handle(state, 1, function).kind != HandleKind::request)
    raise(state, "request expected");
  return run_of(state);
}

Run& of_response(lua_State* state, const char* function) {
  Run& run = run_of(state);
  if (check_handle(state, 1, function).kind != HandleKind::response || !run.response)
    raise(state, "response expected");
  return run;
}

int request_load(lua_State* state) {
  lua_pushlightuserdata(state, run_of(state).handle(HandleKind::request));
  return 1;
}

int request_method(lua_State* state) {
  pipeline::Request& request = *of_request(state, "method").request;
  if (lua_gettop(state) == 1) {
    push_text(state, request.method);
    return 1;
  }
  const Text method = check_text(state, 2, "method");
  if (!is_token(method.view)) raise(state, "invalid method");
  Vm::of(state).hold(state, method.view.size());
  request.set_method(std::string(method.view));
  return 0;
}

// Decoded, with the query of the url_pattern behind it. Writing has no effect but on later reads.
int request_path(lua_State* state) {
  Run& run = of_request(state, "path");
  if (lua_gettop(state) == 1) {
    push_text(state, run.path_set ? run.path : shown_path(run.request->path));
    return 1;
  }
  const Text path = check_text(state, 2, "path");
  Vm::of(state).hold(state, path.view.size());
  run.path = path.view;
  run.path_set = true;
  return 0;
}

int request_query(lua_State* state) {
  Run& run = of_request(state, "query");
  if (lua_gettop(state) == 1) {
    push_text(state, encode_query(run.query_set ? run.query : run.request->query));
    return 1;
  }
  const Text text = check_text(state, 2, "query");
  auto query = parameters_of(state, text.view, Query::kept);
  if (run.backend) {
    // The URL of the call has been built: only later reads see it.
    run.query = std::move(query);
    run.query_set = true;
  } else {
    run.request->query = std::move(query);
  }
  return 0;
}

int request_url(lua_State* state) {
  Run& run = of_request(state, "url");
  if (lua_gettop(state) == 1) {
    push_text(state, run.url_set ? run.url : run.backend ? call_url(*run.request, run.host) : "");
    return 1;
  }
  const Text url = check_text(state, 2, "url");
  Vm::of(state).hold(state, 2 * url.view.size());  // as it is, and in the parts of the call
  run.url = url.view;
  run.url_set = true;
  if (!run.backend) return 0;
  if (!redirect_call(*run.request, run.url)) raise(state, "invalid url");
  return 0;
}

int request_params(lua_State* state) {
  Run& run = of_request(state, "params");
  pipeline::Request& request = *run.request;
  switch (lua_gettop(state)) {
    case 1:
      lua_pushlightuserdata(state, params_table(state, request.params));
      return 1;
    case 2: {
      const pipeline::Param* param = request.find_param(check_text(state, 2, "params").view);
      push_text(state, param ? param->value : std::string_view());
      return 1;
    }
    case 3: {
      const Text name = check_text(state, 2, "params");
      const Text value = check_text(state, 3, "params");
      Vm::of(state).hold(state, name.view.size() + value.view.size() + sizeof(pipeline::Param));
      request.set_param(name.view, value.view);
      return 0;
    }
    default:
      return 0;
  }
}

// Name and value as HTTP allows them: a line break would begin another field.
void check_field(lua_State* state, std::string_view name, std::string_view value) {
  if (!is_token(name)) raise(state, "invalid header field name");
  if (!is_field_value(value))
    raise(state, "invalid header field value for \"" + std::string(name) + "\"");
}

void set_values(lua_State* state, http::Fields& fields, pipeline::Arena& arena,
                std::string_view name, const std::vector<std::string>& values) {
  const std::string canonical = pipeline::canonical(name);
  std::size_t bytes = 0;
  for (const std::string& value : values) {
    check_field(state, canonical, value);
    bytes += value.size() + canonical.size() + sizeof(http::Field);
  }
  run_of(state).heap.charge(bytes);
  Vm::of(state).charge(state, fields.size() + bytes);
  pipeline::erase_field(fields, canonical);
  for (const std::string& value : values) pipeline::add_field(fields, arena, canonical, value);
}

// headers() -> table, headers(name) -> first value, headers(name, value or nil).
int headers(lua_State* state, http::Fields& fields, pipeline::Arena& arena, bool exact_case) {
  Vm::of(state).charge(state, fields.size());
  switch (lua_gettop(state)) {
    case 1:
      lua_pushlightuserdata(state, fields_table(state, fields));
      return 1;
    case 2: {
      const Text name = check_text(state, 2, "headers");
      const bool findable = !exact_case || pipeline::canonical(name.view) == name.view;
      const http::Field* field = findable ? pipeline::find_field(fields, name.view) : nullptr;
      push_text(state, field ? field->value : std::string_view());
      return 1;
    }
    case 3: {
      const Text name = check_text(state, 2, "headers");
      if (lua_isnil(state, 3))
        pipeline::erase_field(fields, name.view);
      else
        set_values(state, fields, arena, name.view,
                   {std::string(check_text(state, 3, "headers").view)});
      return 0;
    }
    default:
      return 0;
  }
}

int header_list(lua_State* state, http::Fields& fields, pipeline::Arena& arena) {
  if (lua_gettop(state) == 1) raise(state, "need arguments");
  const Text name = check_text(state, 2, "headerList");
  if (lua_gettop(state) == 2) {
    lua_pushlightuserdata(state, texts_list(state, values_of(fields, name.view)));
    return 1;
  }
  set_values(state, fields, arena, name.view, list_texts(state, 3));
  return 0;
}

int request_headers(lua_State* state) {
  pipeline::Request& request = *of_request(state, "headers").request;
  return headers(state, request.headers, request.arena, false);
}

int request_header_list(lua_State* state) {
  pipeline::Request& request = *of_request(state, "headerList").request;
  return header_list(state, request.headers, request.arena);
}

int request_body(lua_State* state) {
  Run& run = of_request(state, "body");
  if (lua_gettop(state) == 2) {
    const Text body = check_text(state, 2, "body");
    Vm::of(state).hold(state, body.view.size());
    run.request->set_body(std::string(body.view));
    return 0;
  }
  Vm::of(state).charge(state, run.request->body.size());
  push_text(state, run.request->body);
  return 1;
}

int response_load(lua_State* state) {
  lua_pushlightuserdata(state, run_of(state).handle(HandleKind::response));
  return 1;
}

int response_complete(lua_State* state) {
  pipeline::Response& response = *of_response(state, "isComplete").response;
  if (lua_gettop(state) == 1) {
    lua_pushboolean(state, response.complete ? 1 : 0);
    return 1;
  }
  response.complete = check_boolean(state, 2, "isComplete");
  return 0;
}

int response_status(lua_State* state) {
  Run& run = of_response(state, "statusCode");
  if (lua_gettop(state) == 1) {
    lua_pushnumber(state, run.answer_status);
    return 1;
  }
  const long long status = check_integer(state, 2, "statusCode");
  run.answer_status = static_cast<unsigned>(status >= 200 && status <= 599 ? status : 500);
  return 0;
}

int response_data(lua_State* state) {
  Run& run = of_response(state, "data");
  if (!run.data_opened) {
    run.data_opened = true;
    run.heap.open(run.data);
    if (!run.data.map()) run.data = Item(run.heap.new_map());
  }
  lua_pushlightuserdata(state, run.handle(run.data.map()));
  return 1;
}

// Reading wants the name as Go writes it, writing any case.
int response_headers(lua_State* state) {
  Run& run = of_response(state, "headers");
  return headers(state, *run.answer_headers, run.response->arena, true);
}

int response_header_list(lua_State* state) {
  Run& run = of_response(state, "headerList");
  return header_list(state, *run.answer_headers, run.response->arena);
}

// Only a no-op answer has one.
int response_body(lua_State* state) {
  Run& run = of_response(state, "body");
  if (lua_gettop(state) == 2) {
    const Text body = check_text(state, 2, "body");
    Vm::of(state).hold(state, body.view.size());
    if (!run.response->raw) return 0;
    run.response->body = body.view;
    pipeline::erase_field(*run.answer_headers, "Content-Length");
    return 0;
  }
  const std::string_view body = run.response->raw ? run.response->body : std::string_view();
  Vm::of(state).charge(state, body.size());
  push_text(state, body);
  return 1;
}

}  // namespace

void add_request_api(lua_State* state) {
  add_type(state, HandleKind::request, {{"load", request_load}},
           {{"method", request_method},
            {"path", request_path},
            {"query", request_query},
            {"url", request_url},
            {"params", request_params},
            {"headers", request_headers},
            {"headerList", request_header_list},
            {"body", request_body}});
}

void add_response_api(lua_State* state) {
  add_type(state, HandleKind::response, {{"load", response_load}},
           {{"isComplete", response_complete},
            {"statusCode", response_status},
            {"data", response_data},
            {"headers", response_headers},
            {"headerList", response_header_list},
            {"body", response_body}});
}

}  // namespace ropewalk::lua
