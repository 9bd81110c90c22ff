// The command line of `ropewalk`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ropewalk::dataplane {

struct Flags {
  enum class Command { none, run, check, migrate, version };
  Command command = Command::none;

  std::string config;                 // -c: a KrakenD file
  bool debug = false;                 // -d: run opens /__debug/, check prints what it read
  std::optional<std::uint16_t> port;  // -p
  bool lint = false;                  // check -l, -n, -s: a warning is an error
  std::string lint_schema;            // check -s: named and not read
  std::string indent;                 // check -i: without effect
  bool schema = false;                // check --schema: print the JSON Schema
  bool test = false;  // check -t: compiles the routes too (always done; KrakenD's spelling)

  std::vector<std::string> allow_missing;  // namespaces of the paid edition to run without

  std::string controller;  // HOST:PORT
  std::uint16_t tls_port = 8443;
  std::string gateway = "default";
  std::string node_id;  // "": the host name
  std::string state_dir;
  std::string tls_cert, tls_key, tls_ca, server_name;
  bool insecure_stream = false;

  std::string admin = "127.0.0.1:9180";
  bool admin_given = false;
  std::size_t workers = 0;    // 0: the CPUs that the cgroup grants
  double shutdown_delay = 0;  // seconds
  std::string compat_version;
  std::string log_format = "text";
  std::string log_level = "info";
  bool log_format_given = false;  // counts more than telemetry/logging
  bool log_level_given = false;
};

// Exits the process for --help and for flags that are not understood; the exit code is returned
// then.
std::optional<int> parse_flags(int argc, char** argv, Flags& flags);

}  // namespace ropewalk::dataplane
