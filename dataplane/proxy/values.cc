#include "dataplane/proxy/values.h"

#include "common/jose/claim_text.h"

#include <algorithm>

namespace ropewalk::proxy {
namespace {

using json::Value;

// fmt's %v of nested values: lists in brackets with blanks.
std::string nested_text(const Value& value) {
  if (value.is_list()) {
    std::string out = "[";
    for (const Value& element : value.elements()) {
      if (out.size() > 1) out += ' ';
      out += nested_text(element);
    }
    return out + "]";
  }
  return go_text(value);
}

}  // namespace

std::string go_text(const Value& value) {
  switch (value.type()) {
    case Value::Type::null:
      return "<nil>";
    case Value::Type::boolean:
      return value.boolean() ? "true" : "false";
    case Value::Type::number:
      return value.number_text();
    case Value::Type::string:
      return value.string();
    case Value::Type::list: {
      std::string out;
      for (const Value& element : value.elements()) {
        if (&element != &value.elements().front()) out += ',';
        out += nested_text(element);
      }
      return out;
    }
    case Value::Type::object: {
      std::vector<const Value::Member*> members;
      for (const Value::Member& member : value.members()) members.push_back(&member);
      std::ranges::sort(members, {}, [](const Value::Member* member) { return member->key; });
      std::string out = "map[";
      for (const Value::Member* member : members) {
        if (out.size() > 4) out += ' ';
        out += member->key + ":" + nested_text(member->value);
      }
      return out + "]";
    }
  }
  return {};
}

std::optional<std::string> claim_text(const Value& claims, std::string_view name) {
  const Value* claim = claims.find(name);
  if (!claim) return std::nullopt;
  return jose::claim_text(*claim);
}

std::optional<std::string> value_text(const Value& data, std::string_view name) {
  if (const Value* whole = data.find(name)) return go_text(*whole);
  const Value* at = &data;
  for (;;) {
    const std::size_t dot = name.find('.');
    at = at->find(name.substr(0, dot));
    if (!at) return std::nullopt;
    if (dot == std::string_view::npos) return go_text(*at);
    name.remove_prefix(dot + 1);
  }
}

}  // namespace ropewalk::proxy
