#include "controller/translate/parts.h"

#include "config/endpoint.h"
#include "config/path.h"

#include <algorithm>

namespace ropewalk::controller {
namespace {

std::string annotation_of(std::string_view member, bool of_part) {
  if (of_part && (member == "method" || member == "extra_config"))
    return member == "method" ? "backend-method" : "backend-extra-config";
  std::string out(member);
  std::ranges::replace(out, '_', '-');
  return out;
}

std::vector<std::string> parameters_of(const Route& route) {
  auto path = config::parse_endpoint_path(
      route.entry->object.at("endpoint").get_ref<const std::string&>(), config::RestRule::strict);
  return path ? std::move(path->parameters) : std::vector<std::string>{};
}

Problem at(const PartSpec& part, std::string_view member, const std::string& message) {
  const std::string where = part.where.empty() ? "ropewalk.dev/" + annotation_of(member, true)
                                               : part.where + "." + std::string(member);
  return {kInvalidAnnotation, where + ": " + message};
}

}  // namespace

bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE";
}

std::string backend_name(const std::string& endpoint_name, const ServiceState& service,
                         const PartSpec& part) {
  const std::string identity = endpoint_name.substr(std::string_view("endpoint/").size());
  return "backend/" + identity + "#" + service.text() + (part.name.empty() ? "" : "/" + part.name);
}

std::string with_annotation_names(const std::string& full, bool of_part) {
  std::string text = full;
  // No value of an `extra_config` is shown: it may be a key or a password (design 7.4).
  if (const auto extra = text.find(".extra_config"); extra < text.find(": "))
    text.resize(std::min(text.find(", got ", extra), text.size()));
  const std::string start = std::string(kFlatPath) + ".";
  if (!text.starts_with(start)) return text;
  const auto end = std::min(text.find_first_of(".:[", start.size()), text.size());
  return "ropewalk.dev/" +
         annotation_of(std::string_view(text).substr(start.size(), end - start.size()), of_part) +
         text.substr(end);
}

std::optional<Problem> judge(const std::vector<config::Warning>& warnings, bool of_part,
                             std::vector<std::string>& notices) {
  for (const config::Warning& warning : warnings) {
    std::string text = with_annotation_names(warning.path + ": " + warning.message, of_part);
    if (warning.message.starts_with("unknown")) return Problem{kInvalidAnnotation, std::move(text)};
    if (std::ranges::find(notices, text) == notices.end()) notices.push_back(std::move(text));
  }
  return std::nullopt;
}

std::expected<config::v1::Backend, Problem> make_backend(const Options& options, const Route& route,
                                                         const ServiceState& service,
                                                         const PartSpec& part,
                                                         std::vector<std::string>& notices) {
  const EntrySpec& owner = *route.entry;
  nlohmann::json object = part.object;
  const bool given = object.contains("url_pattern");
  if (!given) object["url_pattern"] = owner.object.at("endpoint");
  config::BackendDefaults defaults;
  defaults.method = owner.method;
  defaults.output_encoding = route.endpoint.output_encoding();
  defaults.parameters = parameters_of(route);
  std::vector<config::Warning> warnings;
  auto parsed = config::parse_backend(object, defaults, part.where.empty() ? kFlatPath : part.where,
                                      warnings);
  if (!parsed)
    return std::unexpected(
        Problem{kInvalidAnnotation, with_annotation_names(parsed.error().message, true)});
  if (auto problem = judge(warnings, true, notices)) return std::unexpected(std::move(*problem));

  config::v1::Backend& backend = parsed->backend;
  const bool tail = backend.url_pattern().ends_with("/*");
  if (tail != route.endpoint.wildcard())
    return std::unexpected(at(part, "url_pattern",
                              tail ? "expected no /* at its end: the endpoint has none"
                                   : "expected /* at its end, as the endpoint has it"));
  if (owner.pass_through) backend.clear_method();
  for (const auto& [from, to] : part.mapping) {
    auto* entry = backend.add_mapping();
    entry->set_from(from);
    entry->set_to(to);
  }
  backend.set_host_set(service.host_set());
  backend.set_display_name(service.text());
  // What may not be named may not be reached by a redirect either.
  backend.set_leaves_host_set(options.allow_external_name);
  if (service.spec.settings.host_header)
    backend.set_host_header(*service.spec.settings.host_header);
  if (service.tls) *backend.mutable_tls() = *service.tls;
  return std::move(backend);
}

config::v1::Backend absent_backend(const Route& route, const ServiceState& service) {
  config::v1::Backend backend;
  backend.set_host_set(kNoHosts);
  backend.set_url_pattern("/");
  backend.set_method("GET");
  backend.set_encoding(route.endpoint.output_encoding() == config::v1::ENCODING_NO_OP
                           ? config::v1::ENCODING_NO_OP
                           : config::v1::ENCODING_JSON);
  backend.set_display_name(service.text());
  return backend;
}

}  // namespace ropewalk::controller
