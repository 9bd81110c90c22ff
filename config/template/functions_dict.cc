// Maps, as Sprig has them: set, unset and merge change the map they are given. Where Go has no
// order, keys are sorted.
#include "config/template/functions.h"
#include "config/template/print.h"

#include <algorithm>
#include <array>

namespace ropewalk::config::templates {
namespace {

bool plain_map(const Value& value) {
  return value.type() == Type::map && value.map().struct_name.empty();
}

Answer make_dict(Context& context, Arguments& a) {
  Map& map = context.heap.map();
  for (std::size_t i = 0; i < a.size(); i += 2)
    map.items[to_text(context, a[i])] = i + 1 < a.size() ? a[i + 1] : Value::of("");
  return Value::of(&map);
}
Answer get(Context&, Arguments& a) {
  const auto found = a[0].map().items.find(a[1].text());
  return found == a[0].map().items.end() ? Value::of("") : Value(found->second);
}
Answer set(Context& context, Arguments& a) {
  context.budget.spend(sizeof(Value) + a[1].text().size() + size_of(a[2]));
  a[0].map().items[a[1].text()] = a[2];
  return a[0];
}
Answer unset(Context&, Arguments& a) {
  a[0].map().items.erase(a[1].text());
  return a[0];
}
Answer has_key(Context&, Arguments& a) { return Value::of(a[0].map().items.contains(a[1].text())); }

Answer pluck(Context& context, Arguments& a) {
  std::vector<Value> out;
  for (std::size_t i = 1; i < a.size(); ++i) {
    if (!plain_map(a[i])) return refuse("expected a dict, got " + type_name(a[i]));
    const auto found = a[i].map().items.find(a[0].text());
    if (found != a[i].map().items.end()) out.push_back(found->second);
  }
  return context.list(std::move(out));
}
Answer keys(Context& context, Arguments& a) {
  std::vector<Value> out;
  for (const Value& map : a)
    for (const auto& [key, value] : map.map().items) out.push_back(Value::of(key));
  return context.list(std::move(out), "string");
}
Answer values(Context& context, Arguments& a) {
  std::vector<Value> out;
  for (const auto& [key, value] : a[0].map().items) out.push_back(value);
  return context.list(std::move(out));
}
Answer pick(Context& context, Arguments& a) {
  Map& out = context.heap.map();
  for (std::size_t i = 1; i < a.size(); ++i) {
    if (a[i].type() != Type::text) return refuse("expected a key, got " + type_name(a[i]));
    const auto found = a[0].map().items.find(a[i].text());
    if (found != a[0].map().items.end()) out.items[found->first] = found->second;
  }
  return Value::of(&out);
}
Answer omit(Context& context, Arguments& a) {
  Map& out = context.heap.map();
  out.items = a[0].map().items;
  for (std::size_t i = 1; i < a.size(); ++i) {
    if (a[i].type() != Type::text) return refuse("expected a key, got " + type_name(a[i]));
    out.items.erase(a[i].text());
  }
  return Value::of(&out);
}

std::expected<Value, std::string> copied(Context& context, const Value& value, int depth) {
  if (depth > kMaxPrintDepth) return refuse("a value holds itself or nests too deep");
  if (!context.budget.spend(sizeof(Value))) return refuse("the values grow too large");
  if (value.type() == Type::list) {
    List& out = context.heap.list(value.list().element);
    for (const Value& item : value.list().items) {
      auto copy = copied(context, item, depth + 1);
      if (!copy) return copy;
      out.items.push_back(std::move(*copy));
    }
    return Value::of(&out);
  }
  if (!plain_map(value)) return value;
  Map& out = context.heap.map(value.map().element);
  for (const auto& [key, item] : value.map().items) {
    auto copy = copied(context, item, depth + 1);
    if (!copy) return copy;
    out.items[key] = std::move(*copy);
  }
  return Value::of(&out);
}
Answer deep_copy(Context& context, Arguments& a) {
  if (a[0].is_nil()) return refuse("cannot copy nil");
  return copied(context, a[0], 0);
}

std::string merge_into(Context& context, Map& into, const Map& from, bool overwrite, int depth) {
  if (depth > kMaxPrintDepth) return "a value holds itself or nests too deep";
  for (const auto& [key, value] : from.items) {
    const auto found = into.items.find(key);
    if (found == into.items.end()) {
      into.items[key] = value;
    } else if (plain_map(found->second) && plain_map(value)) {
      if (&found->second.map() == &value.map()) continue;
      std::string wrong =
          merge_into(context, found->second.map(), value.map(), overwrite, depth + 1);
      if (!wrong.empty()) return wrong;
    } else if (!found->second.truth() || (overwrite && value.truth())) {
      found->second = value;
    }
  }
  return context.budget.spend(from.items.size() * sizeof(Value)) ? "" : "the values grow too large";
}
Answer merged(Context& context, Arguments& a, bool overwrite) {
  for (std::size_t i = 1; i < a.size(); ++i) {
    if (&a[0].map() == &a[i].map()) continue;
    std::string wrong = merge_into(context, a[0].map(), a[i].map(), overwrite, 0);
    if (!wrong.empty()) return refuse(std::move(wrong));
  }
  return a[0];
}
Answer merge(Context& context, Arguments& a) { return merged(context, a, false); }
Answer merge_overwrite(Context& context, Arguments& a) { return merged(context, a, true); }

// dig "a" "b" default dict
Answer dig(Context&, Arguments& a) {
  if (a.size() < 3) return refuse("dig needs at least three arguments");
  if (!plain_map(a.back())) return refuse("the last argument of dig must be a dict");
  Value value = a.back();
  for (std::size_t i = 0; i + 2 < a.size(); ++i) {
    if (a[i].type() != Type::text) return refuse("the keys of dig must be texts");
    if (!plain_map(value)) return refuse("dig finds no dict under " + a[i - 1].text());
    const auto found = value.map().items.find(a[i].text());
    if (found == value.map().items.end()) return a[a.size() - 2];
    value = Value(found->second);
  }
  return value;
}

constexpr auto kDictFunctions = std::to_array<Function>({
    {"deepCopy", "a", deep_copy},
    {"dict", "a*", make_dict},
    {"dig", "a*", dig},
    {"get", "ms", get},
    {"hasKey", "ms", has_key},
    {"keys", "m*", keys},
    {"merge", "mm*", merge},
    {"mergeOverwrite", "mm*", merge_overwrite},
    {"mustDeepCopy", "a", deep_copy},
    {"mustMerge", "mm*", merge},
    {"mustMergeOverwrite", "mm*", merge_overwrite},
    {"omit", "ms*", omit},
    {"pick", "ms*", pick},
    {"pluck", "sm*", pluck},
    {"set", "msa", set},
    {"unset", "ms", unset},
    {"values", "m", values},
});

}  // namespace

std::span<const Function> dict_functions() { return kDictFunctions; }

}  // namespace ropewalk::config::templates
