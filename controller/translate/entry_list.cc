// The annotation `endpoints`: a list of KrakenD's endpoint objects, each with `name`, or with
// `join` and `backend`.
#include "common/strings.h"
#include "config/document.h"
#include "config/reader.h"
#include "controller/translate/entries.h"
#include "controller/translate/limits.h"

#include <algorithm>
#include <array>
#include <set>

namespace ropewalk::controller {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 6> kOwnKeys = {
    "name", "backend", "hostnames", "tls_secret", "pass_through", "allow_joins_from"};
constexpr std::array<std::string_view, 3> kJoinKeys = {"join", "order", "backend"};

// One member of an entry as text, the way its flat annotation would write it.
class Members {
 public:
  Members(const json& object, EntrySpec& entry) : object_(object), entry_(entry) {}

  template <class T>
  std::optional<T> get(const char* key, Value<T> (*parse)(std::string_view)) {
    const auto found = object_.find(key);
    if (found == object_.end() || found->is_null()) return std::nullopt;
    const std::string text = found->is_string()
                                 ? found->get<std::string>()
                                 : found->dump(-1, ' ', false, json::error_handler_t::replace);
    if (text.empty()) return std::nullopt;
    auto value = parse(text);
    if (value) return std::move(*value);
    refuse(std::string(".") + key + ": expected " + value.error() +
           (found->is_structured() ? "" : ", got " + in_quotes(text)));
    return std::nullopt;
  }

  void refuse(const std::string& what) {
    entry_.problems.push_back({kInvalidAnnotation, entry_.where + what});
  }

 private:
  const json& object_;
  EntrySpec& entry_;
};

// KrakenD reads its keys in any letter case: here they are lowered once, so that every later look
// finds what the data plane's reader would find. Comments stay as they are.
struct Lowered {
  json object = json::object();
  std::set<std::string> twice;  // they differ only in case: no value of them counts
};

Lowered lowered(const json& object) {
  Lowered out;
  std::set<std::string> seen;
  for (const auto& [written, value] : object.items()) {
    if (config::comment(written)) {
      out.object[written] = value;
      continue;
    }
    const std::string key = to_lower(written);
    if (seen.insert(key).second)
      out.object[key] = value;
    else
      out.twice.insert(key);
  }
  for (const std::string& key : out.twice) out.object.erase(key);
  return out;
}

constexpr std::string_view kTwice = ": expected once, got it several times in different case";

void check_extra_config(const json& object, const std::string& where, EntrySpec& entry) {
  const auto extra = object.find("extra_config");
  if (extra == object.end() || !extra->is_object()) return;
  if (const std::string found = file_or_script_in(*extra); !found.empty())
    entry.problems.push_back({kNotPermitted, where + ".extra_config: " + found +
                                                 " names a file or loads a script, which "
                                                 "annotations may not do"});
}

// A name that stays when entries move in the list: what tells the backends of one entry apart.
std::string part_name(const EntrySpec& entry, const json& backend, bool only) {
  const std::string base = entry.joins ? "join" : entry.name;
  if (only) return base;
  const auto pattern = backend.find("url_pattern");
  const auto group = backend.find("group");
  std::string out = base + " ";
  if (pattern != backend.end() && pattern->is_string()) out += pattern->get<std::string>();
  if (group != backend.end() && group->is_string()) out += " " + group->get<std::string>();
  return out;
}

void read_backends(const json& object, EntrySpec& entry, Members& members) {
  const auto found = object.find("backend");
  json list = found == object.end() ? json() : *found;
  if (list.is_object()) list = json::array({list});
  if (list.is_null() && !entry.joins) list = json::array({json::object()});
  if (!list.is_array() || list.empty() ||
      !std::ranges::all_of(list, [](const json& value) { return value.is_object(); }))
    return members.refuse(".backend: expected a list of objects");
  std::set<std::string> names;
  for (std::size_t i = 0; i < list.size(); ++i) {
    Lowered backend = lowered(list[i]);
    const std::string at = ".backend[" + std::to_string(i) + "]";
    for (const std::string& key : backend.twice)
      members.refuse(at + "." + key + std::string(kTwice));
    PartSpec part{.object = std::move(backend.object), .where = entry.where + at};
    part.name = part_name(entry, part.object, list.size() == 1);
    if (!names.insert(part.name).second)
      members.refuse(".backend: expected backends that differ in url_pattern or group");
    check_extra_config(part.object, part.where, entry);
    entry.parts.push_back(std::move(part));
  }
}

constexpr std::array<std::string_view, 4> kClaimKeys = {"endpoint", "method", "hostnames",
                                                        "pass_through"};

void read_route(const Lowered& from, EntrySpec& entry) {
  const json& object = from.object;
  Members members(object, entry);
  const auto refuse_twice = [&](bool of_claim) {
    for (const std::string& key : from.twice)
      if ((std::ranges::find(kClaimKeys, key) != kClaimKeys.end()) == of_claim)
        members.refuse("." + key + std::string(kTwice));
  };
  refuse_twice(true);
  entry.hostnames =
      members.get("hostnames", parse_host_patterns).value_or(std::vector<std::string>{});
  entry.pass_through = members.get("pass_through", parse_boolean).value_or(false);
  entry.object = object;
  for (const std::string_view key : kOwnKeys) entry.object.erase(std::string(key));
  for (const char* key : {"endpoint", "method"}) {
    entry.object.erase(key);
    if (auto value = members.get(key, key[0] == 'e' ? parse_endpoint_path : parse_endpoint_method))
      entry.object[key] = std::move(*value);
  }
  if (!entry.object.contains("endpoint") && entry.problems.empty())
    members.refuse(": expected endpoint");
  entry.claim_known = entry.problems.empty();
  read_claim(entry);
  refuse_twice(false);
  std::size_t before = entry.problems.size();
  entry.tls_secret = members.get("tls_secret", parse_object_name);
  entry.tls_known = entry.problems.size() == before && !from.twice.contains("tls_secret");
  before = entry.problems.size();
  entry.allow_joins_from =
      members.get("allow_joins_from", parse_namespaces).value_or(std::vector<std::string>{});
  entry.consent_known = entry.problems.size() == before && !from.twice.contains("allow_joins_from");
  check_extra_config(object, entry.where, entry);
  read_backends(object, entry, members);
  if (!entry.pass_through) return;
  for (const char* key : {"method", "output_encoding", "input_headers", "input_query_strings"})
    if (object.contains(key))
      members.refuse(std::string(".") + key + ": has no effect beside pass_through");
}

void read_join(const Lowered& from, EntrySpec& entry, const ObjectKey& service) {
  const json& object = from.object;
  Members members(object, entry);
  entry.joins = true;
  if (auto target = parse_join(object["join"].get<std::string>(), service))
    entry.target = std::move(*target);
  else
    members.refuse(".join: expected " + target.error() + ", got " +
                   in_quotes(object["join"].get<std::string>()));
  entry.order = members.get("order", parse_integer).value_or(0);
  for (const std::string& key : from.twice) members.refuse("." + key + std::string(kTwice));
  for (const auto& [key, value] : object.items())
    if (std::ranges::find(kJoinKeys, key) == kJoinKeys.end())
      members.refuse("." + key + ": expected join, order and backend only");
  read_backends(object, entry, members);
}

// The error is what was expected, when it cannot be told what the entry is.
Value<EntrySpec> read_entry(const json& object, const ObjectKey& service) {
  const std::unexpected<std::string> nameless("to have a name, or join and backend");
  if (!object.is_object()) return nameless;
  const Lowered entry_keys = lowered(object);
  for (const char* key : {"name", "join"})
    if (entry_keys.twice.contains(key))
      return std::unexpected("to have " + std::string(key) +
                             " once, got it several times in different case");
  EntrySpec entry;
  const auto name = entry_keys.object.find("name");
  const auto join = entry_keys.object.find("join");
  const bool named = name != entry_keys.object.end() && name->is_string();
  const bool joining = join != entry_keys.object.end() && join->is_string();
  if (named == joining) return nameless;
  if (joining) {
    entry.where = "ropewalk.dev/endpoints[join " + join->get<std::string>() + "]";
    read_join(entry_keys, entry, service);
    return entry;
  }
  entry.name = name->get<std::string>();
  if (!parse_object_name(entry.name)) return nameless;
  entry.where = "ropewalk.dev/endpoints[" + entry.name + "]";
  read_route(entry_keys, entry);
  return entry;
}

std::size_t count_backends(const json& list) {
  std::size_t out = 0;
  for (const json& entry : list)
    if (entry.is_object())
      for (const auto& [key, value] : entry.items())
        if (iequals(key, "backend")) out += value.is_array() ? value.size() : 1;
  return out;
}

std::size_t count_claims(const std::vector<EntrySpec>& entries) {
  std::size_t out = 0;
  for (const EntrySpec& entry : entries)
    if (!entry.joins) out += std::max<std::size_t>(1, entry.hostnames.size());
  return out;
}

std::string at_most(std::size_t limit, std::string_view what, std::size_t got) {
  return "at most " + std::to_string(limit) + " " + std::string(what) + ", got " +
         std::to_string(got);
}

}  // namespace

void read_entry_list(std::string_view text, ServiceSpec& spec) {
  const auto refuse = [&spec](const std::string& expected) {
    spec.claims_unknown = true;
    spec.lost.push_back({kInvalidAnnotation, "ropewalk.dev/endpoints: expected " + expected});
  };
  auto list = config::parse_json(text, "JSON");
  if (!list) list = config::parse_yaml(text, "value");
  if (!list) {
    std::string why = std::move(list.error().message);
    // The name of an alias is what an unquoted password with a * is taken for.
    if (const auto at = why.find("not defined: "); at != std::string::npos)
      why.resize(at + std::string_view("not defined").size());
    return refuse("a YAML or JSON list (" + why + ")");
  }
  if (!list->is_array() || list->empty()) return refuse("a YAML or JSON list of entries");
  if (list->size() > kMaxEntries) return refuse(at_most(kMaxEntries, "entries", list->size()));
  if (const std::size_t backends = count_backends(*list); backends > kMaxParts)
    return refuse(at_most(kMaxParts, "backends in all entries", backends));
  std::set<std::string> identities;
  for (std::size_t i = 0; i < list->size(); ++i) {
    auto entry = read_entry((*list)[i], spec.key);
    if (!entry) {
      refuse("entry " + std::to_string(i + 1) + " " + entry.error());
      continue;
    }
    if (!identities.insert(entry->where).second) {
      refuse("each name and each join once, got " + entry->where + " twice");
      continue;
    }
    spec.entries.push_back(std::move(*entry));
  }
  if (const std::size_t claims = count_claims(spec.entries); claims > kMaxClaims) {
    spec.entries.clear();
    refuse(at_most(kMaxClaims, "host names in all entries", claims));
  }
}

}  // namespace ropewalk::controller
