// What the data planes of this gateway should hold: a Translation made cheap to compare and to
// share between streams. Immutable once built; any thread may read it.
#pragma once

#include "controller/translate/possible_part.h"
#include "ropewalk/config/v1/config.pb.h"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::controller {

struct Translation;

// How much of a Desired is meant. `addresses`: a part of the configuration cannot be read, so that
// nothing is known of what is missing here: data planes keep all they have, but for the addresses
// in host sets.
enum class Extent : std::uint8_t { everything, addresses };

using ResourcesByName = std::map<std::string, std::shared_ptr<const config::v1::Resource>>;
using HostChoices = std::map<std::string, std::shared_ptr<const config::v1::Resource>>;

struct Desired {
  std::uint64_t sequence = 0;  // grows by one with every set that differs from the one before
  ResourcesByName resources;
  std::set<std::string> held;  // names that stay in the version a data plane applied
  // For data planes that never had one: the last acceptable version of what is held now, of routes
  // and parts that stay for a held Service, and of all that these refer to. Only names that are
  // not in `resources`, or held. A controller that begins anew knows none.
  ResourcesByName last_good;
  // "namespace/name": routes with a backend of these stay where they are, see Translation.
  std::set<std::string> held_services;
  // By the name of an endpoint, Services that owned it since one is held, and do not any more: what
  // data planes have of these was not the route of a held one.
  std::map<std::string, std::set<std::string>> former_owners;
  PossibleParts possible_parts;
  // Held host sets, by the choice that a data plane may have made of them, see Translation.
  std::map<std::string, HostChoices> host_choices;
  // Nothing is known of what these have: whatever data planes have of them stays, and so does an
  // endpoint with a part of one.
  std::set<std::string> unreadable_namespaces;
  Extent extent = Extent::everything;
  std::vector<std::string> changed;  // names in which it differs from `sequence - 1`, sorted
  bool stays_changed = false;        // likewise, of the members above
};

// What stands in for a held name where it never served (a route that answers 503, a part without
// hosts) travels under a hash of its own form, so that the hash alone, as a data plane reports it
// after a restart of everything, tells that it is no version to keep.
bool is_stand_in(std::string_view hash);
// An endpoint as the translator made it, and in it parts that one data plane has and keeps
// (Translation::possible_parts), in the order of their positions. It travels under a hash of its
// own.
struct KeptPart {
  std::string backend;  // name of the resource
  int position = 0;
};
std::shared_ptr<const config::v1::Resource> with_kept_parts(const config::v1::Resource& endpoint,
                                                            const std::vector<KeptPart>& parts);
// "namespace/name" of the Service that owns it; "" where none does.
std::string owner_of(const config::v1::Resource& resource);
// The hash as the translator made it.
std::string_view content_hash_of(std::string_view wire_hash);

// Not thread-safe; one owner.
class DesiredBuilder {
 public:
  // Resources whose hash did not change are shared with the set before. Returns that very set when
  // nothing changed.
  std::shared_ptr<const Desired> build(const Translation& translation,
                                       Extent extent = Extent::everything,
                                       const std::set<std::string>& unreadable_namespaces = {});

 private:
  std::shared_ptr<const Desired> last_;
};

}  // namespace ropewalk::controller
