#include "dataplane/configsync/references.h"

namespace ropewalk::configsync {

References references_of(const config::v1::Resource& resource) {
  References out;
  if (resource.has_endpoint()) {
    const auto& endpoint = resource.endpoint();
    out.needed.assign(endpoint.backends().begin(), endpoint.backends().end());
    if (!endpoint.tls_secret().empty()) out.wanted.push_back(endpoint.tls_secret());
  } else if (resource.has_backend()) {
    if (!resource.backend().host_set().empty()) out.needed.push_back(resource.backend().host_set());
  } else if (resource.has_service()) {
    const auto& secrets = resource.service().tls().secrets();
    out.wanted.assign(secrets.begin(), secrets.end());
  }
  return out;
}

}  // namespace ropewalk::configsync
