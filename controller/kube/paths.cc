#include "controller/kube/paths.h"

#include <cctype>
#include <cstdio>

namespace ropewalk::controller::kube {
namespace {

std::string collection(const Scope& scope) {
  const std::string below =
      scope.namespace_.empty() ? "" : "/namespaces/" + percent_encode(scope.namespace_);
  switch (scope.kind) {
    case ObjectKind::service:
      return "/api/v1" + below + "/services";
    case ObjectKind::endpoint_slice:
      return "/apis/discovery.k8s.io/v1" + below + "/endpointslices";
    case ObjectKind::secret:
      return "/api/v1" + below + "/secrets";
    case ObjectKind::config_map:
      break;
  }
  return "/api/v1" + below + "/configmaps";
}

std::string selector(const Scope& scope) {
  return scope.name.empty() ? ""
                            : "&fieldSelector=" + percent_encode("metadata.name=" + scope.name);
}

}  // namespace

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || c == '-' || c == '.' || c == '_' || c == '~') {
      out.push_back(c);
    } else {
      char code[4];
      std::snprintf(code, sizeof code, "%%%02X", byte);
      out += code;
    }
  }
  return out;
}

bool is_object_name(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  const auto alnum = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  char before = '.';
  for (const char c : name) {
    if (!alnum(c) && c != '-' && c != '.') return false;
    if ((c == '.' && !alnum(before)) || (c == '-' && before == '.')) return false;
    before = c;
  }
  return alnum(before);
}

std::string list_target(const Scope& scope, const ListAction& action) {
  std::string out = collection(scope) +
                    "?resourceVersion=" + percent_encode(action.resource_version) + selector(scope);
  if (action.limit > 0) out += "&limit=" + std::to_string(action.limit);
  if (!action.continue_token.empty()) {
    out += "&continue=" + percent_encode(action.continue_token);
  }
  return out;
}

std::string watch_target(const Scope& scope, const WatchAction& action) {
  std::string out = collection(scope) + "?watch=true&allowWatchBookmarks=true&resourceVersion=" +
                    percent_encode(action.resource_version) +
                    "&timeoutSeconds=" + std::to_string(action.timeout.count()) + selector(scope);
  if (action.initial_events) {
    out += "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
  }
  return out;
}

std::string core_target(const std::string& resource, const ObjectKey& key) {
  return "/api/v1/namespaces/" + percent_encode(key.namespace_) + "/" + resource +
         (key.name.empty() ? "" : "/" + percent_encode(key.name));
}

}  // namespace ropewalk::controller::kube
