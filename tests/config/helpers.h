// Loading a document in a test, and finding what came of it.
#pragma once

#include "config/load.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::config::testing {

inline Result<Loaded> load(std::string_view text, const LoadOptions& options = {}) {
  return load_text(text, Syntax::json, "krakend.json", options);
}

// The document around one endpoint object.
inline std::string with_endpoint(std::string_view endpoint) {
  return R"({"version":3,"host":["http://127.0.0.1:8081"],"endpoints":[)" + std::string(endpoint) +
         "]}";
}

// The document around one root extra_config.
inline std::string with_extra(std::string_view extra) {
  return R"({"version":3,"extra_config":)" + std::string(extra) + "}";
}

inline const v1::Resource* find(const Loaded& loaded, std::string_view name) {
  const auto it = std::ranges::find_if(
      loaded.resources, [&](const v1::Resource& resource) { return resource.name() == name; });
  return it == loaded.resources.end() ? nullptr : &*it;
}

inline const v1::Service& service(const Loaded& loaded) {
  return find(loaded, "service")->service();
}

// "" when there is none at the path.
inline std::string warning_at(const Loaded& loaded, std::string_view path) {
  for (const Warning& warning : loaded.warnings)
    if (warning.path == path) return warning.message;
  return {};
}

inline std::string message(const Result<Loaded>& result) {
  return result ? "(accepted)" : result.error().message;
}

}  // namespace ropewalk::config::testing
