#include "controller/translate/entries.h"

#include "common/strings.h"
#include "config/document.h"
#include "config/path.h"
#include "controller/translate/annotations.h"
#include "controller/translate/limits.h"

#include <algorithm>
#include <array>
#include <span>

namespace ropewalk::controller {
namespace {

using nlohmann::json;

// A value that the reader accepted, or nothing: how each key becomes a member of KrakenD's object.
template <class T>
void put(const AnnotationReader& reader, std::string_view key, const char* member,
         Value<T> (*parse)(std::string_view), json& object, std::vector<Problem>& problems) {
  if (auto value = reader.get(key, parse, problems)) object[member] = std::move(*value);
}

void put_extra_config(const AnnotationReader& reader, std::string_view key, json& object,
                      std::vector<Problem>& problems) {
  const auto text = reader.raw(key);
  if (!text) return;
  auto value = config::parse_json(*text, "JSON");
  if (!value || !value->is_object()) {
    problems.push_back(bad_value(
        key, value ? "a JSON object" : "a JSON object (" + value.error().message + ")", *text));
    return;
  }
  if (const std::string found = file_or_script_in(*value); !found.empty()) {
    problems.push_back({kNotPermitted, std::string(kAnnotationPrefix) + std::string(key) + ": " +
                                           found +
                                           " names a file or loads a script, which "
                                           "annotations may not do"});
    return;
  }
  object["extra_config"] = std::move(*value);
}

void read_part(const AnnotationReader& reader, EntrySpec& entry) {
  PartSpec part;
  part.object = json::object();
  auto& problems = entry.problems;
  put(reader, "url-pattern", "url_pattern", parse_path, part.object, problems);
  put(reader, "backend-method", "method", parse_backend_method, part.object, problems);
  put(reader, "encoding", "encoding", parse_input_encoding, part.object, problems);
  put(reader, "group", "group", parse_text, part.object, problems);
  put(reader, "target", "target", parse_text, part.object, problems);
  put(reader, "allow", "allow", parse_list, part.object, problems);
  put(reader, "deny", "deny", parse_list, part.object, problems);
  put(reader, "is-collection", "is_collection", parse_boolean, part.object, problems);
  part.mapping = reader.get("mapping", parse_mapping, problems).value_or(Mapping{});
  put_extra_config(reader, "backend-extra-config", part.object, problems);
  entry.parts.push_back(std::move(part));
}

void refuse_beside(const AnnotationReader& reader, std::span<const std::string_view> keys,
                   std::string_view reason, std::vector<Problem>& problems) {
  for (const std::string_view key : keys)
    if (reader.has(key))
      problems.push_back({kInvalidAnnotation, std::string(kAnnotationPrefix) + std::string(key) +
                                                  ": " + std::string(reason)});
}

void read_route(const AnnotationReader& reader, ServiceSpec& spec) {
  EntrySpec entry;
  auto& problems = entry.problems;
  entry.hostnames =
      reader.get("hostnames", parse_host_patterns, problems).value_or(std::vector<std::string>{});
  put(reader, "endpoint", "endpoint", parse_endpoint_path, entry.object, problems);
  put(reader, "method", "method", parse_endpoint_method, entry.object, problems);
  entry.pass_through = reader.get("pass-through", parse_boolean, problems).value_or(false);
  entry.claim_known = problems.empty();
  read_claim(entry);
  entry.name = reader.get("name", parse_object_name, problems).value_or(spec.key.name);
  put(reader, "timeout", "timeout", parse_positive_duration, entry.object, problems);
  put(reader, "output-encoding", "output_encoding", parse_output_encoding, entry.object, problems);
  put(reader, "input-headers", "input_headers", parse_list, entry.object, problems);
  put(reader, "input-query-strings", "input_query_strings", parse_list, entry.object, problems);
  put_extra_config(reader, "extra-config", entry.object, problems);
  std::size_t before = problems.size();
  entry.tls_secret = reader.get("tls-secret", parse_object_name, problems);
  entry.tls_known = problems.size() == before;
  before = problems.size();
  entry.allow_joins_from = reader.get("allow-joins-from", parse_namespaces, problems)
                               .value_or(std::vector<std::string>{});
  entry.consent_known = problems.size() == before;
  read_part(reader, entry);

  static constexpr std::array<std::string_view, 1> kOfJoins = {"order"};
  refuse_beside(reader, kOfJoins, "the owner of an endpoint is always its first part", problems);
  static constexpr std::array<std::string_view, 13> kEncoded = {
      "method",          "output-encoding",
      "input-headers",   "input-query-strings",
      "backend-method",  "encoding",
      "group",           "target",
      "allow",           "deny",
      "mapping",         "is-collection",
      "allow-joins-from"};
  const std::span encoded(kEncoded);
  if (entry.pass_through)
    refuse_beside(reader, encoded, "has no effect beside pass-through", problems);
  else if (entry.object.value("output_encoding", "") == "no-op")
    refuse_beside(reader, encoded.subspan(6), "has no effect with output-encoding no-op", problems);
  spec.entries.push_back(std::move(entry));
}

void read_join(const AnnotationReader& reader, ServiceSpec& spec) {
  EntrySpec entry;
  entry.joins = true;
  auto& problems = entry.problems;
  const std::string_view text = *reader.raw("join");
  if (auto target = parse_join(text, spec.key))
    entry.target = std::move(*target);
  else
    problems.push_back(bad_value("join", target.error(), text));
  entry.order = reader.get("order", parse_integer, problems).value_or(0);
  read_part(reader, entry);
  for (const AnnotationRow& row : annotation_table())
    if (row.level == AnnotationLevel::endpoint && row.key != "endpoint" && reader.has(row.key))
      problems.push_back({kInvalidAnnotation, std::string(kAnnotationPrefix) +
                                                  std::string(row.key) +
                                                  ": only the owner of an endpoint says this"});
  spec.entries.push_back(std::move(entry));
}

}  // namespace

Value<ObjectKey> parse_join(std::string_view text, const ObjectKey& service) {
  const auto pieces = split(text, '/');
  const std::string_view name = pieces.back();
  const std::string_view space = pieces.size() == 2 ? pieces.front() : service.namespace_;
  if (pieces.size() > 2 || !parse_object_name(name) || !parse_object_name(space))
    return std::unexpected("the name of an endpoint, or namespace/name");
  return ObjectKey{std::string(space), std::string(name)};
}

void read_entries(const AnnotationReader& reader, ServiceSpec& spec) {
  static constexpr std::array<std::string_view, 3> kMakers = {"endpoint", "join", "endpoints"};
  int makers = 0;
  for (const std::string_view key : kMakers) makers += reader.has(key) ? 1 : 0;
  if (makers != 1)
    spec.problems.push_back({kInvalidAnnotation,
                             "expected exactly one of ropewalk.dev/endpoint, ropewalk.dev/join and "
                             "ropewalk.dev/endpoints, got " +
                                 std::string(makers == 0 ? "none" : "several")});
  if (reader.has("endpoint")) read_route(reader, spec);
  if (reader.has("join")) read_join(reader, spec);
  if (reader.has("endpoints")) {
    for (const AnnotationRow& row : annotation_table())
      if ((row.level == AnnotationLevel::endpoint || row.level == AnnotationLevel::part) &&
          reader.has(row.key))
        spec.problems.push_back(
            {kInvalidAnnotation, std::string(kAnnotationPrefix) + std::string(row.key) +
                                     ": belongs into the entries of ropewalk.dev/endpoints"});
    read_entry_list(*reader.raw("endpoints"), spec);
  }
}

void read_claim(EntrySpec& entry) {
  const auto endpoint = entry.object.find("endpoint");
  if (endpoint == entry.object.end() || !endpoint->is_string()) {
    entry.claim_known = false;
    return;
  }
  const auto& text = endpoint->get_ref<const std::string&>();
  const auto refuse = [&](const std::string& message) {
    entry.claim_known = false;
    entry.problems.push_back(
        {kInvalidAnnotation,
         (entry.where.empty() ? "ropewalk.dev/endpoint" : entry.where + ".endpoint") + ": " +
             message});
  };
  // Before it is looked at: what follows grows with the square of both.
  if (text.size() > kMaxPathBytes ||
      static_cast<std::size_t>(std::ranges::count(text, '{')) > kMaxPathParameters)
    return refuse("expected a path of at most " + std::to_string(kMaxPathBytes) + " bytes with " +
                  std::to_string(kMaxPathParameters) + " parameters");
  const auto path = config::parse_endpoint_path(text, config::RestRule::strict);
  if (!path) return refuse(path.error().message);
  if (path->wildcard && !entry.pass_through)
    return refuse("expected no /* at the end (only pass-through has it), got " + in_quotes(text));
  entry.path = path->path;
  entry.method = entry.pass_through ? "*" : entry.object.value("method", "GET");
}

}  // namespace ropewalk::controller
