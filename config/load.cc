#include "config/load.h"

#include "common/files.h"
#include "common/strings.h"
#include "config/consent.h"
#include "config/document.h"
#include "config/environment.h"
#include "config/flexible.h"
#include "config/hash.h"
#include "config/host.h"
#include "config/path.h"
#include "config/routes.h"
#include "config/service.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <set>

namespace ropewalk::config {
namespace {

using nlohmann::json;

class Loader {
 public:
  // `text` is what `document` was read from, called `text_name` in messages.
  Loader(const std::string& file_name, const std::string& text_name, std::string_view text,
         Syntax syntax, const LoadOptions& options)
      : file_name_(file_name),
        text_name_(text_name),
        text_(text),
        syntax_(syntax),
        options_(options),
        files_(options.working_directory, options.named_files),
        diagnostics_(loaded_.warnings, &options.known_keys) {}

  Result<Loaded> load(json document) {
    if (!document.is_object())
      return fail(Kind::config, text_name_ + ": expected an object, got " + shown(document));
    const auto variables = apply_environment(document, options_.environment);
    leave_out(document, options_.allow_missing, diagnostics_);
    Reader root(document, "", diagnostics_);
    ServiceSettings settings = read_service(root, files_, options_.debug);
    settings.defaults.known_keys = &options_.known_keys;
    loaded_.inherited = {settings.defaults.output_encoding, settings.defaults.cache_ttl_ns};
    add_health(settings.service.router());
    add_endpoints(root, settings.defaults);
    root.finish();
    if (diagnostics_.failed())
      return fail(Kind::config, placed(diagnostics_.error().message, variables));
    place_warnings(variables);

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
      backend.backend.set_host_set(backend.discovered ? dns_set(*backend.discovered)
                                                      : host_set(backend.hosts, part.name()));
      if (backend.discovered) backend.backend.set_display_name(backend.discovered->name);
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

  // Backends of one name and scheme share what is found.
  std::string dns_set(const DnsName& from) {
    std::string name = std::string("hosts/dns ") + (from.tls ? "https " : "http ") + from.name;
    if (!host_sets_.insert(name).second) return name;
    v1::Resource resource;
    resource.set_name(name);
    resource.mutable_host_set();
    others_.push_back(std::move(resource));
    loaded_.discovered.push_back({name, from.name, from.tls});
    return name;
  }

  // A root key that came from the environment is warned about under the variable's name, all
  // others with their place in the file.
  void place_warnings(const std::map<std::string, std::string>& variables) {
    if (loaded_.warnings.empty()) return;
    const Places places(text_, syntax_);
    for (Warning& warning : loaded_.warnings) {
      const auto variable = variables.find(root_key(warning.path));
      if (variable != variables.end()) warning.path = variable->second;
      loaded_.places.push_back(variable != variables.end()
                                   ? Position{}
                                   : places.find(warning.path).value_or(Position{}));
    }
  }

  static std::string root_key(std::string_view path) {
    return std::string(path.substr(0, path.find_first_of(".[:")));
  }

  std::string placed(const std::string& message,
                     const std::map<std::string, std::string>& variables) const {
    if (const auto it = variables.find(root_key(message)); it != variables.end())
      return text_name_ + ": " + message + " (set by " + it->second + ")";
    const std::string_view path = path_of_message(message);
    const auto at = path.empty() ? std::nullopt : Places(text_, syntax_).find(path);
    if (!at) return text_name_ + ": " + message;
    return text_name_ + ":" + std::to_string(at->line) + ":" + std::to_string(at->column) + ": " +
           message;
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
  const std::string& text_name_;
  std::string_view text_;
  Syntax syntax_;
  const LoadOptions& options_;
  Loaded loaded_;
  Files files_;
  Diagnostics diagnostics_;
  RouteTable routes_;
  std::vector<v1::Resource> others_;
  std::set<std::string> host_sets_;
};

Result<json> parse(std::string_view text, Syntax syntax, const std::string& name) {
  if (syntax == Syntax::yaml) return parse_yaml(text, name);
  return syntax == Syntax::toml ? parse_toml(text, name) : parse_json(text, name);
}

// A line without what may be secret (design 7.4): of a broken one nobody knows where a string ends,
// so that only punctuation, names before a colon and "<no value>" stay.
std::string without_values(std::string_view line) {
  constexpr std::string_view kNoValue = "<no value>";
  std::string out;
  const auto hide = [&out] {
    if (!out.ends_with("..")) out += "..";
  };
  while (!line.empty()) {
    const char first = line.front();
    if (line.starts_with(kNoValue)) {
      out += kNoValue;
      line.remove_prefix(kNoValue.size());
    } else if (first == '"') {
      const std::size_t end = line.find('"', 1);
      const std::string_view name = line.substr(1, end == line.npos ? end : end - 1);
      const std::string_view rest = end == line.npos ? "" : trim(line.substr(end + 1), " ");
      const char before = out.empty() ? '{' : trim(std::string_view(out), " ").back();
      const bool names = rest.starts_with(':') && (before == '{' || before == ',') &&
                         std::ranges::all_of(name, [](unsigned char c) {
                           return std::isalnum(c) || c == '_' || c == '-' || c == '/' || c == '.';
                         });
      out += '"';
      if (names)
        out += name;
      else
        hide();
      if (end != line.npos) out += '"';
      line.remove_prefix(end == line.npos ? line.size() : end + 1);
    } else if (std::string_view("{}[]:, ").contains(first)) {
      out += first;
      line.remove_prefix(1);
    } else {
      hide();
      line.remove_prefix(1);
    }
  }
  return out;
}

// ": <the line>" that a message "name:line:column: ..." is about, cut around the column: a compiled
// text that is on no disk cannot be looked at.
std::string offending_line(std::string_view message, const Compiled& compiled) {
  constexpr std::size_t kAround = 60;
  if (!message.starts_with(compiled.name + ":")) return {};
  message.remove_prefix(compiled.name.size() + 1);
  const char* const stop = message.data() + message.size();
  std::size_t line = 0;
  std::size_t column = 0;
  const auto first = std::from_chars(message.data(), stop, line);
  if (first.ec != std::errc{} || first.ptr == stop) return {};
  if (std::from_chars(first.ptr + 1, stop, column).ec != std::errc{}) return {};
  const auto lines = split(compiled.text, '\n');
  if (line == 0 || line > lines.size()) return {};
  const std::string whole = without_values(trim(lines[line - 1], " \t\r"));
  // The column counts in the line as it was: near the same place, which is near enough.
  const std::size_t begin = column > whole.size() ? whole.size() - std::min(whole.size(), kAround)
                            : column > kAround    ? column - kAround
                                                  : 0;
  const std::string shown = whole.substr(begin, 2 * kAround);
  return shown.empty() ? shown : ", in: " + shown;
}

// The compiled text is JSON, whatever the source is called, unless FC_OUT has another extension.
Result<Loaded> load_flexible(std::string_view source, Syntax source_syntax,
                             const std::string& file_name, const LoadOptions& options) {
  auto compiled = compile_flexible(file_name, source, options.environment,
                                   options.working_directory, options.named_files);
  if (!compiled) return std::unexpected(compiled.error());
  const Syntax syntax = compiled->broken.empty() ? syntax_of(compiled->name) : source_syntax;
  auto document = parse(compiled->text, syntax, compiled->name);
  if (!document && !compiled->broken.empty()) return fail(Kind::config, compiled->broken);
  if (!document)
    return fail(Kind::config,
                document.error().message +
                    (compiled->on_disk ? "" : offending_line(document.error().message, *compiled)));
  auto loaded =
      Loader(file_name, compiled->name, compiled->text, syntax, options).load(std::move(*document));
  if (!loaded) return loaded;
  loaded->warnings.insert(loaded->warnings.begin(), compiled->warnings.begin(),
                          compiled->warnings.end());
  loaded->places.insert(loaded->places.begin(), compiled->warnings.size(), Position{});
  for (const auto* names : {&compiled->files, &compiled->folders})
    loaded->files.insert(loaded->files.end(), names->begin(), names->end());
  return loaded;
}

}  // namespace

Result<Loaded> load_text(std::string_view text, Syntax syntax, const std::string& file_name,
                         const LoadOptions& options) {
  if (flexible(options.environment)) return load_flexible(text, syntax, file_name, options);
  auto document = parse(text, syntax, file_name);
  if (!document) return std::unexpected(document.error());
  return Loader(file_name, file_name, text, syntax, options).load(std::move(*document));
}

Result<Loaded> load_file(const std::string& path, const LoadOptions& options) {
  const auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  return load_text(*text, syntax_of(path), path, options);
}

}  // namespace ropewalk::config
