// Paths and queries of the Kubernetes API. Pure.
#pragma once

#include "controller/kube/reflector.h"
#include "controller/kube/store.h"
#include "controller/objects/objects.h"

#include <string>

namespace ropewalk::controller::kube {

std::string list_target(const Scope& scope, const ListAction& action);
std::string watch_target(const Scope& scope, const WatchAction& action);

// "/api/v1/namespaces/shop/services/products"; of a collection with name "".
std::string core_target(const std::string& resource, const ObjectKey& key);

std::string percent_encode(std::string_view text);
// What the API server accepts as a name (RFC 1123 subdomain) or namespace: others cannot exist.
bool is_object_name(std::string_view name);

}  // namespace ropewalk::controller::kube
