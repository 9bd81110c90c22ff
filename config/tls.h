// Root keys `tls` and `client_tls`. Contents of files travel in the model. Both protect: what is
// unreadable, no certificate or no pair is refused (design 7.1). One thread.
#pragma once

#include "config/files.h"
#include "config/reader.h"
#include "ropewalk/config/v1/config.pb.h"

#include <vector>

namespace ropewalk::config {

// Sets service.tls, and appends the TlsSecrets it names ("tls/file/<public_key>"). Nothing when the
// key is absent or `disabled`.
void read_server_tls(Reader& root, Files& files, v1::Service& service,
                     std::vector<v1::Resource>& secrets);

// Sets service.client_tls; the older root key allow_insecure_connections: true counts as well.
void read_client_tls(Reader& root, Files& files, v1::Service& service);

}  // namespace ropewalk::config
