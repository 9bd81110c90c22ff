// The root keys of a KrakenD document -> Service, its TlsSecrets, and what endpoints inherit. One
// thread.
#pragma once

#include "config/endpoint.h"
#include "config/files.h"
#include "config/reader.h"
#include "ropewalk/config/v1/config.pb.h"

#include <vector>

namespace ropewalk::config {

struct ServiceSettings {
  v1::Service service;
  std::vector<v1::Resource> secrets;  // without hashes
  Defaults defaults;
};

// Leaves `endpoints` to the caller. Errors and warnings go to the reader's diagnostics.
ServiceSettings read_service(Reader& root, Files& files, bool debug);

}  // namespace ropewalk::config
