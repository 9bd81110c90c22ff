#include "dataplane/compile/params.h"

#include <charconv>

namespace ropewalk::compile {

std::optional<DerivedParam> derived_param(std::string_view placeholder) {
  const auto after = [&](std::string_view prefix) -> std::optional<std::string> {
    if (!placeholder.starts_with(prefix) || placeholder.size() == prefix.size())
      return std::nullopt;
    return std::string(placeholder.substr(prefix.size()));
  };
  if (auto name = after("JWT.")) return DerivedParam{DerivedParam::From::claim, *name, 0};
  if (auto name = after("input_headers."))
    return DerivedParam{DerivedParam::From::header, *name, 0};
  const bool response = placeholder.starts_with("resp") || placeholder.starts_with("Resp");
  if (!response) return std::nullopt;
  DerivedParam out{DerivedParam::From::response, {}, 0};
  const char* const begin = placeholder.data() + 4;
  const char* const end = placeholder.data() + placeholder.size();
  const auto read = std::from_chars(begin, end, out.part);
  if (read.ec != std::errc() || read.ptr == end || *read.ptr != '_' || read.ptr + 1 == end)
    return std::nullopt;
  out.name.assign(read.ptr + 1, end);
  return out;
}

std::string param_name(std::string_view name) {
  std::string out(name);
  if (!out.empty() && out.front() >= 'a' && out.front() <= 'z')
    out.front() = static_cast<char>(out.front() - 32);
  return out;
}

}  // namespace ropewalk::compile
