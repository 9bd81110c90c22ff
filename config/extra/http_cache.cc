#include "config/extra/http_cache.h"

#include "config/strict.h"

#include <nlohmann/json.hpp>

namespace ropewalk::config {

std::string read_http_cache(const ExtraValue& extra, Diagnostics& diagnostics) {
  StrictReader reader(extra, diagnostics, KeyCase::any);
  nlohmann::json out = nlohmann::json::object();
  if (reader.flag("shared")) out["shared"] = true;
  const std::int64_t items = reader.count("max_items").value_or(0);
  const std::int64_t bytes = reader.count("max_size").value_or(0);
  if (items > 0 && bytes > 0) {
    out["max_items"] = items;
    out["max_size"] = bytes;
  } else if (items > 0) {
    reader.warn("max_items", "without effect: max_size is missing");
  } else if (bytes > 0) {
    reader.warn("max_size", "without effect: max_items is missing");
  }
  reader.finish();
  return out.dump();
}

}  // namespace ropewalk::config
