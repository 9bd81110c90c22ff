// `extra_config` of one level: names resolved, what is off or a comment dropped, what this build
// lacks refused or warned about (config/registry.h). One thread; the values point into the
// document.
#pragma once

#include "config/reader.h"
#include "config/registry.h"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <string>
#include <string_view>

namespace ropewalk::config {

struct ExtraValue {
  const nlohmann::json* value = nullptr;
  std::string path;
};

// Short name -> value, only of namespaces that are implemented and have an effect at `level`. Where
// a block is given under its long and its short name, the short one counts whole.
std::map<std::string_view, ExtraValue> read_extra_config(Reader& owner, Level level);

}  // namespace ropewalk::config
