// The Kubernetes objects that Ropewalk reads, reduced to the fields it uses. Immutable once stored:
// shared as shared_ptr<const T> between the store and the translator. Parsed from JSON by
// objects/parse.h.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace ropewalk::controller {

struct ObjectMeta {
  std::string namespace_;
  std::string name;
  std::string uid;
  std::string resource_version;
  std::string creation_timestamp;  // RFC 3339, sorts as text. In a folder source: "<file>#<document
                                   // number, 6 digits>"
  std::int64_t generation = 0;
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
};

struct ServicePort {
  std::string name;
  std::string protocol = "TCP";
  std::string app_protocol;
  std::uint16_t port = 0;
  std::string target_port;  // number or name as text
};

// status.conditions of a Service: kept so that the status writer knows what is there.
struct Condition {
  std::string type;
  std::string status;  // "True" "False" "Unknown"
  std::string reason;
  std::string message;
  std::string last_transition_time;
  std::int64_t observed_generation = 0;
};

struct Service {
  ObjectMeta meta;
  std::string type = "ClusterIP";
  std::string external_name;
  std::vector<ServicePort> ports;
  std::vector<Condition> conditions;
};

struct Endpoint {
  std::vector<std::string> addresses;
  bool ready = true;    // absent in the API means true
  bool serving = true;  // absent means the value of ready
  bool terminating = false;
};

struct EndpointPort {
  std::string name;
  std::string protocol = "TCP";
  std::uint16_t port = 0;
};

struct EndpointSlice {
  ObjectMeta meta;
  std::string address_type;  // IPv4, IPv6, FQDN
  std::string service_name;  // label kubernetes.io/service-name
  std::vector<Endpoint> endpoints;
  std::vector<EndpointPort> ports;
};

struct Secret {
  ObjectMeta meta;
  std::string type;
  std::map<std::string, std::string> data;  // decoded from base64
};

struct ConfigMap {
  ObjectMeta meta;
  std::map<std::string, std::string> data;
};

struct ObjectKey {
  std::string namespace_;
  std::string name;
  auto operator<=>(const ObjectKey&) const = default;
};

template <class T>
using ObjectMap = std::map<ObjectKey, std::shared_ptr<const T>>;

// One consistent view of everything the controller knows; cheap to copy, safe to read from any
// thread.
struct ObjectSet {
  ObjectMap<Service> services;
  ObjectMap<EndpointSlice> endpoint_slices;
  ObjectMap<Secret> secrets;         // only those that something references
  ObjectMap<ConfigMap> config_maps;  // only those that something references
  // References whose lookup was refused (403) or which do not exist: the translator names them in
  // conditions.
  std::map<ObjectKey, std::string> unreadable_secrets;      // -> reason
  std::map<ObjectKey, std::string> unreadable_config_maps;  // -> reason
  // Watched ones that may not be read since the controller began: nothing of them is in here, and
  // nothing may be concluded from that.
  std::set<std::string> unreadable_namespaces;
};

}  // namespace ropewalk::controller
