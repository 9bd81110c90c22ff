#include "config/extra.h"

#include "config/misplaced.h"

#include <nlohmann/json.hpp>

#include <map>

namespace ropewalk::config {
namespace {

using nlohmann::json;

std::string suggestion(std::string_view name) {
  const std::string_view near = nearest_namespace(name);
  return near.empty() ? std::string() : " (did you mean " + std::string(near) + "?)";
}

void judge_unknown(const std::string& name, const json& value, const std::string& path,
                   Diagnostics& diagnostics) {
  if (is_block(value) && looks_like_protection(name)) {
    diagnostics.refuse(
        path, "no component of this name exists, so it would protect nothing" + suggestion(name));
  } else if (is_block(value) && name.starts_with("backend/")) {
    diagnostics.refuse(path, "no kind of backend of this name exists" + suggestion(name));
  } else if (const std::string wrong = misplaced_protection(name, value, false); !wrong.empty()) {
    diagnostics.refuse(path, wrong);
  } else {
    diagnostics.warn(path, "unknown component" + suggestion(name));
  }
}

std::string with_article(Level level) {
  return (level == Level::endpoint ? "an " : "a ") + std::string(to_string(level));
}

// "a service or an endpoint"
std::string levels_of(const Namespace& space) {
  std::string out;
  for (const Level level : {Level::service, Level::endpoint, Level::backend})
    if (allowed_at(space, level)) out += (out.empty() ? "" : " or ") + with_article(level);
  return out;
}

// True when the value is to be read.
bool judge(const Namespace& space, Level level, const std::string& path, Diagnostics& diagnostics) {
  const std::string name(space.name);
  if (!space.implemented) {
    if (space.purpose == Purpose::observation)
      diagnostics.warn(path, name + " is not supported yet and has no effect");
    else
      diagnostics.refuse(path, name + " is not supported yet");
    return false;
  }
  if (allowed_at(space, level)) return true;
  const std::string message =
      missing_at(space, level)
          ? name + " is not supported yet at the level of " + with_article(level)
          : name + " has no effect at the level of " + with_article(level) + ", only at that of " +
                levels_of(space);
  if (space.purpose == Purpose::protection)
    diagnostics.refuse(path, message);
  else
    diagnostics.warn(path, message);
  return false;
}

// By name as it is written. A list of objects counts as their union, in which the later one wins.
std::map<std::string, ExtraValue> entries_of(const json& extra, const std::string& path,
                                             Diagnostics& diagnostics) {
  std::map<std::string, ExtraValue> out;
  const auto add = [&](const json& block, const std::string& at) {
    if (!block.is_object())
      return diagnostics.refuse(at, "expected an object, got " + shown(block));
    for (auto it = block.begin(); it != block.end(); ++it)
      out[it.key()] = {&*it, child(at, it.key())};
  };
  if (!extra.is_array())
    add(extra, path);
  else
    for (std::size_t i = 0; i < extra.size(); ++i) add(extra[i], child(path, i));
  return out;
}

}  // namespace

std::map<std::string_view, ExtraValue> read_extra_config(Reader& owner, Level level) {
  std::map<std::string_view, ExtraValue> out;
  const json* extra = owner.find("extra_config");
  if (!extra || (extra->is_array() && extra->empty())) return out;
  const std::string path = owner.path_of("extra_config");
  Diagnostics& diagnostics = owner.diagnostics();
  const auto entries = entries_of(*extra, path, diagnostics);
  for (const auto& [key, entry] : entries) {
    const auto& [value, at] = entry;
    if (comment(key) || value->is_null()) continue;
    const Namespace* space = find_namespace(key);
    if (!space) {
      judge_unknown(key, *value, at, diagnostics);
      continue;
    }
    const bool by_alias = key != space->name;
    if (by_alias && entries.contains(std::string(space->name))) {
      diagnostics.warn(at, "ignored: " + std::string(space->name) + " is given as well");
      continue;
    }
    if (!judge(*space, level, at, diagnostics)) continue;
    diagnostics.known(path, space->name, true);
    out[space->name] = {value, at};
  }
  return out;
}

}  // namespace ropewalk::config
