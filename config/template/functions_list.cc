// Lists, as Sprig has them. A function never changes the list that it is given.
#include "config/template/equal.h"
#include "config/template/functions.h"

#include <algorithm>
#include <array>

namespace ropewalk::config::templates {
namespace {

using Items = std::vector<Value>;

std::string no_list(std::string_view what, const Value& value) {
  return "Cannot " + std::string(what) + " on type " + std::string(kind_name(value));
}
bool in(Context& context, const Items& items, const Value& needle) {
  return std::ranges::any_of(items, [&](const Value& item) {
    return context.budget.overdrawn() || equal_deeply(item, needle, context.budget);
  });
}

Answer make_list(Context& context, Arguments& a) { return context.list(a); }
Answer append(Context& context, Arguments& a) {
  if (a[0].type() != Type::list)
    return refuse("Cannot push on type " + std::string(kind_name(a[0])));
  Items items = a[0].list().items;
  items.push_back(a[1]);
  return context.list(std::move(items));
}
Answer prepend(Context& context, Arguments& a) {
  if (a[0].type() != Type::list) return refuse(no_list("prepend", a[0]));
  Items items{a[1]};
  items.insert(items.end(), a[0].list().items.begin(), a[0].list().items.end());
  return context.list(std::move(items));
}
Answer concat(Context& context, Arguments& a) {
  Items items;
  for (const Value& value : a) {
    if (value.type() != Type::list) return refuse(no_list("concat", value));
    items.insert(items.end(), value.list().items.begin(), value.list().items.end());
  }
  return context.list(std::move(items));
}
Answer first(Context&, Arguments& a) {
  if (a[0].type() != Type::list)
    return refuse("Cannot find first on type " + std::string(kind_name(a[0])));
  const Items& items = a[0].list().items;
  return items.empty() ? Value::nil() : Value(items.front());
}
Answer last(Context&, Arguments& a) {
  if (a[0].type() != Type::list)
    return refuse("Cannot find last on type " + std::string(kind_name(a[0])));
  const Items& items = a[0].list().items;
  return items.empty() ? Value::nil() : Value(items.back());
}
Answer rest(Context& context, Arguments& a) {
  if (a[0].type() != Type::list)
    return refuse("Cannot find rest on type " + std::string(kind_name(a[0])));
  Items items = a[0].list().items;
  if (!items.empty()) items.erase(items.begin());
  return context.list(std::move(items));
}
Answer initial(Context& context, Arguments& a) {
  if (a[0].type() != Type::list)
    return refuse("Cannot find initial on type " + std::string(kind_name(a[0])));
  Items items = a[0].list().items;
  if (!items.empty()) items.pop_back();
  return context.list(std::move(items));
}
Answer reverse(Context& context, Arguments& a) {
  if (a[0].type() != Type::list)
    return refuse("Cannot find reverse on type " + std::string(kind_name(a[0])));
  Items items = a[0].list().items;
  std::ranges::reverse(items);
  return context.list(std::move(items));
}
Answer unique(Context& context, Arguments& a) {
  if (a[0].type() != Type::list)
    return refuse("Cannot find uniq on type " + std::string(kind_name(a[0])));
  Items items;
  for (const Value& item : a[0].list().items)
    if (!in(context, items, item)) items.push_back(item);
  return context.list(std::move(items));
}
Answer without(Context& context, Arguments& a) {
  if (a[0].type() != Type::list)
    return refuse("Cannot find without on type " + std::string(kind_name(a[0])));
  const Items leave_out(a.begin() + 1, a.end());
  Items items;
  for (const Value& item : a[0].list().items)
    if (!in(context, leave_out, item)) items.push_back(item);
  return context.list(std::move(items));
}
Answer compact(Context& context, Arguments& a) {
  if (a[0].type() != Type::list)
    return refuse("Cannot compact on type " + std::string(kind_name(a[0])));
  Items items;
  for (const Value& item : a[0].list().items)
    if (item.truth()) items.push_back(item);
  return context.list(std::move(items));
}
Answer has(Context& context, Arguments& a) {
  if (a[1].is_nil()) return Value::of(false);
  if (a[1].type() != Type::list)
    return refuse("Cannot find has on type " + std::string(kind_name(a[1])));
  return Value::of(in(context, a[1].list().items, a[0]));
}
Answer slice(Context& context, Arguments& a) {
  if (a[0].type() != Type::list)
    return refuse("list should be type of slice or array but " + std::string(kind_name(a[0])));
  const Items& items = a[0].list().items;
  const auto size = static_cast<std::int64_t>(items.size());
  if (size == 0) return Value::nil();
  const std::int64_t begin = a.size() > 1 ? to_int64(a[1]) : 0;
  const std::int64_t end = a.size() > 2 ? to_int64(a[2]) : size;
  if (begin < 0 || begin > end || end > size) return refuse("slice index out of range");
  return context.list(Items(items.begin() + begin, items.begin() + end));
}
Answer chunk(Context& context, Arguments& a) {
  if (a[1].type() != Type::list) return refuse("Cannot chunk type " + std::string(kind_name(a[1])));
  if (a[0].integer() < 1) return refuse("the size of a chunk must be above 0");
  const Items& items = a[1].list().items;
  const auto size = static_cast<std::size_t>(a[0].integer());
  Items out;
  for (std::size_t at = 0; at < items.size();) {
    const std::size_t end = at + std::min(size, items.size() - at);
    out.push_back(context.list(Items(items.begin() + static_cast<std::ptrdiff_t>(at),
                                     items.begin() + static_cast<std::ptrdiff_t>(end))));
    at = end;
  }
  return context.list(std::move(out), "[]interface {}");
}

constexpr auto kListFunctions = std::to_array<Function>({
    {"append", "aa", append},        {"chunk", "ia", chunk},
    {"compact", "a", compact},       {"concat", "a*", concat},
    {"first", "a", first},           {"has", "aa", has},
    {"initial", "a", initial},       {"last", "a", last},
    {"list", "a*", make_list},       {"mustAppend", "aa", append},
    {"mustChunk", "ia", chunk},      {"mustCompact", "a", compact},
    {"mustFirst", "a", first},       {"mustHas", "aa", has},
    {"mustInitial", "a", initial},   {"mustLast", "a", last},
    {"mustPrepend", "aa", prepend},  {"mustPush", "aa", append},
    {"mustRest", "a", rest},         {"mustReverse", "a", reverse},
    {"mustSlice", "aa*", slice},     {"mustUniq", "a", unique},
    {"mustWithout", "aa*", without}, {"prepend", "aa", prepend},
    {"push", "aa", append},          {"rest", "a", rest},
    {"reverse", "a", reverse},       {"slice", "aa*", slice},
    {"tuple", "a*", make_list},      {"uniq", "a", unique},
    {"without", "aa*", without},
});

}  // namespace

std::span<const Function> list_functions() { return kListFunctions; }

}  // namespace ropewalk::config::templates
