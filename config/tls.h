// Root keys `tls` and `client_tls`, and the client_tls of a backend. Contents of files travel in
// the model. All protect: what is unreadable, no certificate or no pair is refused (design 7.1).
// One thread.
#pragma once

#include "config/files.h"
#include "config/reader.h"
#include "ropewalk/config/v1/config.pb.h"

#include <string>
#include <vector>

namespace ropewalk::config {

// Sets service.tls, and appends the TlsSecrets it names ("tls/file/<public_key>"). Nothing when the
// key is absent or `disabled`.
void read_server_tls(Reader& root, Files& files, v1::Service& service,
                     std::vector<v1::Resource>& secrets);

// One client_tls object, the service's or a backend's own.
void read_backend_tls(const nlohmann::json& object, std::string path, Files& files,
                      v1::BackendTls& tls, Diagnostics& diagnostics);

// Sets service.client_tls; the older root key allow_insecure_connections: true counts as well.
void read_client_tls(Reader& root, Files& files, v1::Service& service);

}  // namespace ropewalk::config
