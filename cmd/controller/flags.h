// The command line of `ropewalk-controller`.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace ropewalk::controller {

struct Flags {
  enum class Command { none, run, problems, annotations, version };
  Command command = Command::none;

  std::string source;  // "kubernetes", "dir=PATH"; "": kubernetes inside a cluster
  std::string kubeconfig;
  std::vector<std::string> namespaces;  // empty: all
  std::string release = "ropewalk";

  std::string listen = "127.0.0.1:9181";
  std::string tls_cert, tls_key, tls_ca;
  bool insecure_stream = false;
  std::string admin = "127.0.0.1:9182";
  bool admin_given = false;

  std::string gateway_name = "default";
  std::string gateway_config;
  std::string default_tls_secret;
  bool allow_external_name = false;
  bool allow_insecure_backends = true;

  std::string log_format = "text";
  std::string log_level = "info";
};

// The exit code when the command line says all there is to do (--help) or is not understood.
std::optional<int> parse_flags(int argc, char** argv, Flags& flags);

}  // namespace ropewalk::controller
