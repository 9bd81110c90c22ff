#include "cmd/dataplane/flags.h"

#include "cmd/command_line.h"
#include "common/version.h"

#include <CLI/CLI.hpp>

namespace ropewalk::dataplane {

std::optional<int> parse_flags(int argc, char** argv, Flags& flags) {
  CLI::App app("Ropewalk, an API gateway that merges the answers of many backends into one.",
               "ropewalk");
  app.set_version_flag("--version", std::string("ropewalk ") + kVersion);
  app.require_subcommand(1);

  CLI::App* run =
      app.add_subcommand("run", "Serve a KrakenD configuration, or what a controller sends");
  run->add_option("-c,--config", flags.config, "KrakenD configuration (.json, .yaml, .toml)")
      ->type_name("FILE");
  run->add_flag("-d,--debug", flags.debug, "Open the /__debug/ endpoint, log at level debug");
  run->add_option("-p,--port", flags.port, "Listen here, whatever the configuration says (8080)")
      ->type_name("PORT")
      ->check(cmd::not_a_port);
  run->add_option("--workers", flags.workers, "Threads; default: the CPUs that the cgroup grants")
      ->envname("ROPEWALK_WORKERS");
  CLI::Option* admin =
      run->add_option("--admin", flags.admin,
                      "Admin listener: /healthz /readyz /metrics /config (127.0.0.1:9180)")
          ->type_name("HOST:PORT");
  run->add_option("--shutdown-delay", flags.shutdown_delay,
                  "Seconds between SIGTERM and the end of accepting (0); /readyz fails meanwhile");
  run->add_option("--compat-version", flags.compat_version,
                  "Name the gateway as this KrakenD version in headers")
      ->envname("ROPEWALK_COMPAT_VERSION");
  CLI::Option* log_format = run->add_option("--log-format", flags.log_format, "text or json")
                                ->check(CLI::IsMember({"text", "json"}));
  CLI::Option* log_level =
      run->add_option("--log-level", flags.log_level, "debug, info, warning or error")
          ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
  const std::string stream = "With a controller";
  run->add_option("--controller", flags.controller, "Take the configuration from this controller")
      ->type_name("HOST:PORT")
      ->group(stream);
  run->add_option("--tls-port", flags.tls_port, "HTTPS port (8443; 0: none)")
      ->type_name("PORT")
      ->check(cmd::not_a_port)
      ->group(stream);
  run->add_option("--gateway-name", flags.gateway, "Which gateway's configuration (default)")
      ->group(stream);
  run->add_option("--node-id", flags.node_id, "Unique name of this data plane (the host name)")
      ->group(stream);
  run->add_option("--state-dir", flags.state_dir, "Keep the last good configuration in this folder")
      ->group(stream);
  run->add_option("--tls-cert", flags.tls_cert, "Certificate of this end of the stream")
      ->group(stream);
  run->add_option("--tls-key", flags.tls_key, "Its private key")->group(stream);
  run->add_option("--tls-ca", flags.tls_ca, "CA that signed the controller's certificate")
      ->group(stream);
  run->add_option("--server-name", flags.server_name,
                  "Name in the controller's certificate (the host called)")
      ->group(stream);
  run->add_flag("--insecure-stream", flags.insecure_stream,
                "Allow a stream without TLS off loopback")
      ->group(stream);

  CLI::App* check = app.add_subcommand("check", "Say what is wrong with a configuration");
  check->add_option("-c,--config", flags.config, "KrakenD configuration (.json, .yaml, .toml)")
      ->type_name("FILE");
  check->add_flag("--schema", flags.schema, "Print the JSON Schema of what is read, for editors");
  check->alias("validate");
  check->add_flag("-d,--debug", flags.debug, "Print the settings, endpoints and backends read");
  check->add_flag("-t,--test-gin-routes", flags.test, "Compile the routes too (always done)");
  check->add_flag("-l,--lint", flags.lint,
                  "Fail for whatever would be ignored; with -d, name each key that is supported");

  check->add_flag("-n,--lint-no-network", flags.lint,
                  "As --lint, which never asks a network for a schema");
  check
      ->add_option("-s,--lint-schema", flags.lint_schema,
                   "As --lint; the file is not read, what is supported is known here")
      ->type_name("FILE");
  check->add_option("-i,--indent", flags.indent, "Taken from KrakenD, without effect")
      ->type_name("N");

  for (CLI::App* command : {run, check})
    command
        ->add_option("--allow-missing", flags.allow_missing,
                     "Run without this namespace of KrakenD's paid edition, which this build lacks")
        ->type_name("NAME")
        ->allow_extra_args(false);

  CLI::App* migrate = app.add_subcommand(
      "migrate", "Print the version-3 file of a configuration of version 1 or 2");
  migrate->add_option("-c,--config", flags.config, "The old file (.json, .yaml, .toml)")
      ->type_name("FILE")
      ->required();

  CLI::App* version = app.add_subcommand("version", "Print the version");

  if (const auto code = cmd::parse(app, argc, argv)) return code;
  flags.admin_given = admin->count() > 0;
  if (!flags.lint_schema.empty()) flags.lint = true;
  flags.log_format_given = log_format->count() > 0;
  flags.log_level_given = log_level->count() > 0;
  if (*run) flags.command = Flags::Command::run;
  if (*check) flags.command = Flags::Command::check;
  if (*migrate) flags.command = Flags::Command::migrate;
  if (*version) flags.command = Flags::Command::version;
  return std::nullopt;
}

}  // namespace ropewalk::dataplane
