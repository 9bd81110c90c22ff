// luaTable, luaList, luaNil and custom_error, and how handles behave.
#include "dataplane/filters/lua/api.h"
#include "dataplane/filters/lua/convert.h"
#include "dataplane/filters/lua/library.h"
#include "dataplane/filters/lua/run.h"
#include "dataplane/filters/lua/vm.h"

#include <luajit-2.1/lua.hpp>

#include <algorithm>
#include <string>

namespace ropewalk::lua {
namespace {

constexpr const char* kNeedArguments = "need arguments";
constexpr const char* kExpected = "response expected";
constexpr std::size_t kEntryBytes = 128;  // of a table, beside key and value: about
constexpr std::size_t kMostElements = std::size_t{1} << 20;  // of a list that set() makes longer

void need(lua_State* state, int arguments) {
  if (lua_gettop(state) != arguments) raise(state, kNeedArguments);
}

Map& map_of(lua_State* state, const char* function) {
  const Handle& handle = check_handle(state, 1, function);
  if (handle.kind != HandleKind::table) raise(state, kExpected);
  return *handle.map;
}

Slice& list_of(lua_State* state, const char* function) {
  Handle& handle = check_handle(state, 1, function);
  if (handle.kind != HandleKind::list) raise(state, kExpected);
  return handle.slice;
}

std::size_t text_bytes(const Item& item) {
  const json::Value* const value = item.scalar();
  if (!value) return 0;
  return value->is_string()   ? value->string().size()
         : value->is_number() ? value->number_text().size()
                              : 0;
}

int table_new(lua_State* state) {
  Run& run = run_of(state);
  Vm::of(state).charge(state, 10);
  lua_pushlightuserdata(state, run.handle(run.heap.new_map()));
  return 1;
}

int table_get(lua_State* state) {
  need(state, 2);
  Map& map = map_of(state, "get");
  Item* item = map.find(check_text(state, 2, "get").view);
  return item ? push_item(state, *item) : 0;
}

int table_set(lua_State* state) {
  need(state, 3);
  Map& map = map_of(state, "set");
  const Text key = check_text(state, 2, "set");
  if (!map.find(key.view)) Vm::of(state).hold(state, key.view.size() + kEntryBytes);
  store(state, 3, [&]() -> Item& { return map.at(key.view); });
  return 0;
}

int table_len(lua_State* state) {
  lua_pushnumber(state, static_cast<double>(map_of(state, "len").size()));
  return 1;
}

int table_del(lua_State* state) {
  need(state, 2);
  map_of(state, "del").erase(check_text(state, 2, "del").view);
  return 0;
}

int table_keys(lua_State* state) {
  Run& run = run_of(state);
  std::vector<Item> keys;
  std::size_t bytes = 0;
  for (std::string& key : map_of(state, "keys").sorted_keys()) {
    bytes += key.size() + 1;
    keys.emplace_back(json::Value(std::move(key)));
  }
  run.heap.charge(bytes);
  Vm::of(state).charge(state, bytes);
  lua_pushlightuserdata(state, run.handle(run.heap.new_list(std::move(keys))));
  return 1;
}

int table_key_exists(lua_State* state) {
  need(state, 2);
  Map& map = map_of(state, "keyExists");
  lua_pushboolean(state, map.find(check_text(state, 2, "keyExists").view) != nullptr);
  return 1;
}

int list_new(lua_State* state) {
  Run& run = run_of(state);
  Vm::of(state).charge(state, 10);
  lua_pushlightuserdata(state, run.handle(run.heap.new_list({})));
  return 1;
}

int list_get(lua_State* state) {
  need(state, 2);
  const Slice& list = list_of(state, "get");
  const long long at = check_integer(state, 2, "get");
  if (at < 0 || at >= static_cast<long long>(list.size)) return 0;
  return push_item(state, (*list.elements)[static_cast<std::size_t>(at)]);
}

// Behind the end the list becomes longer, in an array of its own.
int list_set(lua_State* state) {
  need(state, 3);
  Slice& list = list_of(state, "set");
  const long long at = check_integer(state, 2, "set");
  if (at < 0) return 0;
  if (at >= static_cast<long long>(kMostElements)) raise(state, "not enough memory");
  const auto place = static_cast<std::size_t>(at);
  if (place >= list.size) {
    Vm::of(state).charge(state, place - list.size + list.size / 16 + 1);
    std::vector<Item>& old = *list.elements;
    // Nobody else sees an array whose last holder grows it at its end.
    if (list.owned && list.size == old.size()) {
      Vm::of(state).hold(state, sizeof(Item) * (place + 1 - list.size));
      old.resize(place + 1);
      list.size = place + 1;
    } else {
      Heap& heap = run_of(state).heap;
      // Objects and lists become shared ones, as with Go's slices; texts are copied.
      std::size_t bytes = sizeof(Item) * (place + 1);
      for (std::size_t i = 0; i < list.size; ++i) {
        heap.open(old[i]);
        bytes += text_bytes(old[i]);
      }
      Vm::of(state).hold(state, bytes);
      std::vector<Item> longer(place + 1);
      std::copy_n(old.begin(), list.size, longer.begin());
      list = heap.new_list(std::move(longer));
      list.owned = true;
    }
  }
  store(state, 3, [&]() -> Item& { return (*list.elements)[place]; });
  return 0;
}

int list_len(lua_State* state) {
  lua_pushnumber(state, static_cast<double>(list_of(state, "len").size));
  return 1;
}

int list_del(lua_State* state) {
  need(state, 2);
  Slice& list = list_of(state, "del");
  const long long at = check_integer(state, 2, "del");
  if (at < 0 || at >= static_cast<long long>(list.size)) return 0;
  Vm::of(state).charge(state, list.size - static_cast<std::size_t>(at));
  const auto begin = list.elements->begin();
  std::move(begin + at + 1, begin + static_cast<std::ptrdiff_t>(list.size), begin + at);
  (*list.elements)[--list.size] = Item();
  return 0;
}

int nil_new(lua_State* state) {
  Vm::of(state).charge(state, 10);
  lua_pushlightuserdata(state, run_of(state).handle(HandleKind::nil));
  return 1;
}

// The text that judge() takes apart again.
int custom_error(lua_State* state) {
  const int count = lua_gettop(state);
  if (count == 0) raise(state, kNeedArguments);
  std::string out(check_text(state, 1, "custom_error").view);
  out += " || ";
  out += std::to_string(count == 1 ? -1 : check_integer(state, 2, "custom_error"));
  if (count > 2) {
    out += " || ";
    out += check_text(state, 3, "custom_error").view;
  }
  raise(state, out);
}

// Methods of a handle come from the table of its kind.
int index(lua_State* state) {
  const Handle& handle = check_handle(state, 1, "index");
  Vm::of(state).push_type_table(state, static_cast<int>(handle.kind));
  lua_getfield(state, -1, "__index");
  if (!lua_istable(state, -1)) return 0;
  lua_pushvalue(state, 2);
  lua_gettable(state, -2);
  return 1;
}

char concat_tag;

// (helper, b) keeps b and yields the helper again, (a, helper) joins: nothing of the script runs
// between the two.
int concat(lua_State* state) {
  const bool first = lua_touserdata(state, 1) == &concat_tag;
  const int value = first ? 2 : 1;
  const int type = lua_type(state, value);
  if (type != LUA_TSTRING && type != LUA_TNUMBER)
    raise(state, std::string("cannot perform concat operation between ") +
                     (first ? "a value and " : "") + luaL_typename(state, value));
  if (!first && lua_touserdata(state, 2) != &concat_tag)
    raise(state, "cannot perform concat operation on userdata");
  if (type == LUA_TNUMBER) {
    push_text(state, check_text(state, value, "concat").view);
    lua_replace(state, value);
  }
  lua_pushlightuserdata(state, &concat_tag);
  if (first) {
    lua_pushvalue(state, 2);
    lua_rawset(state, LUA_REGISTRYINDEX);
    lua_pushlightuserdata(state, &concat_tag);
    return 1;
  }
  lua_rawget(state, LUA_REGISTRYINDEX);
  Vm::of(state).charge(state, lua_objlen(state, 1) + lua_objlen(state, -1));
  lua_remove(state, 2);
  lua_concat(state, 2);
  return 1;
}

}  // namespace

void* concat_helper() { return &concat_tag; }

void set_handle_metatable(lua_State* state) {
  lua_pushlightuserdata(state, &concat_tag);
  lua_newtable(state);
  add(state, "__index", index);
  add(state, "__concat", concat);
  lua_setmetatable(state, -2);
  lua_pop(state, 1);
}

void add_type(lua_State* state, HandleKind kind, std::initializer_list<Method> statics,
              std::initializer_list<Method> methods) {
  lua_newtable(state);
  for (const Method& method : statics) add(state, method.name, method.function);
  lua_newtable(state);
  for (const Method& method : methods) add(state, method.name, method.function);
  lua_setfield(state, -2, "__index");
  lua_setfield(state, -2, kHandleNames[static_cast<int>(kind)]);
}

void open_api(lua_State* state) {
  add(state, "custom_error", custom_error);
  add_type(state, HandleKind::nil, {{"new", nil_new}}, {});
  add_type(state, HandleKind::table, {{"new", table_new}},
           {{"get", table_get},
            {"set", table_set},
            {"len", table_len},
            {"del", table_del},
            {"keys", table_keys},
            {"keyExists", table_key_exists}});
  add_type(state, HandleKind::list, {{"new", list_new}},
           {{"get", list_get}, {"set", list_set}, {"len", list_len}, {"del", list_del}});
  add_request_api(state);
  add_response_api(state);
  add_ctx_api(state);
  add_http_api(state);
}

}  // namespace ropewalk::lua
