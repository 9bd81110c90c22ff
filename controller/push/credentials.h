// gRPC server credentials that ask for the certificates again at every handshake: a rotated
// certificate or CA is used without a restart and without cutting streams.
#pragma once

#include "common/stream_tls.h"

#include <grpcpp/security/server_credentials.h>

#include <memory>

namespace ropewalk::controller {

// Clients have to show a certificate of the CA. While `source` fails, the last good certificates
// stay. The error is that of the first call of `source`. To be kept as long as the server, which
// does not own them.
Result<std::shared_ptr<grpc::ServerCredentials>> reloading_credentials(TlsSource source);

}  // namespace ropewalk::controller
