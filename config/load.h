// KrakenD configuration -> the gateway model. Used by the data plane (`run -c`, `check`) and by the
// controller (`--gateway-config`). Any thread may call; nothing is kept between calls.
#pragma once

#include "common/error.h"
#include "config/files.h"
#include "config/key_listener.h"
#include "config/locate.h"
#include "config/warning.h"
#include "ropewalk/config/v1/config.pb.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::config {

// Root keys that endpoints inherit which are not part of the file (the controller's, of Services).
struct Inherited {
  std::string output_encoding = "json";
  std::int64_t cache_ttl_ns = 0;
};

// A HostSet resource whose hosts are found by DNS (sd: dns); it has none in the file.
struct DnsHosts {
  std::string host_set;
  std::string name;  // of the SRV records
  bool tls = false;
  bool operator==(const DnsHosts&) const = default;
};

struct Loaded {
  // Exactly one Service; Endpoint, Backend, HostSet and TlsSecret resources with names as proto/
  // describes them. Hashes are set.
  std::vector<v1::Resource> resources;
  std::vector<Warning> warnings;  // everything that is ignored, once per key
  std::vector<Position> places;   // of each warning; line 0 where its path names no value
  std::vector<std::string>
      files;  // every file read and folder listed, the configuration first: what a reload watches
  Inherited inherited;
  std::vector<DnsHosts> discovered;
};

struct LoadOptions {
  // KRAKEND_* overrides, FC_*, and what templates ask for by name.
  std::map<std::string, std::string> environment;
  std::string working_directory =
      ".";             // relative file names in the configuration are looked up here
  bool debug = false;  // -d: opens /__debug/
  // Namespaces of the paid edition that may be left out where this build lacks them
  // (config/consent.h); without it they are refused.
  std::vector<std::string> allow_missing;
  KeyListener known_keys;    // empty: nobody listens
  FileListener named_files;  // likewise; not told of the configuration itself
};

// Errors (Kind::config or io): one line with file, line, column, path in the document and what was
// expected. With FC_ENABLE the file is a template (config/flexible.h).
Result<Loaded> load_file(const std::string& path, const LoadOptions& options);
Result<Loaded> load_text(std::string_view text, Syntax syntax, const std::string& file_name,
                         const LoadOptions& options);

}  // namespace ropewalk::config
