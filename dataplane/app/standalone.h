// `ropewalk run -c FILE`: a configuration from a file, reloaded when it (or a file it names)
// changes.
#pragma once

#include "common/error.h"
#include "config/watched_file.h"
#include "dataplane/server/gateway.h"

#include <cstdint>
#include <optional>
#include <string>

namespace ropewalk::app {

class Discovery;

struct LoadedFile {
  configsync::ResourceMap resources;
  server::ListenerSpec listener;
  std::vector<config::DnsHosts> discovered;  // see discovery.h
  std::chrono::nanoseconds dns_ttl{};        // 0: the usual one
};

// Reads the file and logs each warning once. `port` (-p) stands above the file's.
Result<LoadedFile> load(config::WatchedFile& file, std::optional<std::uint16_t> port);

// The resources of a file by name.
configsync::ResourceMap by_name(std::vector<config::v1::Resource> resources);

// Puts a loaded file into force. On error what was served is served on.
Result<void> install(const LoadedFile& loaded, Discovery& discovery, server::Gateway& gateway);

}  // namespace ropewalk::app
