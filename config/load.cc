#include "config/load.h"

#include "common/files.h"
#include "config/document.h"
#include "config/environment.h"
#include "config/hash.h"
#include "config/host.h"
#include "config/path.h"
#include "config/routes.h"
#include "config/service.h"

#include <nlohmann/json.hpp>

#include <set>

namespace ropewalk::config {
namespace {

using nlohmann::json;

class Loader {
 public:
  Loader(const std::string& file_name, const LoadOptions& options)
      : file_name_(file_name),
        options_(options),
        files_(options.working_directory),
        diagnostics_(loaded_.warnings) {}

  Result<Loaded> load(json document) {
    if (!document.is_object())
      return fail(Kind::config, file_name_ + ": expected an object, got " + shown(document));
    if (const auto it = options_.environment.find("FC_ENABLE");
        it != options_.environment.end() && !it->second.empty())
      diagnostics_.warn("FC_ENABLE",
                        "flexible configuration is not supported yet: the file is "
                        "read as it stands");
    const auto variables = apply_environment(document, options_.environment);
    Reader root(document, "", diagnostics_);
    ServiceSettings settings = read_service(root, files_, options_.debug);
    loaded_.inherited = {settings.defaults.output_encoding, settings.defaults.cache_ttl_ns};
    add_health(settings.service.router());
    add_endpoints(root, settings.defaults);
    root.finish();
    name_variables(variables);
    if (diagnostics_.failed())
      return fail(Kind::config,
                  file_name_ + ": " + with_variable(diagnostics_.error().message, variables));

    v1::Resource service;
    service.set_name("service");
    *service.mutable_service() = std::move(settings.service);
    finish(std::move(service), std::move(settings.secrets));
    return std::move(loaded_);
  }

 private:
  void add_health(const v1::Router& router) {
    if (router.disable_health()) return;
    const std::string path = router.health_path().empty() ? "/__health" : router.health_path();
    if (auto done = routes_.add("GET", path, "extra_config.router.health_path"); !done)
      diagnostics_.refuse("extra_config.router.health_path", done.error().message);
  }

  void add_endpoints(Reader& root, const Defaults& defaults) {
    for (const auto& [object, path] : root.objects("endpoints")) {
      auto parsed = parse_endpoint(*object, defaults, path, loaded_.warnings);
      if (!parsed) {
        diagnostics_.refuse("", parsed.error().message);
        return;
      }
      if (!parsed->routable) continue;
      const v1::Endpoint& endpoint = parsed->endpoint;
      if (auto done = routes_.add(endpoint.method(), endpoint.path(), path); !done) {
        diagnostics_.refuse(child(path, "endpoint"), done.error().message);
        return;
      }
      add_endpoint(std::move(*parsed));
    }
  }

  void add_endpoint(ParsedEndpoint parsed) {
    const std::string identity =
        "* " + parsed.endpoint.method() + " " + path_identity(parsed.endpoint.path());
    v1::Resource resource;
    resource.set_name("endpoint/" + identity);
    std::size_t position = 0;
    for (ParsedBackend& backend : parsed.backends) {
      v1::Resource part;
      part.set_name("backend/" + identity + "#b" + std::to_string(position++));
      backend.backend.set_host_set(host_set(backend.hosts, part.name()));
      if (!backend.hosts.empty())
        backend.backend.set_display_name(backend.hosts[0].address() + ":" +
                                         std::to_string(backend.hosts[0].port()));
      *part.mutable_backend() = std::move(backend.backend);
      parsed.endpoint.add_backends(part.name());
      others_.push_back(std::move(part));
    }
    *resource.mutable_endpoint() = std::move(parsed.endpoint);
    others_.push_back(std::move(resource));
  }

  // Backends with equal hosts share one set, and with it the health of these hosts. Hosts with
  // credentials are named by their backend: a name is shown in logs.
  std::string host_set(const std::vector<v1::HostSet::Host>& hosts, const std::string& backend) {
    std::string name;
    bool credentials = false;
    for (const v1::HostSet::Host& host : hosts) {
      name += (name.empty() ? "" : ",") + host_text(host);
      if (!host.authority().empty()) name += "=" + host.authority();
      credentials = credentials || !host.user_info().empty();
    }
    name = "hosts/" + (credentials ? backend : name.empty() ? std::string("none") : name);
    if (!host_sets_.insert(name).second) return name;
    v1::Resource resource;
    resource.set_name(name);
    for (const v1::HostSet::Host& host : hosts) *resource.mutable_host_set()->add_hosts() = host;
    if (hosts.empty()) resource.mutable_host_set();
    others_.push_back(std::move(resource));
    return name;
  }

  // A root key that came from the environment is warned about under the variable's name.
  void name_variables(const std::map<std::string, std::string>& variables) {
    for (Warning& warning : loaded_.warnings)
      if (const auto it = variables.find(warning.path); it != variables.end())
        warning.path = it->second;
  }

  static std::string with_variable(std::string message,
                                   const std::map<std::string, std::string>& variables) {
    const auto it = variables.find(message.substr(0, message.find_first_of(".[:")));
    return it == variables.end() ? message : message + " (set by " + it->second + ")";
  }

  void finish(v1::Resource service, std::vector<v1::Resource> secrets) {
    auto& all = loaded_.resources;
    all.push_back(std::move(service));
    for (auto* list : {&secrets, &others_})
      for (v1::Resource& resource : *list) all.push_back(std::move(resource));
    for (v1::Resource& resource : all) {
      auto* origin = resource.add_origins();
      origin->set_kind("File");
      origin->set_name(file_name_);
      resource.set_hash(content_hash(resource));
    }
    loaded_.files.push_back(file_name_);
    for (const std::string& name : files_.names()) loaded_.files.push_back(name);
  }

  const std::string& file_name_;
  const LoadOptions& options_;
  Loaded loaded_;
  Files files_;
  Diagnostics diagnostics_;
  RouteTable routes_;
  std::vector<v1::Resource> others_;
  std::set<std::string> host_sets_;
};

Syntax syntax_of(std::string_view path) {
  if (path.ends_with(".yaml") || path.ends_with(".yml")) return Syntax::yaml;
  if (path.ends_with(".toml")) return Syntax::toml;
  return Syntax::json;
}

}  // namespace

Result<Loaded> load_text(std::string_view text, Syntax syntax, const std::string& file_name,
                         const LoadOptions& options) {
  if (syntax == Syntax::toml)
    return fail(Kind::config, file_name + ": TOML is not supported yet; JSON and YAML are");
  auto document =
      syntax == Syntax::yaml ? parse_yaml(text, file_name) : parse_json(text, file_name);
  if (!document) return std::unexpected(document.error());
  return Loader(file_name, options).load(std::move(*document));
}

Result<Loaded> load_file(const std::string& path, const LoadOptions& options) {
  const auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  return load_text(*text, syntax_of(path), path, options);
}

}  // namespace ropewalk::config
