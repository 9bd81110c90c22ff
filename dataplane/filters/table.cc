// Every namespace that acts on requests, in the order in which requests meet it.
#include "dataplane/filters/bot_detector/bot_detector.h"
#include "dataplane/filters/cors/cors.h"
#include "dataplane/filters/ip_filter/ip_filter.h"
#include "dataplane/filters/response_headers/response_headers.h"
#include "dataplane/filters/security_http/security_http.h"
#include "dataplane/pipeline/factory.h"

#include <array>

namespace ropewalk::pipeline {
namespace {

using config::Level;

constexpr Factory gate(std::string_view space, Level level, MakeGate make) {
  return {space, level, level == Level::service ? Stage::service_gate : Stage::endpoint_gate, make,
          nullptr};
}

// Within a stage from the client towards the backend (krakend-features.md section 0).
constexpr auto kFactories = std::to_array<Factory>({
    gate("security/cors", Level::service, filters::make_cors),
    gate("plugin/http-server", Level::service, filters::make_ip_filter),
    gate("modifier/response-headers", Level::service, filters::make_response_headers),
    gate("security/http", Level::service, filters::make_security_http),
    gate("security/bot-detector", Level::service, filters::make_bot_detector),
    gate("modifier/response-headers", Level::endpoint, filters::make_response_headers),
    gate("plugin/req-resp-modifier", Level::endpoint, filters::make_ip_filter),
    gate("security/http", Level::endpoint, filters::make_security_http),
    gate("security/bot-detector", Level::endpoint, filters::make_bot_detector),
});

}  // namespace

std::span<const Factory> factories() { return kFactories; }

}  // namespace ropewalk::pipeline
