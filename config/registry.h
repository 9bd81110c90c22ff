// The one table of `extra_config` namespaces: what each is called, where it may stand, what it is
// for, when it runs and whether this build has it. Constant; any thread may call.
#pragma once

#include "common/error.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::config {

enum class Level : std::uint8_t { service = 1, endpoint = 2, backend = 4 };

// Decides what happens to a namespace that this build does not implement.
enum class Purpose : std::uint8_t {
  protection,   // without it a door stands open: refused
  answer,       // without it clients get another answer: refused
  transport,    // a backend that is a queue, a function or another protocol: refused
  observation,  // telemetry and documentation: a warning
};

// Where a request meets it; responses travel backwards.
enum class Phase : std::uint8_t { listener, router, endpoint, proxy, backend, client, none };

struct Namespace {
  std::string_view name;
  std::string_view alias;  // KrakenD's long name, "" for none
  std::uint8_t levels;     // sum of Level values
  Purpose purpose;
  Phase phase;
  std::uint8_t order;  // within the phase, requests run upwards
  bool implemented;
};

std::span<const Namespace> namespaces();

// By short name or long alias; nullptr for unknown ones.
const Namespace* find_namespace(std::string_view name);

bool allowed_at(const Namespace& space, Level level);
// KrakenD has it at this level, this build only at others.
bool missing_at(const Namespace& space, Level level);
std::string_view to_string(Level level);

// For a name that the table lacks: whether it must be taken for a protection that is misspelt or
// missing here (its family protects, or it is close to the name of one).
bool looks_like_protection(std::string_view unknown_name);
// The nearest name of the table, "" for none.
std::string_view nearest_namespace(std::string_view unknown_name);

// Short names of what this build implements, for Report.known_namespaces of the push protocol.
std::vector<std::string_view> implemented_namespaces();

// For resources that came over the stream: every namespace must be implemented and allowed at the
// level. Errors: Kind::config.
Result<void> check_namespaces(Level level, const std::vector<std::string_view>& names);

}  // namespace ropewalk::config
