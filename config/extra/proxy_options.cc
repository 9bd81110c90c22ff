#include "config/extra/proxy_options.h"

#include "config/document.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace ropewalk::config {
namespace {

using nlohmann::json;

constexpr auto kTypes = std::to_array<std::string_view>({"move", "append", "del", "none"});
constexpr auto kStaticStrategies =
    std::to_array<std::string_view>({"always", "success", "errored", "complete", "incomplete"});

template <std::size_t N>
bool one_of(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool texts(const json& value) {
  return value.is_array() &&
         std::ranges::all_of(value, [](const json& one) { return one.is_string(); });
}

bool read_step(const json& value, FlatmapStep& out) {
  if (!value.is_object() || value.size() != 2 || !value.contains("type") ||
      !value["type"].is_string() || !value.contains("args") || !texts(value["args"]))
    return false;
  out.type = value["type"];
  out.arguments = value["args"].get<std::vector<std::string>>();
  const bool pair = out.type == "move" || out.type == "append";
  return one_of(kTypes, out.type) && (!pair || out.arguments.size() == 2);
}

bool read_static(const json& value, StaticAnswer& out) {
  if (!value.is_object() || value.size() != 2 || !value.contains("strategy") ||
      !value["strategy"].is_string() || !value.contains("data") || !value["data"].is_string())
    return false;
  out.strategy = value["strategy"];
  out.data = value["data"];
  return one_of(kStaticStrategies, out.strategy);
}

}  // namespace

std::string to_text(const ProxyOptions& options) {
  json out = json::object();
  for (const FlatmapStep& step : options.flatmap)
    out["flatmap_filter"].push_back({{"type", step.type}, {"args", step.arguments}});
  // As a text, so that nobody reads its numbers once more.
  if (options.fixed)
    out["static"] = {{"strategy", options.fixed->strategy}, {"data", options.fixed->data}};
  if (options.max_payload != 0) out["max_payload"] = options.max_payload;
  return out.empty() ? std::string() : out.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<ProxyOptions> parse_proxy(std::string_view text) {
  const json document = json::parse(text, nullptr, false);
  if (!document.is_object()) return fail(Kind::config, "proxy: expected an object");
  ProxyOptions out;
  for (auto it = document.begin(); it != document.end(); ++it) {
    bool read = false;
    if (it.key() == "flatmap_filter" && it->is_array())
      read = std::ranges::all_of(
          *it, [&](const json& step) { return read_step(step, out.flatmap.emplace_back()); });
    else if (it.key() == "static")
      read = read_static(*it, out.fixed.emplace());
    else if (it.key() == "max_payload" && it->is_number_unsigned())
      read = (out.max_payload = it->get<std::uint64_t>()) > 0;
    if (!read) return fail(Kind::config, "proxy: cannot use " + it.key());
  }
  return out;
}

}  // namespace ropewalk::config
