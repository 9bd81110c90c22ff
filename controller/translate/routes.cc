// Routes -> Endpoint and Backend resources, held ones included (design 5.2, 5.3 and 5.5).
#include "controller/translate/guarded.h"
#include "controller/translate/parts.h"

#include "common/strings.h"
#include "common/utf8.h"
#include "config/endpoint.h"

namespace ropewalk::controller {
namespace {

constexpr std::size_t kLongestProblem = 1024;

nlohmann::json endpoint_object(const EntrySpec& entry) {
  nlohmann::json object = entry.object;
  if (entry.pass_through) {
    object["output_encoding"] = "no-op";
    object["input_headers"] = {"*"};
    object["input_query_strings"] = {"*"};
  }
  return object;
}

// What a held route must still be known by.
void describe_held(Route& route) {
  route.endpoint.set_method(route.entry->method);
  route.endpoint.set_path(route.entry->path);
  route.endpoint.set_wildcard(route.entry->path.ends_with("/*"));
}

void parse_route(Work& work, Route& route) {
  EntrySpec& entry = *route.entry;
  const config::v1::Service& settings = service_settings(work);
  config::Defaults defaults;
  if (settings.timeout_ns() != 0) defaults.timeout_ns = settings.timeout_ns();
  defaults.cache_ttl_ns = work.options.inherited.cache_ttl_ns;
  defaults.output_encoding = work.options.inherited.output_encoding;
  defaults.host_rule = config::HostRule::refuse;
  defaults.backend_rule = config::BackendRule::optional;
  std::vector<config::Warning> warnings;
  auto parsed = config::parse_endpoint(endpoint_object(entry), defaults,
                                       entry.where.empty() ? kFlatPath : entry.where, warnings);
  if (!parsed) {
    entry.problems.push_back(
        {kInvalidAnnotation, with_annotation_names(parsed.error().message, false)});
    describe_held(route);
    return;
  }
  if (auto problem = judge(warnings, false, route.owner->notices))
    entry.problems.push_back(std::move(*problem));
  route.endpoint = std::move(parsed->endpoint);
  route.endpoint.set_method(entry.method);
}

// The parts of a route, in their order, with the problems that only show now.
struct Part {
  ServiceState* service;
  EntrySpec* entry;
  const PartSpec* spec;
  std::optional<config::v1::Backend> backend;  // nothing: held
};

std::vector<Part> make_parts(const Options& options, Route& route) {
  std::vector<Part> parts;
  for (const PartSpec& spec : route.entry->parts)
    parts.push_back({route.owner, route.entry, &spec, {}});
  for (const Joiner& joiner : route.joiners)
    for (const PartSpec& spec : joiner.entry->parts)
      parts.push_back({joiner.service, joiner.entry, &spec, {}});

  const Part* writer = nullptr;
  for (Part& part : parts) {
    auto made = guarded([&] {
      return make_backend(options, route, *part.service, *part.spec, part.service->notices);
    });
    if (!made) {
      part.entry->problems.push_back(std::move(made.error()));
      continue;
    }
    if (!is_safe(made->method()) && !route.entry->pass_through) {
      if (writer) {
        part.entry->problems.push_back(
            {kNotPermitted,
             "ropewalk.dev/backend-method: at most one part may have a method other "
             "than GET or HEAD, and " +
                 writer->service->text() + " has one: set GET"});
        continue;
      }
      writer = &part;
    }
    part.backend = std::move(*made);
  }
  return parts;
}

void add_absent(Work& work, const Route& route, const std::string& name,
                const ServiceState& service) {
  *work.add(name, service).mutable_backend() = absent_backend(route, service);
  auto& none = work.resources[kNoHosts];
  none.set_name(kNoHosts);
  none.mutable_host_set();
}

bool is_held(const ServiceState& service, const EntrySpec& entry) {
  return service.held(entry) || !service.not_callable.empty();
}

// A mistake in a join changes nothing else: the endpoint names such a part only on data planes that
// serve it (PossiblePart). One without its CA is named everywhere: what served is not called.
bool is_left_out(const Route& route, const ServiceState& service, const EntrySpec& entry) {
  return &service != route.owner && is_held(service, entry) && !service.without_ca;
}

void emit_part(Work& work, const Route& route, const std::string& endpoint_name, Part& part,
               bool route_held) {
  const std::string name = backend_name(endpoint_name, *part.service, *part.spec);
  part.service->resources.insert(name);
  part.service->called = true;
  const bool held = is_held(*part.service, *part.entry);
  if (held && part.service->without_ca) {
    add_absent(work, route, name, *part.service);
    return;
  }
  if (held) work.out.held.insert(name);
  // A held route refers to no part on a data plane that never had it.
  if (held && (route_held || is_left_out(route, *part.service, *part.entry))) return;
  if (held) {
    add_absent(work, route, name, *part.service);
    return;
  }
  *work.add(name, *part.service).mutable_backend() = *part.backend;
}

// Consent withdrawn while the rest is held: data planes keep the route as it was, but nobody is
// asked for these parts any more.
void take_out_withdrawn(Work& work, const Route& route, const std::string& name) {
  if (!route.entry->consent_known) return;
  for (const Joiner& joiner : route.withdrawn)
    for (const PartSpec& part : joiner.entry->parts)
      add_absent(work, route, backend_name(name, *joiner.service, part), *joiner.service);
}

void name_possible_parts(Work& work, const Route& route, const std::string& name, bool held) {
  std::vector<PossiblePart> out;
  int position = static_cast<int>(route.entry->parts.size());
  auto lost = route.possible.begin();
  for (std::size_t i = 0; i <= route.joiners.size(); ++i) {
    for (; lost != route.possible.end() && lost->second == i; ++lost) {
      out.push_back({lost->first.service->text(), position});
      lost->first.service->called = true;
    }
    if (i == route.joiners.size()) break;
    const Joiner& joiner = route.joiners[i];
    if (held || !is_left_out(route, *joiner.service, *joiner.entry)) {
      position += static_cast<int>(joiner.entry->parts.size());
      continue;
    }
    PossiblePart kept{joiner.service->text(), position};
    for (const PartSpec& part : joiner.entry->parts)
      kept.backends.push_back(backend_name(name, *joiner.service, part));
    out.push_back(std::move(kept));
  }
  if (!out.empty()) work.out.possible_parts[name] = std::move(out);
}

// What the next translation knows of it.
void remember(Work& work, const Route& route, const std::string& host, const std::string& name,
              bool held) {
  const std::string identity = route.owner->identity();
  const auto before = work.before.claims.find(name);
  if (!held || (before != work.before.claims.end() && before->second.identity == identity))
    work.out.memory.claims[name] = {identity, host, route.entry->method, route.entry->path};
}

void emit(Work& work, Route& route) {
  std::vector<Part> parts = make_parts(work.options, route);
  if (route.endpoint.output_encoding() == config::v1::ENCODING_NO_OP &&
      route.entry->parts.size() > 1)
    route.entry->problems.push_back(
        {kInvalidAnnotation, route.entry->where + ".backend: no-op takes exactly one"});
  const bool held = route.owner->held(*route.entry);
  for (const auto& [host, name] : route.names) {
    remember(work, route, host, name, held);
    config::v1::Resource& resource = work.add(name, *route.owner);
    for (const Joiner& joiner : route.joiners) {
      add_origin(resource, *joiner.service);
      joiner.service->resources.insert(name);
    }
    route.owner->resources.insert(name);
    config::v1::Endpoint& endpoint = *resource.mutable_endpoint();
    if (held) {
      work.out.held.insert(name);
      endpoint.set_method(route.endpoint.method());
      endpoint.set_path(route.endpoint.path());
      endpoint.set_wildcard(route.endpoint.wildcard());
      endpoint.set_problem(
          cut_utf8(to_utf8(joined(route.owner->spec.problems, route.entry->problems)),
                   kLongestProblem, "..."));
    } else {
      endpoint = route.endpoint;
      for (const Part& part : parts)
        if (!is_left_out(route, *part.service, *part.entry))
          endpoint.add_backends(backend_name(name, *part.service, *part.spec));
    }
    if (!host.empty()) endpoint.add_hostnames(host);
    if (const auto found = route.tls_secrets.find(host); found != route.tls_secrets.end())
      endpoint.set_tls_secret(found->second);
    for (Part& part : parts) emit_part(work, route, name, part, held);
    if (held) take_out_withdrawn(work, route, name);
    name_possible_parts(work, route, name, held);
    // Data planes that never served it answer nothing in its place.
    if (route.owner->spec.expose_unknown) work.resources.erase(name);
  }
}

void describe(Route& route) {
  if (route.names.empty()) return;
  std::string what =
      (route.entry->pass_through ? "any method" : route.entry->method) + " " + route.entry->path;
  if (!route.entry->hostnames.empty()) {
    std::vector<std::string> hosts;
    for (const auto& [host, name] : route.names) hosts.push_back(host);
    what += " on " + join(hosts, ", ");
  }
  route.owner->serves.push_back(what);
  for (const Joiner& joiner : route.joiners)
    joiner.service->serves.push_back(
        "part of " + route.owner->spec.key.namespace_ + "/" + route.entry->name + " (" + what +
        (route.owner->held(*route.entry) ? ", which is held" : "") + ")");
}

}  // namespace

void parse_routes(Work& work) {
  for (const auto& route : work.routes) {
    if (auto done = guarded([&] { parse_route(work, *route); }); !done) {
      route->entry->problems.push_back(std::move(done.error()));
      describe_held(*route);
    }
  }
}

void emit_routes(Work& work) {
  for (const auto& route : work.routes) {
    emit(work, *route);
    describe(*route);
  }
}

}  // namespace ropewalk::controller
