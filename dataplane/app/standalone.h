// `ropewalk run -c FILE`: a configuration from a file, reloaded when it (or a file it names)
// changes.
#pragma once

#include "common/error.h"
#include "config/load.h"
#include "dataplane/server/gateway.h"

#include <cstdint>
#include <optional>
#include <string>

namespace ropewalk::app {

struct FileSource {
  std::string path;
  config::LoadOptions options;
  std::optional<std::uint16_t> port;  // -p
};

struct LoadedFile {
  configsync::ResourceMap resources;
  server::ListenerSpec listener;
  std::chrono::nanoseconds max_shutdown_wait{};
  std::vector<std::string> files;
};

// Reads the file and logs each warning once.
Result<LoadedFile> load(const FileSource& source);

// Puts a loaded file into force. On error what was served is served on.
Result<void> install(const LoadedFile& loaded, server::Gateway& gateway);

}  // namespace ropewalk::app
