// The annotations of one Service, read and checked as far as that Service alone allows. Internal to
// the translator; lives for one translation.
#pragma once

#include "controller/objects/objects.h"
#include "controller/translate/values.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ropewalk::controller {

// Why an entry is not what its author meant. `message` is a whole line: key, expectation, value.
struct Problem {
  std::string reason;  // CamelCase, of a condition
  std::string message;
};

inline constexpr const char* kInvalidAnnotation = "InvalidAnnotation";
inline constexpr const char* kConflict = "Conflict";
inline constexpr const char* kNotPermitted = "NotPermitted";
inline constexpr const char* kOwnerNotFound = "OwnerNotFound";
inline constexpr const char* kInvalidReference = "InvalidReference";
// The reference was not answered yet: neither there nor missing.
inline constexpr const char* kReferencePending = "ReferencePending";
inline constexpr const char* kInvalidPort = "InvalidPort";
inline constexpr const char* kNotExposed = "NotExposed";

// How the Service is called (level "service" of the table); optional: the annotation is absent.
struct BackendSettings {
  std::optional<std::string> port;
  std::optional<std::string> scheme;
  std::optional<std::string> tls_server_name;
  std::optional<bool> allow_insecure_connections;
  std::optional<std::string> ca_secret;
  std::optional<std::string> ca_configmap;
  std::optional<std::string> client_cert_secret;
  std::optional<std::string> host_header;
  // Port or scheme was given, but cannot be read: to guess could mean plain text to a TLS port.
  bool address_unknown = false;
};

// One backend call: KrakenD's backend object, from flat keys or from a list.
struct PartSpec {
  nlohmann::json object;
  Mapping mapping;    // of a flat key, in the order written; in `object` otherwise
  std::string name;   // tail of the resource name after "namespace/service", "" for flat keys
  std::string where;  // begins messages about a value in a list: "endpoints[products].backend[0]"
};

// What a Service asks for: a route of its own, or a part in somebody's.
struct EntrySpec {
  std::string where;  // "" for flat keys, else "endpoints[products]"
  std::vector<Problem> problems;

  bool joins = false;
  std::optional<ObjectKey> target;  // of a join: namespace and name of the endpoint
  int order = 0;

  // Of a route. `path` and what else makes the claim count only while claim_known.
  bool claim_known = true;
  std::string name;
  std::vector<std::string> hostnames;  // empty: any
  std::string method = "GET";          // "*" for pass-through
  std::string path;
  bool pass_through = false;
  std::optional<std::string> tls_secret;
  bool tls_known = true;  // tls_secret could be read
  std::vector<std::string> allow_joins_from;
  bool consent_known = true;                         // allow_joins_from could be read
  nlohmann::json object = nlohmann::json::object();  // KrakenD's endpoint object without backends

  std::vector<PartSpec> parts;
};

struct ServiceSpec {
  ObjectKey key;
  std::shared_ptr<const Service> service;
  std::string version;  // hash of its ropewalk.dev/ annotations and ports
  bool exposed = false;
  bool expose_unknown = false;  // neither true nor false: what an earlier "true" brought is held
  BackendSettings settings;
  std::vector<Problem> problems;  // they hold every entry
  std::vector<Problem> lost;      // about entries of which nothing can be told
  std::vector<EntrySpec> entries;
  // Entries exist, or may exist, whose claims cannot be read.
  bool claims_unknown = false;
};

// Nothing for a Service that is of no concern: no ropewalk.dev/ key, or another gateway's.
std::optional<ServiceSpec> read_service(std::shared_ptr<const Service> service,
                                        const std::string& gateway_name);

// "ropewalk.dev/timeout: expected a duration such as 800ms, got "soon"".
Problem bad_value(std::string_view key, std::string_view expected, std::string_view value);

}  // namespace ropewalk::controller
