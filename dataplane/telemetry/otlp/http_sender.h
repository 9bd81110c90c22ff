// OTLP over HTTP/1.1 (POST /v1/traces and /v1/metrics, binary protobuf) on a connection that is
// kept. Blocking sockets: a thread of the exporter's own, never a worker.
#pragma once

#include "dataplane/telemetry/otlp/sender.h"

#include <cstdint>
#include <memory>

namespace ropewalk::telemetry {

std::unique_ptr<OtlpSender> make_http_sender(std::string host, std::uint16_t port);

}  // namespace ropewalk::telemetry
