// Kubernetes objects -> gateway model. A pure function: no clock, no I/O, no logging; tested by
// golden files.
#pragma once

#include "config/load.h"
#include "controller/objects/objects.h"
#include "controller/translate/memory.h"
#include "controller/translate/possible_part.h"
#include "ropewalk/config/v1/config.pb.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace ropewalk::controller {

struct Options {
  std::string gateway_name = "default";
  bool allow_external_name = false;       // chart: policy.allowExternalName
  bool allow_insecure_backends = true;    // chart: policy.allowInsecureBackends
  bool allow_loopback_addresses = false;  // folder sources only
  std::string default_tls_secret;         // "namespace/name", "" for none
  // Seconds since 1970, to tell of certificates that ended; 0: they are not looked at.
  std::int64_t now = 0;
  // Result of config::load_* for --gateway-config; empty without one. Its endpoints win conflicts
  // with those of Services.
  std::vector<config::v1::Resource> gateway_config;
  config::Inherited inherited;  // likewise; from there to endpoints of Services
};

enum class Severity { normal, warning };

// What to say on one Service: conditions ropewalk.dev/Accepted and (before data planes reported)
// the wish for Programmed.
struct ObjectStatus {
  ObjectKey service;
  std::string uid;
  std::string
      version;  // hash of the ropewalk.dev/* annotations and the ports; equals Origin.version
  bool accepted = true;
  std::string reason;   // CamelCase: "Accepted", "InvalidAnnotation", "Conflict", "NotPermitted",
                        // "OwnerNotFound", ...
  std::string message;  // key, value and what was expected
  std::vector<std::string>
      resources;  // names of the resources that this Service owns or contributes to
};

struct Event {
  ObjectKey service;
  std::string uid;
  Severity severity = Severity::warning;
  std::string reason;
  std::string message;
};

struct Translation {
  std::vector<config::v1::Resource> resources;  // sorted by name, hashes set
  // Entries that are not acceptable now: names that the data planes must keep in the version they
  // applied (neither upserted nor removed); who never had them serves 503: `resources` then holds
  // an Endpoint with `problem` under the same name marked here.
  std::set<std::string> held;
  // Services ("namespace/name") of which an entry is held whose route cannot be told from its
  // broken annotations, or may be theirs although `resources` gives it to another: an endpoint with
  // a backend of such a Service ("backend/...#namespace/name" or ".../key") stays on the data
  // planes that have it, unless they have a backend of its owner in `resources`, too.
  std::set<std::string> held_services;
  PossibleParts possible_parts;
  // Held host sets whose port nobody knows: what they are now for each port and scheme that may be
  // meant, by a name for that choice. A data plane goes on with the choice that it has; one that
  // has none of these gets what is in `resources`: no address is called that no slice names.
  std::map<std::string, std::map<std::string, config::v1::Resource>> host_choices;
  // What is wrong with the gateway's own settings (its default certificate), one line each.
  std::vector<std::string> gateway_problems;
  std::vector<ObjectStatus> statuses;
  std::vector<Event> events;
  std::set<ObjectKey> referenced_secrets;  // what the source has to watch
  std::set<ObjectKey> referenced_config_maps;
  Memory memory;
};

// `before`: the memory of the translation before this one.
Translation translate(const ObjectSet& objects, const Options& options, const Memory& before = {});

}  // namespace ropewalk::controller
