#include "cmd/controller/run.h"

#include "common/admin/admin_server.h"
#include "common/log.h"
#include "common/stream_tls.h"
#include "controller/app/controller.h"
#include "controller/app/gateway_config.h"
#include "controller/app/minted.h"
#include "controller/app/relay.h"
#include "controller/kube/folder_source.h"
#include "controller/kube/kubernetes_source.h"
#include "controller/kube/log_status.h"
#include "controller/kube/minter.h"
#include "controller/push/server.h"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

namespace ropewalk::controller {
namespace {

// Blocked before the first thread starts, so that every thread inherits it and main alone waits.
sigset_t block_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGUSR1}) sigaddset(&set, number);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGHUP, SIG_IGN);  // every file is watched: there is nothing to reload
  return set;
}

// True when certificates came, false when the program shall end.
bool wait_for_certificates(const sigset_t& set, const MintedCertificates& minted) {
  while (!minted.ready()) {
    int number = 0;
    sigwait(&set, &number);
    if (number != SIGUSR1) return false;
  }
  return true;
}

void wait_for_end(const sigset_t& set) {
  for (int number = SIGUSR1; number == SIGUSR1;) sigwait(&set, &number);
}

int fatal(const Error& error) {
  log::error(error.message);
  return 1;
}

std::string identity() {
  if (const char* pod = std::getenv("POD_NAME"); pod && *pod) return pod;
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return name;
}

// Where objects come from, and where status goes.
struct Ends {
  std::unique_ptr<Source> source;
  std::unique_ptr<kube::LogStatus> log_status;
  StatusSink* status = nullptr;
};

bool wants_minting(const Flags& flags) {
  return flags.source == "kubernetes" && flags.tls_cert.empty() && flags.tls_key.empty() &&
         flags.tls_ca.empty() && !flags.insecure_stream && !is_loopback(flags.listen);
}

Result<Ends> open_source(const Flags& flags, MintedCertificates& minted) {
  Ends ends;
  if (flags.source.starts_with("dir=")) {
    auto folder = kube::FolderSource::create(flags.source.substr(4));
    if (!folder) return std::unexpected(folder.error());
    ends.source = std::move(*folder);
    ends.log_status = std::make_unique<kube::LogStatus>();
    ends.status = ends.log_status.get();
    return ends;
  }
  kube::KubernetesOptions options;
  auto cluster = kube::load_cluster_config(flags.kubeconfig, kube::process_environment());
  if (!cluster) return std::unexpected(cluster.error());
  options.cluster = std::move(*cluster);
  options.namespaces = flags.namespaces;
  options.release = flags.release;
  options.gateway_name = flags.gateway_name;
  // The Lease and the Secrets live beside the controller, whatever namespace a kubeconfig names.
  if (const char* home = std::getenv("POD_NAMESPACE")) options.home_namespace = home;
  options.identity = identity();
  if (wants_minting(flags))
    options.on_certificates = [&minted](const kube::StreamCertificates& made) {
      minted.put({made.certificate_pem, made.key_pem, made.ca_pem});
      ::kill(::getpid(), SIGUSR1);
    };
  auto source = kube::KubernetesSource::create(std::move(options));
  if (!source) return std::unexpected(source.error());
  ends.status = &(*source)->status();
  ends.source = std::move(*source);
  return ends;
}

Result<std::unique_ptr<admin::AdminServer>> open_admin(const Flags& flags, const Relay& relay) {
  auto server = admin::AdminServer::listen(flags.admin);
  if (!server) {
    if (flags.admin_given) return std::unexpected(server.error());
    log::warning("no admin listener", {{"reason", server.error().message},
                                       {"hint", "--admin HOST:PORT chooses another"}});
    return nullptr;
  }
  (*server)->handle("/healthz", [](std::string_view) { return admin::Answer{.body = "ok\n"}; });
  (*server)->handle("/readyz", [&relay](std::string_view) {
    const bool ready = relay.ask([](const Controller& c) { return c.published(); }, false);
    return ready ? admin::Answer{.body = "ok\n"}
                 : admin::Answer{.status = 503, .body = "nothing was published yet\n"};
  });
  (*server)->handle("/metrics", [&relay](std::string_view) {
    return admin::Answer{
        .content_type = "text/plain; version=0.0.4; charset=utf-8",
        .body = relay.ask([](const Controller& c) { return c.metrics(); }, std::string())};
  });
  (*server)->handle("/problems", [&relay](std::string_view) {
    return admin::Answer{
        .content_type = "application/json",
        .body = problems_to_json(relay.ask([](const Controller& c) { return c.problems(); },
                                           std::vector<ReportedProblem>{kNothingPublished}))};
  });
  (*server)->start();
  return server;
}

Options translate_options(const Flags& flags) {
  Options options;
  options.gateway_name = flags.gateway_name;
  options.allow_external_name = flags.allow_external_name;
  options.allow_insecure_backends = flags.allow_insecure_backends;
  options.allow_loopback_addresses = flags.source.starts_with("dir=");
  options.default_tls_secret = flags.default_tls_secret;
  return options;
}

PushServer::Options push_options(const Flags& flags, MintedCertificates& minted) {
  PushServer::Options options;
  options.listen = flags.listen;
  options.gateway_name = flags.gateway_name;
  options.insecure_stream = flags.insecure_stream;
  if (!flags.tls_cert.empty() || !flags.tls_key.empty() || !flags.tls_ca.empty())
    options.tls = tls_from_files({flags.tls_cert, flags.tls_key, flags.tls_ca});
  else if (wants_minting(flags))
    options.tls = minted.source();
  return options;
}

int run_all(const Flags& flags, const sigset_t& signals) {
  MintedCertificates minted;
  Relay relay;
  const auto admin = open_admin(flags, relay);
  if (!admin) return fatal(admin.error());
  std::unique_ptr<GatewayConfig> gateway_config;
  if (!flags.gateway_config.empty()) {
    auto opened =
        GatewayConfig::open(flags.gateway_config, [&relay] { relay.on_change(Change::objects); });
    if (!opened) return fatal(opened.error());
    gateway_config = std::move(*opened);
  }
  auto ends = open_source(flags, minted);
  if (!ends) return fatal(ends.error());
  ends->source->start([&relay](Change change) { relay.on_change(change); });
  if (wants_minting(flags) && !wait_for_certificates(signals, minted)) {
    ends->source->stop();
    return 0;
  }
  auto push = PushServer::start(push_options(flags, minted));
  if (!push) {
    ends->source->stop();
    return fatal(push.error());
  }
  log::info("serving data planes", {{"gateway", flags.gateway_name},
                                    {"port", std::to_string((*push)->port())},
                                    {"admin_port", std::to_string(*admin ? (*admin)->port() : 0)}});
  Controller controller(translate_options(flags), *ends->source, *ends->status, **push,
                        gateway_config.get());
  controller.start();
  relay.connect(&controller);
  wait_for_end(signals);
  log::info("shutting down");
  relay.connect(nullptr);
  controller.stop();
  ends->source->stop();
  return 0;
}

}  // namespace

int run(const Flags& given) {
  Flags flags = given;
  if (flags.source.empty() && (std::getenv("KUBERNETES_SERVICE_HOST") || !flags.kubeconfig.empty()))
    flags.source = "kubernetes";
  if (flags.source.empty())
    return fatal({Kind::config, Origin::gateway, Retry::no,
                  "--source is required outside a cluster: kubernetes or dir=PATH"});
  return run_all(flags, block_signals());
}

}  // namespace ropewalk::controller
