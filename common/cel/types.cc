#include "common/cel/types.h"

#include <utility>

namespace ropewalk::cel {
namespace {

constexpr std::pair<std::string_view, Kind> kPlain[] = {
    {"null_type", Kind::null}, {"bool", Kind::boolean},        {"int", Kind::integer},
    {"uint", Kind::uinteger},  {"double", Kind::number},       {"string", Kind::text},
    {"bytes", Kind::bytes},    {"timestamp", Kind::timestamp}, {"duration", Kind::duration}};

Type read(std::string_view& text) {
  const std::size_t end = text.find_first_of("(,)");
  const std::string_view name = text.substr(0, end);
  text.remove_prefix(name.size());
  Type out;
  for (const auto& [known, kind] : kPlain)
    if (name == known) out = plain(kind);
  if (name == "A" || name == "B") {
    out.form = Type::Form::parameter;
    out.id = name == "A" ? 1 : 2;
  }
  if (name == "type") out.form = Type::Form::type;
  if (name == "list") out.form = Type::Form::list;
  if (name == "map") out.form = Type::Form::map;
  if (!text.starts_with("(")) return out;
  do {
    text.remove_prefix(1);
    out.arguments.push_back(read(text));
  } while (text.starts_with(","));
  text.remove_prefix(1);
  return out;
}

}  // namespace

Type plain(Kind kind) { return {.form = Type::Form::plain, .kind = kind}; }

Type list_of(Type element) {
  Type out{.form = Type::Form::list};
  out.arguments.push_back(std::move(element));
  return out;
}

Type map_of(Type key, Type value) {
  Type out{.form = Type::Form::map};
  out.arguments.push_back(std::move(key));
  out.arguments.push_back(std::move(value));
  return out;
}

Type read_type(std::string_view text) { return read(text); }

std::string to_string(const Type& type) {
  switch (type.form) {
    case Type::Form::dyn:
    case Type::Form::parameter:
      return "dyn";
    case Type::Form::type:
      return "type";
    case Type::Form::list:
      return "list(" + to_string(type.arguments[0]) + ")";
    case Type::Form::map:
      return "map(" + to_string(type.arguments[0]) + ", " + to_string(type.arguments[1]) + ")";
    case Type::Form::plain:
      break;
  }
  for (const auto& [name, kind] : kPlain)
    if (kind == type.kind) return std::string(name);
  return "dyn";
}

Type Substitution::rename(const Type& type, std::map<int, Type>& renamed) {
  if (type.form == Type::Form::parameter) {
    const auto known = renamed.find(type.id);
    return known != renamed.end() ? known->second : renamed.emplace(type.id, fresh()).first->second;
  }
  Type out = type;
  for (Type& argument : out.arguments) argument = rename(argument, renamed);
  return out;
}

bool Substitution::assign(const Type& given, const Type& wanted) {
  auto before = bound_;
  if (assign_into(given, wanted)) return true;
  bound_ = std::move(before);
  return false;
}

bool Substitution::assign_into(const Type& given, const Type& wanted) {
  const Type a = resolve(given);
  const Type b = resolve(wanted);
  if (b.form == Type::Form::parameter) return a == b || bind(b.id, a);
  if (a.form == Type::Form::parameter) return bind(a.id, b);
  if (a.form == Type::Form::dyn || b.form == Type::Form::dyn) return true;
  if (a.form == Type::Form::plain && a.kind == Kind::null && b.form == Type::Form::plain)
    return b.kind == Kind::null || b.kind == Kind::timestamp || b.kind == Kind::duration;
  if (a.form == Type::Form::type && b.form == Type::Form::type) return true;
  if (a.form != b.form || a.kind != b.kind || a.arguments.size() != b.arguments.size())
    return false;
  for (std::size_t i = 0; i < a.arguments.size(); ++i)
    if (!assign_into(a.arguments[i], b.arguments[i])) return false;
  return true;
}

bool Substitution::mentions(const Type& type, int id) {
  if (type.form == Type::Form::parameter) return type.id == id;
  for (const Type& argument : type.arguments)
    if (mentions(argument, id)) return true;
  return false;
}

bool Substitution::bind(int id, const Type& type) {
  if (mentions(type, id)) return false;
  bound_[id] = type;
  return true;
}

Type Substitution::resolve(const Type& type) const {
  if (type.form == Type::Form::parameter) {
    const auto known = bound_.find(type.id);
    return known == bound_.end() ? type : resolve(known->second);
  }
  Type out = type;
  for (Type& argument : out.arguments) argument = resolve(argument);
  return out;
}

Type Substitution::join(const Type& a, const Type& b) {
  if (!assign(b, a)) return dyn();
  Type first = resolve(a);
  return resolve(b).form == Type::Form::dyn ? dyn() : first;
}

}  // namespace ropewalk::cel
