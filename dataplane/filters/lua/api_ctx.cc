// ctx of modifier/lua-endpoint: the client's request as it came.
#include "common/strings.h"
#include "dataplane/filters/lua/api.h"
#include "dataplane/filters/lua/convert.h"
#include "dataplane/filters/lua/library.h"
#include "dataplane/filters/lua/url.h"
#include "dataplane/filters/lua/vm.h"
#include "dataplane/pipeline/gate.h"

#include <luajit-2.1/lua.hpp>

#include <algorithm>
#include <string>

namespace ropewalk::lua {
namespace {

Run& of_ctx(lua_State* state, const char* function) {
  Run& run = Vm::of(state).run();
  if (check_handle(state, 1, function).kind != HandleKind::ctx || !run.passage)
    raise(state, "ginContext expected");
  return run;
}

void keep_query(lua_State* state, pipeline::Passage& passage, std::string_view query) {
  http::RequestHead& head = *passage.head;
  Vm::of(state).hold(state, head.path.size() + query.size() + 1);
  std::string target(head.path);
  if (!query.empty()) {
    target += '?';
    target += query;
  }
  const std::string_view kept = passage.arena.keep(std::move(target));
  const std::size_t path_size = head.path.size();
  head.target = kept;
  head.path = kept.substr(0, path_size);
  head.query = query.empty() ? std::string_view() : kept.substr(path_size + 1);
}

int load(lua_State* state) {
  lua_pushlightuserdata(state, Vm::of(state).run().handle(HandleKind::ctx));
  return 1;
}

// Writing has no effect but on later reads: the route and the calls have their own.
int method(lua_State* state) {
  Run& run = of_ctx(state, "method");
  if (lua_gettop(state) == 1) {
    push_text(state, run.method.empty() ? run.passage->head->method : run.method);
    return 1;
  }
  const Text text = check_text(state, 2, "method");
  Vm::of(state).hold(state, text.view.size());
  run.method = text.view;
  return 0;
}

// Of a URL written, the query counts: the route has been found.
int url(lua_State* state) {
  Run& run = of_ctx(state, "url");
  if (lua_gettop(state) == 1) {
    push_text(state, run.url_set ? run.url : run.passage->head->target);
    return 1;
  }
  const Text given = check_text(state, 2, "url");
  Vm::of(state).hold(state, given.view.size());
  run.url = given.view;
  run.url_set = true;
  std::string_view text = run.url;
  text = text.substr(0, text.find('#'));
  const std::size_t mark = text.find('?');
  const std::string_view query = mark == text.npos ? std::string_view() : text.substr(mark + 1);
  if (std::ranges::any_of(query, [](char c) { return static_cast<unsigned char>(c) <= 0x20; }))
    raise(state, "invalid url");
  keep_query(state, *run.passage, query);
  return 0;
}

int host(lua_State* state) {
  Run& run = of_ctx(state, "host");
  if (lua_gettop(state) == 1) {
    push_text(state, run.passage->head->host);
    return 1;
  }
  const Text text = check_text(state, 2, "host");
  if (!is_field_value(text.view)) raise(state, "invalid host");
  Vm::of(state).hold(state, text.view.size());
  run.passage->head->host = run.passage->arena.keep(std::string(text.view));
  return 0;
}

int query(lua_State* state) {
  Run& run = of_ctx(state, "query");
  if (lua_gettop(state) == 1) raise(state, "need arguments");
  const Text name = check_text(state, 2, "query");
  auto parameters = parameters_of(state, run.passage->head->query, Query::looked_at);
  if (lua_gettop(state) == 2) {
    const auto found = std::ranges::find(parameters, name.view, [](const auto& parameter) {
      return std::string_view(parameter.first);
    });
    push_text(state, found == parameters.end() ? std::string_view() : found->second);
    return 1;
  }
  std::erase_if(parameters, [&](const auto& parameter) { return parameter.first == name.view; });
  parameters.emplace_back(name.view, check_text(state, 3, "query").view);
  const std::string encoded = encode_query(std::move(parameters));
  keep_query(state, *run.passage, encoded);
  run.url_set = false;
  return 0;
}

// The gateway keeps "Id" for "{id}": scripts see the name as the endpoint has it.
std::string written_name(const Run& run, std::string_view name) {
  for (const std::string& written : run.parameter_names) {
    if (written.size() == name.size() && written.substr(1) == name.substr(1) &&
        lower(written[0]) == lower(name[0]))
      return written;
  }
  return std::string(name);
}

int params(lua_State* state) {
  Run& run = of_ctx(state, "params");
  std::vector<pipeline::Param>& known = run.passage->params;
  if (lua_gettop(state) == 1) {
    std::vector<pipeline::Param> shown;
    std::vector<std::string> names;
    names.reserve(known.size());
    for (const pipeline::Param& param : known) {
      names.push_back(written_name(run, param.name));
      shown.push_back({names.back(), param.value});
    }
    lua_pushlightuserdata(state, params_table(state, shown));
    return 1;
  }
  const Text name = check_text(state, 2, "params");
  const auto found = std::ranges::find_if(known, [&](const pipeline::Param& param) {
    return written_name(run, param.name) == name.view;
  });
  if (lua_gettop(state) == 2) {
    push_text(state, found == known.end() ? std::string_view() : found->value);
    return 1;
  }
  const Text value = check_text(state, 3, "params");
  Vm::of(state).hold(state, name.view.size() + value.view.size() + sizeof(pipeline::Param));
  pipeline::Arena& arena = run.passage->arena;
  if (found != known.end()) {
    found->value = arena.keep(std::string(value.view));
    return 0;
  }
  std::string kept(name.view);
  if (!kept.empty() && kept[0] >= 'a' && kept[0] <= 'z') kept[0] = static_cast<char>(kept[0] - 32);
  known.push_back({arena.keep(std::move(kept)), arena.keep(std::string(value.view))});
  return 0;
}

void set_values(lua_State* state, Run& run, std::string_view name,
                const std::vector<std::string>& values) {
  const std::string canonical = pipeline::canonical(name);
  if (!is_token(canonical)) raise(state, "invalid header field name");
  std::size_t bytes = canonical.size();
  for (const std::string& value : values) {
    if (!is_field_value(value))
      raise(state, "invalid header field value for \"" + canonical + "\"");
    bytes += value.size() + sizeof(http::Field);
  }
  run.heap.charge(bytes);
  Vm::of(state).charge(state, bytes);
  // What frames the request and keeps its connection is not a script's.
  const http::FieldId id = http::field_id(canonical);
  if (id == http::FieldId::content_length || id == http::FieldId::transfer_encoding ||
      id == http::FieldId::host || id == http::FieldId::connection)
    return;
  http::Fields& fields = run.passage->head->fields;
  pipeline::erase_field(fields, canonical);
  for (const std::string& value : values)
    pipeline::add_field(fields, run.passage->arena, canonical, value);
}

int headers(lua_State* state) {
  Run& run = of_ctx(state, "headers");
  http::Fields& fields = run.passage->head->fields;
  if (lua_gettop(state) == 1) {
    lua_pushlightuserdata(state, fields_table(state, fields));
    return 1;
  }
  const Text name = check_text(state, 2, "headers");
  if (lua_gettop(state) == 2) {
    const http::Field* field = pipeline::find_field(fields, name.view);
    push_text(state, field ? field->value : std::string_view());
    return 1;
  }
  if (lua_isnil(state, 3)) {
    pipeline::erase_field(fields, name.view);
    return 0;
  }
  set_values(state, run, name.view, {std::string(check_text(state, 3, "headers").view)});
  return 0;
}

int header_list(lua_State* state) {
  Run& run = of_ctx(state, "headerList");
  if (lua_gettop(state) == 1) raise(state, "need arguments");
  const Text name = check_text(state, 2, "headerList");
  if (lua_gettop(state) == 2) {
    lua_pushlightuserdata(state,
                          texts_list(state, values_of(run.passage->head->fields, name.view)));
    return 1;
  }
  set_values(state, run, name.view, list_texts(state, 3));
  return 0;
}

int body(lua_State* state) {
  Run& run = of_ctx(state, "body");
  if (lua_gettop(state) == 2) {
    const Text text = check_text(state, 2, "body");
    Vm::of(state).hold(state, text.view.size());
    run.passage->body = run.passage->arena.keep(std::string(text.view));
    return 0;
  }
  Vm::of(state).charge(state, run.passage->body.size());
  push_text(state, run.passage->body);
  return 1;
}

}  // namespace

void add_ctx_api(lua_State* state) {
  add_type(state, HandleKind::ctx, {{"load", load}},
           {{"method", method},
            {"url", url},
            {"host", host},
            {"query", query},
            {"params", params},
            {"headers", headers},
            {"headerList", header_list},
            {"body", body}});
}

}  // namespace ropewalk::lua
