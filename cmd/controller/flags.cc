#include "cmd/controller/flags.h"

#include "cmd/command_line.h"
#include "common/version.h"

#include <CLI/CLI.hpp>

namespace ropewalk::controller {
namespace {

void add_run(CLI::App& run, Flags& flags) {
  run.add_option("--source", flags.source,
                 "kubernetes, or dir=PATH: a folder of manifests (kubernetes inside a cluster)")
      ->type_name("SOURCE")
      ->check([](const std::string& value) {
        const bool good = value == "kubernetes" || (value.starts_with("dir=") && value.size() > 4);
        return good ? std::string() : "expected kubernetes or dir=PATH, got " + value;
      });
  run.add_option("--gateway-name", flags.gateway_name, "Serve Services of this gateway (default)");
  run.add_option("--gateway-config", flags.gateway_config,
                 "KrakenD document: settings of the gateway and endpoints of its own")
      ->type_name("FILE");
  run.add_option("--default-tls-secret", flags.default_tls_secret,
                 "Secret with the certificate for host names that no other one serves")
      ->type_name("NAMESPACE/NAME")
      ->check([](const std::string& value) {
        const auto slash = value.find('/');
        const bool good = slash != 0 && slash != std::string::npos && slash + 1 < value.size() &&
                          value.find('/', slash + 1) == std::string::npos;
        return good ? std::string() : "expected NAMESPACE/NAME, got " + value;
      });
  run.add_flag("--allow-external-name", flags.allow_external_name,
               "Let Services of type ExternalName be backends, and redirects lead to any host");
  run.add_option("--allow-insecure-backends", flags.allow_insecure_backends,
                 "Let annotations switch off the verification of backends (true)")
      ->type_name("BOOL");
  CLI::Option* admin = run.add_option("--admin", flags.admin,
                                      "Admin listener: /healthz /readyz /metrics /problems "
                                      "(127.0.0.1:9182)")
                           ->type_name("HOST:PORT");
  run.add_option("--log-format", flags.log_format, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  run.add_option("--log-level", flags.log_level, "debug, info, warning or error")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}));

  const std::string stream = "The stream to the data planes";
  run.add_option("--listen", flags.listen, "Data planes connect here (127.0.0.1:9181)")
      ->type_name("HOST:PORT")
      ->group(stream);
  run.add_option("--tls-cert", flags.tls_cert, "Certificate of this end")->group(stream);
  run.add_option("--tls-key", flags.tls_key, "Its private key")->group(stream);
  run.add_option("--tls-ca", flags.tls_ca, "CA that signed the data planes' certificates")
      ->group(stream);
  run.add_flag("--insecure-stream", flags.insecure_stream,
               "Allow a stream without TLS off loopback")
      ->group(stream);

  const std::string kubernetes = "With --source kubernetes";
  run.add_option("--kubeconfig", flags.kubeconfig, "How to reach the API server")
      ->type_name("FILE")
      ->group(kubernetes);
  run.add_option("--namespace", flags.namespaces, "Watch this one only; repeatable (all)")
      ->group(kubernetes);
  run.add_option("--release", flags.release,
                 "Begins the names of the Lease and of the stream's Secrets (ropewalk)")
      ->group(kubernetes);

  run.callback([admin, &flags] {
    flags.admin_given = admin->count() > 0;
    flags.command = Flags::Command::run;
  });
}

}  // namespace

std::optional<int> parse_flags(int argc, char** argv, Flags& flags) {
  CLI::App app("Ropewalk's controller: annotated Services become the configuration of gateways.",
               "ropewalk-controller");
  app.set_version_flag("--version", std::string("ropewalk-controller ") + kVersion);
  app.require_subcommand(1);
  add_run(*app.add_subcommand("run", "Watch, translate and push"), flags);
  CLI::App* problems =
      app.add_subcommand("problems", "What is held or refused, and why, by a running controller");
  problems->add_option("--admin", flags.admin, "Its admin listener (127.0.0.1:9182)")
      ->type_name("HOST:PORT");
  problems->callback([&flags] { flags.command = Flags::Command::problems; });
  app.add_subcommand("annotations", "Print the annotations of a Service (docs/annotations.md)")
      ->callback([&flags] { flags.command = Flags::Command::annotations; });
  app.add_subcommand("version", "Print the version")->callback([&flags] {
    flags.command = Flags::Command::version;
  });
  return cmd::parse(app, argc, argv);
}

}  // namespace ropewalk::controller
