#include "dataplane/pipeline/message.h"

#include "common/strings.h"

namespace ropewalk::pipeline {

std::string canonical(std::string_view name) {
  std::string out(name);
  bool first = true;
  for (char& c : out) {
    if (first && c >= 'a' && c <= 'z')
      c = static_cast<char>(c - 32);
    else if (!first && c >= 'A' && c <= 'Z')
      c = static_cast<char>(c + 32);
    first = c == '-';
  }
  return out;
}

void add_field(http::Fields& fields, Arena& arena, std::string_view name, std::string_view value) {
  const std::string_view kept = arena.keep(std::string(name));
  fields.add(kept, arena.keep(std::string(value)), http::field_id(kept));
}

void erase_field(http::Fields& fields, std::string_view name) {
  fields.erase_if([&](const http::Field& field) { return iequals(field.name, name); });
}

void set_field(http::Fields& fields, Arena& arena, std::string_view name, std::string_view value) {
  erase_field(fields, name);
  add_field(fields, arena, name, value);
}

const http::Field* find_field(const http::Fields& fields, std::string_view name) {
  for (const http::Field& field : fields)
    if (iequals(field.name, name)) return &field;
  return nullptr;
}

const Param* Request::find_param(std::string_view name) const {
  for (const Param& param : params)
    if (param.name == name) return &param;
  return nullptr;
}

void Request::set_param(std::string_view name, std::string_view value) {
  const std::string_view kept = arena.keep(std::string(value));
  for (Param& param : params)
    if (param.name == name) {
      param.value = kept;
      return;
    }
  params.push_back({arena.keep(std::string(name)), kept});
}

}  // namespace ropewalk::pipeline
