#include "config/extra/auth_revoker.h"

#include "config/strict.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

namespace ropewalk::config {

using nlohmann::json;

std::string read_revoker(const ExtraValue& extra, Diagnostics& diagnostics) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  constexpr double kMostBits = 8.0 * 512 * 1024 * 1024;  // in each of three generations
  StrictReader reader(extra, diagnostics, KeyCase::any);
  json out = json::object();
  const std::uint64_t elements = reader.whole("N", kMost);
  if (elements == 0)
    reader.refuse("N", "expected how many tokens may be revoked at a time, at least 1");
  double rate = 0;
  const json* probability = reader.find("P");
  if (probability && probability->is_number()) rate = probability->get<double>();
  if (!(rate > 0 && rate <= 1))
    reader.refuse_value("P", "the rate of false positives, above 0 and at most 1",
                        probability ? *probability : json(nullptr));
  else if (-static_cast<double>(elements) * std::log(rate) / 0.4804 > kMostBits)
    reader.refuse("N", "with this P the filter needs more than 512 MiB");
  const std::string hash = reader.text("hash_name");
  if (hash != "optimal" && hash != "default")
    reader.refuse("hash_name", "expected optimal or default, got " + shown(json(hash)));
  const std::uint64_t ttl = reader.whole("TTL", kMost);
  if (ttl == 0)
    reader.refuse("TTL", "expected the seconds for which a token stays revoked, at least 1");
  out["elements"] = elements;
  out["false_positives"] = rate;
  out["optimal"] = hash == "optimal";
  out["ttl_s"] = ttl;
  out["token_keys"] = reader.texts("token_keys");
  if (!reader.texts("headers").empty()) reader.warn("headers", "no effect, as in KrakenD");
  out["port"] = reader.whole("port", 65535);
  for (const std::string_view key : {"revoke_server_ping_url", "revoke_server_ping_interval",
                                     "revoke_server_api_key", "revoke_server_max_workers"})
    if (reader.find(key)) reader.refuse(key, "a revoke server is not supported yet");
  reader.finish();
  return out.dump();
}

}  // namespace ropewalk::config
