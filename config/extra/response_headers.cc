#include "config/extra/response_headers.h"

#include "common/strings.h"
#include "config/strict.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace ropewalk::config {
namespace {

using nlohmann::json;

bool token(std::string_view name) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.contains(c);
  });
}

// Lengths and connections are the gateway's own (design 7.5).
bool framing(std::string_view name) {
  constexpr std::array<std::string_view, 6> kOwn{
      "connection", "content-length", "keep-alive", "trailer", "upgrade", "transfer-encoding"};
  return std::ranges::any_of(kOwn, [&](std::string_view own) { return iequals(own, name); });
}

void check_name(const std::string& name, const std::string& path, Diagnostics& diagnostics) {
  if (!token(name))
    diagnostics.refuse(path, "expected a header name, got \"" + name.substr(0, 80) + "\"");
  else if (framing(name))
    diagnostics.refuse(path, "this header belongs to the connection and cannot be changed");
}

void check_value(const std::string& value, const std::string& path, Diagnostics& diagnostics) {
  if (std::ranges::any_of(value, [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
      }))
    diagnostics.refuse(path, "a header value has no control characters");
}

}  // namespace

std::string read_response_headers(const ExtraValue& extra, Diagnostics& diagnostics) {
  StrictReader block(extra, diagnostics);
  json out = json::object();
  for (const auto& [from, to] : block.text_map("rename")) {
    const std::string at = child(block.path_of("rename"), from);
    check_name(from, at, diagnostics);
    check_name(to, at, diagnostics);
    out["rename"][from] = to;
  }
  for (const char* key : {"replace", "add"})
    for (auto& [name, values] : block.texts_map(key)) {
      const std::string at = child(block.path_of(key), name);
      check_name(name, at, diagnostics);
      for (const std::string& value : values) check_value(value, at, diagnostics);
      out[key][name] = std::move(values);
    }
  if (auto names = block.texts("delete"); !names.empty()) {
    for (std::size_t i = 0; i < names.size(); ++i)
      check_name(names[i], child(block.path_of("delete"), i), diagnostics);
    out["delete"] = std::move(names);
  }
  block.finish();
  return out.empty() ? std::string() : out.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace ropewalk::config
