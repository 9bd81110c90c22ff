// Small resources for the tests of the push protocol.
#pragma once

#include "config/hash.h"
#include "controller/translate/translate.h"
#include "ropewalk/config/v1/config.pb.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ropewalk::sync_test {

using config::v1::Resource;

inline Resource hashed(Resource resource) {
  resource.set_hash(config::content_hash(resource));
  return resource;
}

inline std::string endpoint_name(const std::string& path) { return "endpoint/* GET " + path; }

// `version` goes into the timeout, so that versions differ.
inline Resource endpoint(const std::string& path, const std::vector<std::string>& backends,
                         int version = 1) {
  Resource out;
  out.set_name(endpoint_name(path));
  out.mutable_endpoint()->set_method("GET");
  out.mutable_endpoint()->set_path(path);
  out.mutable_endpoint()->set_timeout_ns(version);
  for (const auto& backend : backends) out.mutable_endpoint()->add_backends(backend);
  return hashed(std::move(out));
}

inline Resource problem(const std::string& path, const std::string& message = "broken") {
  Resource out = endpoint(path, {});
  out.mutable_endpoint()->set_problem(message);
  return hashed(std::move(out));
}

inline Resource backend(const std::string& name, const std::string& host_set, int version = 1) {
  Resource out;
  out.set_name(name);
  out.mutable_backend()->set_host_set(host_set);
  out.mutable_backend()->set_url_pattern("/v" + std::to_string(version));
  return hashed(std::move(out));
}

inline Resource host_set(const std::string& name, int version = 1) {
  Resource out;
  out.set_name(name);
  auto& host = *out.mutable_host_set()->add_hosts();
  host.set_address("10.0.0." + std::to_string(version));
  host.set_port(8080);
  return hashed(std::move(out));
}

inline Resource tls_secret(const std::string& name, int version = 1) {
  Resource out;
  out.set_name(name);
  out.mutable_tls_secret()->set_certificate_pem("certificate " + std::to_string(version));
  return hashed(std::move(out));
}

inline controller::Translation translation(std::vector<Resource> resources,
                                           std::set<std::string> held = {}) {
  controller::Translation out;
  out.resources = std::move(resources);
  out.held = std::move(held);
  return out;
}

inline std::shared_ptr<const Resource> shared(Resource resource) {
  return std::make_shared<const Resource>(std::move(resource));
}

}  // namespace ropewalk::sync_test
