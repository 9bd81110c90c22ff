#include "config/blocks.h"

#include "config/extra/auth_api_keys.h"
#include "config/extra/auth_basic.h"
#include "config/extra/auth_revoker.h"
#include "config/extra/auth_signer.h"
#include "config/extra/auth_validator.h"
#include "config/extra/backend_http.h"
#include "config/extra/bot_detector.h"
#include "config/extra/cel.h"
#include "config/extra/circuit_breaker.h"
#include "config/extra/client_credentials.h"
#include "config/extra/cors.h"
#include "config/extra/http_cache.h"
#include "config/extra/json_schema.h"
#include "config/extra/logging.h"
#include "config/extra/lua.h"
#include "config/extra/martian.h"
#include "config/extra/opentelemetry.h"
#include "config/extra/plugins.h"
#include "config/extra/ratelimit.h"
#include "config/extra/resilience.h"
#include "config/extra/response_headers.h"
#include "config/extra/security_http.h"

#include <algorithm>
#include <array>

namespace ropewalk::config {
namespace {

using Extra = const ExtraValue&;
using Context = const BlockContext&;
using Found = Diagnostics&;

struct Row {
  Level level;
  std::string_view name;
  std::string (*read)(Extra, Context, Found);
};

// clang-format off
constexpr auto kRows = std::to_array<Row>({
    {Level::service, "auth/api-keys", [](Extra e, Context, Found d) { return read_api_keys(e, d); }},
    {Level::service, "auth/basic", [](Extra e, Context c, Found d) { return read_basic(e, c.files, d); }},
    {Level::service, "auth/revoker", [](Extra e, Context, Found d) { return read_revoker(e, d); }},
    {Level::service, "auth/validator", [](Extra e, Context, Found d) { return read_shared_key_cache(e, d); }},
    {Level::service, "modifier/lua-endpoint", [](Extra e, Context c, Found d) { return read_lua(e, LuaPlace::endpoint, c, d); }},
    {Level::service, "modifier/response-headers", [](Extra e, Context, Found d) { return read_response_headers(e, d); }},
    {Level::service, "plugin/http-server", [](Extra e, Context, Found d) { return read_plugins(e, d); }},
    {Level::service, "qos/ratelimit/service", [](Extra e, Context, Found d) { return read_service_rate_limit(e, d); }},
    {Level::service, "security/bot-detector", [](Extra e, Context, Found d) { return read_bot_detector(e, d); }},
    {Level::service, "security/cors", [](Extra e, Context, Found d) { return read_cors(e, d); }},
    {Level::service, "security/http", [](Extra e, Context, Found d) { return read_security_http(e, d); }},
    {Level::service, "telemetry/logging", [](Extra e, Context, Found d) { return read_logging(e, d); }},
    {Level::service, "telemetry/logstash", [](Extra e, Context, Found d) { return read_logstash(e, d); }},
    {Level::service, "telemetry/metrics", [](Extra e, Context, Found d) { return read_metrics(e, d); }},
    {Level::service, "telemetry/opentelemetry", [](Extra e, Context, Found d) { return read_opentelemetry(e, d); }},
    {Level::endpoint, "auth/api-keys", [](Extra e, Context, Found d) { return read_api_key_roles(e, d); }},
    {Level::endpoint, "auth/basic", [](Extra e, Context c, Found d) { return read_basic(e, c.files, d); }},
    {Level::endpoint, "auth/signer", [](Extra e, Context c, Found d) { return read_signer(e, c.files, d); }},
    {Level::endpoint, "auth/validator", [](Extra e, Context c, Found d) { return read_validator(e, c.files, d); }},
    {Level::endpoint, "modifier/lua-endpoint", [](Extra e, Context c, Found d) { return read_lua(e, LuaPlace::endpoint, c, d); }},
    {Level::endpoint, "modifier/lua-proxy", [](Extra e, Context c, Found d) { return read_lua(e, LuaPlace::proxy, c, d); }},
    {Level::endpoint, "modifier/response-headers", [](Extra e, Context, Found d) { return read_response_headers(e, d); }},
    {Level::endpoint, "plugin/req-resp-modifier", [](Extra e, Context, Found d) { return read_plugins(e, d); }},
    {Level::endpoint, "qos/ratelimit/router", [](Extra e, Context c, Found d) { return read_router_rate_limit(e, *c.parameters, d); }},
    {Level::endpoint, "security/bot-detector", [](Extra e, Context, Found d) { return read_bot_detector(e, d); }},
    {Level::endpoint, "security/http", [](Extra e, Context, Found d) { return read_security_http(e, d); }},
    {Level::endpoint, "validation/cel", [](Extra e, Context c, Found d) { return read_cel(e, c.has_validator, d); }},
    {Level::endpoint, "validation/json-schema", [](Extra e, Context c, Found d) { return read_json_schema(e, c.files, d); }},
    {Level::backend, "auth/client-credentials", [](Extra e, Context, Found d) { return read_client_credentials(e, d); }},
    {Level::backend, "backend/http", [](Extra e, Context, Found d) { return to_text(read_backend_http(e, d)); }},
    {Level::backend, "modifier/lua-backend", [](Extra e, Context c, Found d) { return read_lua(e, LuaPlace::backend, c, d); }},
    {Level::backend, "modifier/martian", [](Extra e, Context c, Found d) { return read_martian(e, c, d); }},
    {Level::backend, "qos/circuit-breaker", [](Extra e, Context, Found d) { return read_circuit_breaker(e, d); }},
    {Level::backend, "qos/http-cache", [](Extra e, Context, Found d) { return read_http_cache(e, d); }},
    {Level::backend, "qos/ratelimit/proxy", [](Extra e, Context, Found d) { return read_backend_rate_limit(e, d); }},
    {Level::backend, "ropewalk/backend", [](Extra e, Context, Found d) { return to_text(read_resilience(e, d)); }},
    {Level::backend, "validation/cel", [](Extra e, Context, Found d) { return read_cel(e, false, d); }},
});
// clang-format on

}  // namespace

std::string read_block(Level level, std::string_view name, Extra extra, Context context,
                       Found diagnostics) {
  const auto row = std::ranges::find_if(
      kRows, [&](const Row& known) { return known.level == level && known.name == name; });
  return row == kRows.end() ? std::string() : row->read(extra, context, diagnostics);
}

}  // namespace ropewalk::config
