#include "config/consent.h"

#include "common/strings.h"
#include "config/registry.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace ropewalk::config {
namespace {

using nlohmann::json;

constexpr auto kPaid = std::to_array<std::string_view>({
    "ai/llm",
    "ai/mcp",
    "auth/api-keys",
    "auth/aws-sigv4",
    "auth/basic",
    "auth/gcp",
    "auth/ntlm",
    "backend/conditional",
    "backend/http/client",
    "documentation/openapi",
    "documentation/postman",
    "governance/processors",
    "governance/quota",
    "modifier/body-generator",
    "modifier/jmespath",
    "modifier/request-body-extractor",
    "modifier/request-body-extractor/early",
    "modifier/request-body-generator",
    "modifier/response-body",
    "modifier/response-body-generator",
    "modifier/response-headers",
    "qos/circuit-breaker/http",
    "qos/ratelimit/router/redis",
    "qos/ratelimit/service",
    "qos/ratelimit/service/redis",
    "qos/ratelimit/tiered",
    "redis",
    "security/policies",
    "server/static-filesystem",
    "server/virtualhost",
    "telemetry/instana",
    "telemetry/moesif",
    "telemetry/newrelic",
    "telemetry/opentelemetry-security",
    "validation/response-json-schema",
});

json* member(json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  for (auto it = object.begin(); it != object.end(); ++it)
    if (iequals(it.key(), key)) return &*it;
  return nullptr;
}

class Remover {
 public:
  Remover(const std::vector<std::string>& names, Diagnostics& diagnostics)
      : names_(names), diagnostics_(diagnostics) {}

  void level(json& owner, const std::string& path) {
    take_out(owner, path);  // it belongs into extra_config, and would be refused here as well
    if (json* extra = member(owner, "extra_config")) take_out(*extra, child(path, "extra_config"));
  }

  // Each object of a list, or the one object in its place.
  template <class Visit>
  static void each(json& owner, std::string_view key, const std::string& path, Visit visit) {
    json* list = member(owner, key);
    if (!list) return;
    if (!list->is_array()) return visit(*list, child(path, key));
    for (std::size_t i = 0; i < list->size(); ++i) visit((*list)[i], child(child(path, key), i));
  }

 private:
  void take_out(json& object, const std::string& path) {
    if (!object.is_object()) return;
    for (const std::string& name : names_) {
      if (!may_be_missing(name) || object.erase(name) == 0) continue;
      diagnostics_.warn(child(path, name),
                        "left out with your consent (--allow-missing): it has no effect");
    }
  }

  const std::vector<std::string>& names_;
  Diagnostics& diagnostics_;
};

}  // namespace

bool may_be_missing(std::string_view name) {
  const Namespace* space = find_namespace(name);
  return std::ranges::find(kPaid, name) != kPaid.end() && (!space || !space->implemented);
}

Result<void> check_allow_missing(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (may_be_missing(name)) continue;
    std::string known;
    for (const std::string_view paid : kPaid)
      if (may_be_missing(paid)) known += (known.empty() ? "" : ", ") + std::string(paid);
    return fail(Kind::config, "--allow-missing " + name +
                                  ": no namespace of the paid edition that this build lacks; "
                                  "these are: " +
                                  known);
  }
  return {};
}

void leave_out(json& document, const std::vector<std::string>& names, Diagnostics& diagnostics) {
  if (names.empty()) return;
  Remover remover(names, diagnostics);
  remover.level(document, "");
  Remover::each(document, "endpoints", "", [&](json& endpoint, const std::string& path) {
    remover.level(endpoint, path);
    Remover::each(endpoint, "backend", path,
                  [&](json& backend, const std::string& at) { remover.level(backend, at); });
  });
}

}  // namespace ropewalk::config
