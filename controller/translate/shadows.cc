#include "controller/translate/shadows.h"

#include "common/strings.h"
#include "config/path.h"

namespace ropewalk::controller {
namespace {

constexpr std::string_view kParameter = "{}";  // of config::path_identity()
constexpr std::string_view kTail = "/*";

// Whether every request for `narrow` is one for `wide`; both are identities of paths.
bool covers(std::string_view wide, std::string_view narrow) {
  if (wide == narrow) return true;
  const bool tail = wide.ends_with(kTail);
  const bool narrow_tail = narrow.ends_with(kTail);
  if (narrow_tail && !tail) return false;
  if (tail) wide.remove_suffix(kTail.size());
  if (narrow_tail) narrow.remove_suffix(kTail.size());
  const auto wide_segments = split(wide, '/');
  const auto narrow_segments = split(narrow, '/');
  if (tail ? narrow_segments.size() < wide_segments.size()
           : narrow_segments.size() != wide_segments.size())
    return false;
  for (std::size_t i = 0; i < wide_segments.size(); ++i) {
    const std::string_view segment = wide_segments[i];
    const bool covered =
        segment.ends_with(kParameter)
            ? !narrow_segments[i].empty() && narrow_segments[i].starts_with(segment.substr(
                                                 0, segment.size() - kParameter.size()))
            : segment == narrow_segments[i];
    if (!covered) return false;
  }
  return true;
}

// Patterns that serve what `host` serves, and give way to it.
std::vector<std::string> wider_hosts(const std::string& host) {
  if (host.empty()) return {};
  if (host.starts_with("*.")) return {""};
  const auto dot = host.find('.');
  if (dot == std::string::npos) return {""};
  return {"*" + host.substr(dot), ""};
}

// What all paths begin with that this one can cover.
std::string_view literal_start(std::string_view identity) {
  if (identity.ends_with(kTail)) identity.remove_suffix(kTail.size());
  return identity.substr(0, identity.find(kParameter));
}

}  // namespace

std::string describe(const ClaimKey& claim) {
  return (claim.method == "*" ? "any method of " : claim.method + " ") + claim.path +
         (claim.host.empty() ? "" : " on " + claim.host);
}

void Shadows::add(const ClaimKey& claim, std::string space, std::string owner) {
  hosts_[claim.host][config::path_identity(claim.path)].push_back(
      {claim, std::move(space), std::move(owner)});
}

std::optional<std::string> Shadows::taken(const std::vector<Earlier>& earlier,
                                          const ClaimKey& claim, std::string_view space,
                                          bool same_host) {
  for (const Earlier& other : earlier) {
    if (other.space == space) continue;
    const bool hidden = same_host ? other.claim.method == "*" && claim.method != "*"
                                  : other.claim.method == claim.method ||
                                        other.claim.method == "*" || claim.method == "*";
    if (!hidden) continue;
    // A whole host beside routes for any host is no mistake, nor is a folder beside the
    // configuration, which cannot name hosts.
    const bool whole = claim.path == kTail || (other.space.empty() && claim.path.ends_with(kTail));
    if (whole && !same_host && other.claim.path != claim.path) continue;
    if (other.space.empty()) return "is served by " + other.owner;
    return "would take requests from " + other.owner + " and serves " + describe(other.claim) +
           (other.claim.host.empty() ? " for any host" : "");
  }
  return std::nullopt;
}

std::optional<std::string> Shadows::over(const ClaimKey& claim, std::string_view space) const {
  const std::string identity = config::path_identity(claim.path);
  if (const auto paths = hosts_.find(claim.host); paths != hosts_.end())
    if (const auto found = paths->second.find(identity); found != paths->second.end())
      if (auto out = taken(found->second, claim, space, true)) return out;
  const std::string_view start = literal_start(identity);
  for (const std::string& host : wider_hosts(claim.host)) {
    const auto paths = hosts_.find(host);
    if (paths == hosts_.end()) continue;
    for (auto at = paths->second.lower_bound(start);
         at != paths->second.end() && at->first.starts_with(start); ++at)
      if (covers(identity, at->first))
        if (auto out = taken(at->second, claim, space, false)) return out;
  }
  return std::nullopt;
}

}  // namespace ropewalk::controller
