#include "config/lint.h"

#include <nlohmann/json.hpp>

#include <vector>

namespace ropewalk::config {
namespace {

using nlohmann::json;

bool safe(const std::string& method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE";
}

bool in_sequence(const json& endpoint) {
  if (!endpoint.is_object()) return false;
  const auto extra = endpoint.find("extra_config");
  if (extra == endpoint.end() || !extra->is_object()) return false;
  const auto proxy = extra->find("proxy");
  if (proxy == extra->end() || !proxy->is_object()) return false;
  const auto sequential = proxy->find("sequential");
  const auto strategy = proxy->find("strategy");
  if (strategy != proxy->end() && strategy->is_string()) return *strategy == "sequential";
  return sequential != proxy->end() && *sequential == true;
}

}  // namespace

void warn_of_writes(const ParsedEndpoint& endpoint, const json& object, const std::string& path,
                    Diagnostics& diagnostics) {
  // Nobody waits for a shadow, and what becomes of it changes nothing.
  std::vector<const ParsedBackend*> writes;
  const ParsedBackend* last = nullptr;
  for (const ParsedBackend& backend : endpoint.backends) {
    if (backend.backend.shadow()) continue;
    last = &backend;
    if (!safe(backend.backend.method())) writes.push_back(&backend);
  }
  if (writes.size() > 1) {
    diagnostics.warn(child(path, "backend"),
                     std::to_string(writes.size()) +
                         " backends are called with a method that changes something: when one "
                         "fails, what the others did stays");
  } else if (writes.size() == 1 && in_sequence(object) && writes[0] != last) {
    diagnostics.warn(writes[0]->path,
                     "changes something and is not the last of its sequence: when a later backend "
                     "fails, what it did stays");
  }
}

}  // namespace ropewalk::config
