#include "dataplane/filters/lua/convert.h"

#include "common/strings.h"
#include "dataplane/filters/lua/library.h"
#include "dataplane/filters/lua/run.h"
#include "dataplane/filters/lua/vm.h"
#include "dataplane/http/target.h"

#include <luajit-2.1/lua.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>

namespace ropewalk::lua {
namespace {

constexpr int kDeepestTable = 200;

json::Value number(Run& run, double value, bool nested) {
  if (!std::isfinite(value)) run.not_finite = true;
  // Inside tables whole numbers become integers, so that -0 is 0.
  if (nested && value == 0) value = 0;
  return json::Value::number(go_json_number(value));
}

// A key of a Lua table as text.
std::string key_text(lua_State* state, int index) {
  switch (lua_type(state, index)) {
    case LUA_TSTRING:
    case LUA_TNUMBER:
      return std::string(check_text(state, index, "set").view);
    case LUA_TBOOLEAN:
      return lua_toboolean(state, index) ? "true" : "false";
    default:
      return luaL_typename(state, index);
  }
}

// As Go's Atoi.
std::optional<std::int64_t> whole(std::string_view text) {
  if (text.starts_with('+') && !text.substr(1).starts_with('-')) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || end.ec != std::errc() || end.ptr != text.data() + text.size())
    return std::nullopt;
  return value;
}

// A list in the order of the keys where all are whole numbers; of no keys at all null.
Item list_or_map(Heap& heap, Map* map) {
  std::map<std::int64_t, Item> sorted;
  for (const auto& [key, value] : map->entries()) {
    const auto at = whole(key);
    if (!at) return Item(map);
    sorted[*at] = value;
  }
  if (sorted.empty()) return Item();
  std::vector<Item> elements;
  elements.reserve(sorted.size());
  for (auto& [key, value] : sorted) elements.push_back(std::move(value));
  return Item(heap.new_list(std::move(elements)));
}

std::optional<Item> convert(lua_State* state, int index, int depth);

Map* convert_table(lua_State* state, int index, int depth) {
  if (depth > kDeepestTable) raise(state, "a table is nested too deep");
  luaL_checkstack(state, 6, "nested tables");
  Heap& heap = Vm::of(state).run().heap;
  Map* const out = heap.new_map();
  lua_pushnil(state);
  while (lua_next(state, index)) {
    const int value = lua_gettop(state);
    std::string key = key_text(state, value - 1);
    heap.charge(key.size() + sizeof(Item));
    Vm::of(state).charge(state, key.size() + 1);
    if (auto item = convert(state, value, depth + 1)) out->at(key) = std::move(*item);
    lua_pop(state, 1);
  }
  return out;
}

// Nothing for what has no counterpart.
std::optional<Item> convert(lua_State* state, int index, int depth) {
  switch (lua_type(state, index)) {
    case LUA_TSTRING: {
      const Text text = check_text(state, index, "set");
      Vm::of(state).run().heap.charge(text.view.size());
      return Item(json::Value(text.view));
    }
    case LUA_TNUMBER:
      return Item(number(Vm::of(state).run(), lua_tonumber(state, index), depth > 0));
    case LUA_TBOOLEAN:
      return Item(json::Value(lua_toboolean(state, index) != 0));
    case LUA_TTABLE: {
      Map* const map = convert_table(state, index, depth);
      return depth > 0 ? list_or_map(Vm::of(state).run().heap, map) : Item(map);
    }
    case LUA_TLIGHTUSERDATA: {
      const Handle& handle = check_handle(state, index, "set");
      if (handle.kind == HandleKind::nil) return Item();
      Item out;
      Heap& heap = Vm::of(state).run().heap;
      if (handle.kind == HandleKind::table) {
        heap.share(out, Item(handle.map));
        return out;
      }
      if (handle.kind != HandleKind::list) return std::nullopt;
      Slice slice = handle.slice;
      slice.owned = false;
      heap.share(out, Item(slice));
      return out;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

int push_item(lua_State* state, Item& item) {
  Run& run = Vm::of(state).run();
  run.heap.open(item);
  Vm::of(state).charge(state, 10);
  if (const json::Value* value = item.scalar()) return push_scalar(state, *value);
  lua_pushlightuserdata(state, item.map() ? run.handle(item.map()) : run.handle(*item.slice()));
  return 1;
}

void store(lua_State* state, int argument, const std::function<Item&()>& place) {
  if (auto item = convert(state, argument, 0)) place() = std::move(*item);
  // A list that is held elsewhere now no longer grows in place.
  if (lua_islightuserdata(state, argument))
    check_handle(state, argument, "set").slice.owned = false;
  Vm::of(state).charge(state, 10);
}

Handle* params_table(lua_State* state, const std::vector<pipeline::Param>& params) {
  Run& run = Vm::of(state).run();
  Map* const map = run.heap.new_map();
  for (const pipeline::Param& param : params) {
    run.heap.charge(param.name.size() + param.value.size() + sizeof(Item));
    map->at(param.name) = Item(json::Value(param.value));
  }
  return run.handle(map);
}

Handle* texts_list(lua_State* state, const std::vector<std::string_view>& texts) {
  Run& run = Vm::of(state).run();
  std::vector<Item> elements;
  for (const std::string_view text : texts) {
    run.heap.charge(text.size());
    elements.emplace_back(json::Value(text));
  }
  return run.handle(run.heap.new_list(std::move(elements)));
}

Handle* fields_table(lua_State* state, const http::Fields& fields) {
  Run& run = Vm::of(state).run();
  Map* const map = run.heap.new_map();
  for (const http::Field& field : fields) {
    run.heap.charge(field.name.size() + field.value.size() + sizeof(Item));
    const std::string name = pipeline::canonical(field.name);
    Item& item = map->at(name);
    std::vector<Item> elements;
    if (const Slice* known = item.slice()) elements = *known->elements;
    elements.emplace_back(json::Value(field.value));
    item = Item(run.heap.new_list(std::move(elements)));
  }
  return run.handle(map);
}

std::vector<std::string_view> values_of(const http::Fields& fields, std::string_view name) {
  std::vector<std::string_view> out;
  for (const http::Field& field : fields)
    if (iequals(field.name, name)) out.push_back(field.value);
  return out;
}

std::vector<std::pair<std::string, std::string>> parameters_of(lua_State* state,
                                                               std::string_view query, Query use) {
  const auto count = static_cast<std::size_t>(std::ranges::count(query, '&')) + 1;
  const std::size_t bytes = query.size() + count * sizeof(std::pair<std::string, std::string>);
  Vm::of(state).fits(state, bytes);
  if (use == Query::kept) Vm::of(state).hold(state, bytes);
  Vm::of(state).charge(state, query.size());
  return http::parse_query(query);
}

std::vector<std::string> list_texts(lua_State* state, int argument) {
  const Handle* const handle =
      lua_islightuserdata(state, argument) ? &check_handle(state, argument, "headerList") : nullptr;
  if (!handle || handle->kind != HandleKind::list)
    raise(state, "invalid header value, must be a luaList");
  std::vector<std::string> out;
  for (std::size_t i = 0; i < handle->slice.size; ++i) {
    const json::Value* value = (*handle->slice.elements)[i].scalar();
    if (!value || value->is_null())
      out.emplace_back("%!s(<nil>)");
    else if (value->is_string())
      out.push_back(value->string());
    else
      out.push_back(json::to_string(*value));
  }
  return out;
}

}  // namespace ropewalk::lua
