// One endpoint object in KrakenD's spelling -> the model. Used by load.h for every entry of
// "endpoints", and by the controller for the annotation `endpoints`. Pure apart from files that
// extra_config names; any thread may call.
//
// Errors are Kind::config, one line that begins with the path of the value: "endpoints[0].timeout:
// expected a duration such as 300ms or 1m30s, got \"soon\"".
#pragma once

#include "common/error.h"
#include "config/files.h"
#include "config/key_listener.h"
#include "config/warning.h"
#include "ropewalk/config/v1/config.pb.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::config {

enum class HostRule : std::uint8_t {
  inherit,  // files: `host` of the backend, else Defaults::hosts
  refuse,   // annotations: hosts come from Services, the key `host` is an error
};

enum class BackendRule : std::uint8_t {
  required,  // files: at least one backend
  optional,  // annotations: an entry without `backend` yields none, the caller adds its own
};

// What an endpoint inherits (root keys of a KrakenD file).
struct Defaults {
  std::int64_t timeout_ns = 2'000'000'000;
  std::int64_t cache_ttl_ns = 0;
  std::string output_encoding = "json";
  bool disable_rest = false;
  HostRule host_rule = HostRule::inherit;
  BackendRule backend_rule = BackendRule::required;
  std::vector<v1::HostSet::Host> hosts;
  // Null (annotations): a key that names a file is refused.
  Files* files = nullptr;
  // Keys of the object that belong to the caller ("name", "join", "order"): neither read nor warned
  // about.
  std::vector<std::string_view> callers_keys;
  const KeyListener* known_keys = nullptr;
};

// sd: dns: hosts are those that the SRV records of a name say.
struct DnsName {
  std::string name;  // "_api._tcp.example.org"; as it is asked for, whether it can exist or not
  bool tls = false;  // sd_scheme
  bool operator==(const DnsName&) const = default;
};

struct ParsedBackend {
  v1::Backend backend;  // without host_set, tls and display_name
  std::vector<v1::HostSet::Host> hosts;
  std::optional<DnsName> discovered;  // then `hosts` is empty
  std::string path;                   // where it stands: "endpoints[0].backend[1]"
};

struct ParsedEndpoint {
  v1::Endpoint endpoint;  // without hostnames and backends; path and method are final
  std::vector<ParsedBackend> backends;
  // False: KrakenD registers no route for this method (anything but GET POST PUT PATCH DELETE);
  // a warning says so and the entry is to be left out.
  bool routable = true;
};

Result<ParsedEndpoint> parse_endpoint(const nlohmann::json& object, const Defaults& defaults,
                                      std::string path, std::vector<Warning>& warnings);

// A backend that is parsed apart from its endpoint (the annotation's `join` with `backend`).
struct BackendDefaults {
  std::string method = "GET";                        // the endpoint's
  v1::Encoding output_encoding = v1::ENCODING_JSON;  // no-op at the endpoint forces it on backends
  HostRule host_rule = HostRule::refuse;
  std::vector<v1::HostSet::Host> hosts;
  Files* files = nullptr;  // null (annotations): a key that names a file is refused
  // Names of the endpoint's parameters, against which url_pattern is checked.
  std::vector<std::string> parameters;
};

Result<ParsedBackend> parse_backend(const nlohmann::json& object, const BackendDefaults& defaults,
                                    std::string path, std::vector<Warning>& warnings);

}  // namespace ropewalk::config
