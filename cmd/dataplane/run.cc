#include "cmd/dataplane/run.h"

#include "cmd/dataplane/check.h"
#include "common/file_watch.h"
#include "common/log.h"
#include "common/version.h"
#include "config/consent.h"
#include "config/registry.h"
#include "dataplane/app/admin.h"
#include "dataplane/app/cpus.h"
#include "dataplane/app/discovery.h"
#include "dataplane/app/signals.h"
#include "dataplane/app/standalone.h"
#include "dataplane/app/telemetry.h"
#include "dataplane/configsync/client.h"
#include "dataplane/server/gateway.h"

#include <unistd.h>

namespace ropewalk::dataplane {
namespace {

using std::chrono::nanoseconds;

int fatal(const Error& error) {
  log::error(error.message);
  return 1;
}

std::size_t workers(const Flags& flags) {
  return flags.workers ? flags.workers : app::granted_cpus();
}

// Accepts for the delay, then lets every connection end. A second signal ends them at once.
void shut_down(server::Gateway& gateway, app::Signals& signals, double delay_seconds,
               nanoseconds longest) {
  const auto delay = std::chrono::milliseconds(static_cast<std::int64_t>(delay_seconds * 1000));
  log::info("shutting down", {{"accepting_for_ms", std::to_string(delay.count())}});
  if (delay.count() > 0) {
    const auto end = std::chrono::steady_clock::now() + delay;
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          end - std::chrono::steady_clock::now());
      if (left.count() <= 0 || signals.wait(left) == app::Event::terminate) break;
    }
  }
  gateway.drain(longest, [&signals] { signals.announce_drained(); });
  bool cut = false;
  for (;;) {
    const auto event = signals.wait();
    if (event == app::Event::drained) break;
    if (event != app::Event::terminate || std::exchange(cut, true)) continue;
    log::warning("another signal: requests in flight are given up");
    gateway.cut();
  }
  if (const auto lost = gateway.collect().server.requests_given_up)
    log::warning("shut down before all requests were answered",
                 {{"requests", std::to_string(lost)}});
  else
    log::info("all requests are answered");
}

nanoseconds longest_shutdown(const server::Gateway& gateway) {
  for (const auto& [name, resource] : gateway.resources())
    if (resource->has_service()) return nanoseconds(resource->service().max_shutdown_wait_ns());
  return nanoseconds(0);
}

int run_file(const Flags& flags, server::Gateway& gateway, app::Signals& signals) {
  if (const auto agreed = config::check_allow_missing(flags.allow_missing); !agreed)
    return fatal(agreed.error());
  config::LoadOptions options = load_options(flags);
  options.debug = flags.debug;
  FileWatch watch({flags.config}, [&signals] { signals.request_reload(); });
  config::WatchedFile file(flags.config, std::move(options),
                           [&watch](auto files) { watch.set_paths(std::move(files)); });
  app::Discovery discovery([&signals] { signals.announce_hosts(); });
  auto loaded = app::load(file, flags.port);
  if (!loaded) return fatal(loaded.error());
  if (const auto installed = app::install(*loaded, discovery, gateway); !installed)
    return fatal(installed.error());

  std::atomic<bool> stopping = false;
  std::atomic<bool> refused = false;  // the newest version of the file
  app::AdminState state;
  state.not_ready = [&stopping] { return stopping ? std::string("shutting down") : std::string(); };
  state.controller_connected = [] { return -1; };
  state.rejected_resources = [&refused] { return refused ? 1 : 0; };
  state.config = [&gateway] { return app::dump(gateway.resources()); };
  const auto admin = app::start_admin(flags.admin, flags.admin_given, gateway, state);
  if (!admin) return fatal(admin.error());
  log::info("serving",
            {{"config", flags.config},
             {"port", std::to_string(gateway.listeners().front().port)},
             {"endpoints", std::to_string(gateway.snapshot()->graph->endpoints.size())}});

  for (;;) {
    const auto event = signals.wait();
    if (event == app::Event::terminate) break;
    if (event == app::Event::hosts) discovery.update(loaded->resources, gateway);
    if (event != app::Event::reload) continue;
    auto next = app::load(file, flags.port);
    if (next) {
      if (const auto installed = app::install(*next, discovery, gateway); !installed)
        next = std::unexpected(installed.error());
    }
    refused = !next;
    if (!next) {
      log::error("the configuration is not taken over, the old one stays: " + next.error().message);
      continue;
    }
    loaded = std::move(next);
    log::info("configuration replaced", {{"version", gateway.snapshot()->graph->version}});
  }
  stopping = true;
  shut_down(gateway, signals, flags.shutdown_delay, longest_shutdown(gateway));
  return 0;
}

std::string host_name() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return name;
}

int run_controlled(const Flags& flags, server::Gateway& gateway, app::Signals& signals) {
  configsync::SyncOptions options;
  options.target = flags.controller;
  options.node_id = flags.node_id.empty() ? host_name() : flags.node_id;
  options.gateway = flags.gateway;
  options.build = kVersion;
  for (const std::string_view name : config::implemented_namespaces())
    options.extra_config_namespaces.emplace_back(name);
  if (!flags.tls_cert.empty() || !flags.tls_key.empty() || !flags.tls_ca.empty())
    options.tls = tls_from_files({flags.tls_cert, flags.tls_key, flags.tls_ca});
  options.server_name = flags.server_name;
  options.insecure_stream = flags.insecure_stream;
  options.state_dir = flags.state_dir;
  configsync::SyncClient sync(std::move(options), gateway);

  std::vector<server::ListenerSpec> listeners{{"", flags.port.value_or(8080), false}};
  if (flags.tls_port != 0) listeners.push_back({"", flags.tls_port, true});
  if (const auto listening = gateway.listen(listeners); !listening) return fatal(listening.error());
  if (const auto started = sync.start(); !started) return fatal(started.error());

  std::atomic<bool> stopping = false;
  app::AdminState state;
  state.not_ready = [&] {
    if (stopping) return std::string("shutting down");
    return sync.ready() ? std::string() : std::string("no complete configuration yet");
  };
  state.controller_connected = [&sync] { return sync.connected() ? 1 : 0; };
  state.rejected_resources = [&sync] { return sync.status().rejected.size(); };
  state.config = [&gateway] { return app::dump(gateway.resources()); };
  auto admin = app::start_admin(flags.admin, flags.admin_given, gateway, state);
  if (!admin) return fatal(admin.error());
  std::string ports = std::to_string(gateway.listeners().front().port);
  if (gateway.listeners().size() > 1) ports += "," + std::to_string(gateway.listeners()[1].port);
  log::info("waiting for configuration", {{"controller", flags.controller}, {"ports", ports}});

  while (signals.wait() != app::Event::terminate) {
  }
  stopping = true;
  shut_down(gateway, signals, flags.shutdown_delay, longest_shutdown(gateway));
  admin->reset();
  sync.stop();
  return 0;
}

}  // namespace

int run(const Flags& flags) {
  if (flags.config.empty() == flags.controller.empty())
    return fatal({Kind::config, Origin::gateway, Retry::no,
                  "run: give either -c FILE or --controller HOST:PORT"});
  auto proxies = backend::ProxyRules::from(load_options(flags).environment);
  if (!proxies) return fatal(proxies.error());
  app::Signals signals;
  telemetry::AccessLog access_log(*log::parse_format(flags.log_format), STDOUT_FILENO);
  server::Gateway::Options options;
  options.workers = workers(flags);
  options.compile.identity = compile::Identity::of(flags.compat_version);
  options.compile.first_certificate_is_default = flags.controller.empty();
  options.access_log = &access_log;
  options.proxies = std::make_shared<const backend::ProxyRules>(std::move(*proxies));
  server::Gateway gateway(options);
  app::Telemetry telemetry({.collect = [&gateway] { return gateway.collect(); },
                            .access_log = &access_log,
                            .log_format_given = flags.log_format_given,
                            .log_level_given = flags.log_level_given,
                            .log_format = *log::parse_format(flags.log_format),
                            .log_level = *log::parse_level(flags.log_level),
                            .command_line = "ropewalk run"});
  gateway.on_service([&telemetry](const config::v1::Service& service) {
    telemetry.apply(service);
    return telemetry.tracer();
  });
  return flags.controller.empty() ? run_file(flags, gateway, signals)
                                  : run_controlled(flags, gateway, signals);
}

}  // namespace ropewalk::dataplane
