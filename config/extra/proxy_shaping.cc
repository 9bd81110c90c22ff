#include "config/extra/proxy_shaping.h"

#include "config/document.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace ropewalk::config {
namespace {

using nlohmann::json;

constexpr auto kShadowStrategies =
    std::to_array<std::string_view>({"always", "success", "errored", "complete", "incomplete"});

// Paths of one operation. KrakenD passes over what is no text; a move without two paths ends every
// request, so that it is refused.
std::vector<std::string> read_paths(const std::string& at, const std::string& type,
                                    const json* args, Diagnostics& diagnostics) {
  const bool pair = type == "move" || type == "append";
  const json none = json::array();
  const json& list = args && args->is_array() ? *args : none;
  const std::size_t used = pair ? std::min<std::size_t>(list.size(), 2) : list.size();
  if (pair && used < 2) {
    diagnostics.refuse(child(at, "args"), "expected two paths, from and to, for " + type);
    return {};
  }
  if (args && !args->is_array())
    diagnostics.warn(child(at, "args"), "ignored: expected a list, got " + shown(*args));
  std::vector<std::string> out;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string place = child(child(at, "args"), i);
    if (i >= used)
      diagnostics.warn(place, "ignored: " + type + " takes two paths");
    else if (list[i].is_string())
      out.push_back(list[i].get<std::string>());
    else if (type == "move")
      diagnostics.refuse(place, "expected a path, got " + shown(list[i]));
    else
      diagnostics.warn(place, "ignored: expected a path, got " + shown(list[i]));
  }
  return out;
}

// An unknown type does nothing, but an operation it is: allow, deny and mapping do not count.
FlatmapStep read_step(const json& entry, const std::string& at, Diagnostics& diagnostics) {
  FlatmapStep out{"none", {}};
  const auto type = entry["type"].get<std::string>();
  const json* const args = entry.contains("args") ? &entry["args"] : nullptr;
  Reader reader(entry, at, diagnostics);
  reader.ignore("type");
  reader.ignore("args");
  reader.finish();
  if (type != "move" && type != "append" && type != "del") {
    diagnostics.warn(child(at, "type"), "does nothing: expected move, append or del, got " + type);
    return out;
  }
  out.arguments = read_paths(at, type, args, diagnostics);
  // An append from or to no path does nothing.
  if (type != "append" || out.arguments.size() == 2) out.type = type;
  if (out.type == "none") out.arguments.clear();
  return out;
}

}  // namespace

// Entries without a text as type are dropped by KrakenD; nothing left means no flatmap.
std::vector<FlatmapStep> read_flatmap(Reader& reader) {
  const json* filter = reader.find("flatmap_filter");
  if (!filter) return {};
  Diagnostics& diagnostics = reader.diagnostics();
  const std::string path = reader.path_of("flatmap_filter");
  std::vector<FlatmapStep> out;
  for (std::size_t i = 0; filter->is_array() && i < filter->size(); ++i) {
    const json& entry = (*filter)[i];
    if (entry.is_object() && entry.contains("type") && entry["type"].is_string())
      out.push_back(read_step(entry, child(path, i), diagnostics));
    else
      diagnostics.warn(child(path, i), "ignored: expected an operation with a type");
  }
  if (out.empty())
    diagnostics.warn(path, "ignored: expected a list of operations, each with a type");
  return out;
}

std::optional<StaticAnswer> read_static(Reader& reader) {
  const json* answer = reader.find("static");
  if (!answer) return std::nullopt;
  Diagnostics& diagnostics = reader.diagnostics();
  const std::string path = reader.path_of("static");
  if (!answer->is_object() || !answer->contains("data") || !(*answer)["data"].is_object()) {
    diagnostics.warn(path, "ignored: expected an object with data, an object");
    return std::nullopt;
  }
  Reader inside(*answer, path, diagnostics);
  inside.ignore("data");
  inside.ignore("strategy");
  StaticAnswer out{"always", go_json((*answer)["data"])};
  if (answer->contains("strategy")) {
    const json& strategy = (*answer)["strategy"];
    const std::string name = strategy.is_string() ? strategy.get<std::string>() : "";
    if (std::ranges::find(kShadowStrategies, name) != kShadowStrategies.end())
      out.strategy = name;
    else
      diagnostics.warn(inside.path_of("strategy"),
                       "counts as always: expected always, success, errored, complete or "
                       "incomplete, got " +
                           shown(strategy));
  }
  inside.finish();
  return out;
}

}  // namespace ropewalk::config
