// OTLP over gRPC, plaintext, as KrakenD's exporter speaks it. Beside dataplane/configsync the only
// place of the data plane that touches gRPC, which starts with the first exporter that needs it.
#pragma once

#include "dataplane/telemetry/otlp/sender.h"

#include <cstdint>
#include <memory>

namespace ropewalk::telemetry {

std::unique_ptr<OtlpSender> make_grpc_sender(const std::string& host, std::uint16_t port);

}  // namespace ropewalk::telemetry
