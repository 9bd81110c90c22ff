#include "config/extra/ratelimit.h"

#include "common/strings.h"
#include "config/strict.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace ropewalk::config {
namespace {

using nlohmann::json;

constexpr double kSecond = 1e9;
constexpr double kLongest = 2e18;  // interval: 73 years are never

// `every` in nanoseconds. Below `least` it counts as `otherwise`, as KrakenD has it.
double period(StrictReader& reader, double least, double otherwise) {
  const auto every = reader.duration("every");
  if (!every) return kSecond;
  if (static_cast<double>(*every) >= least) return static_cast<double>(*every);
  reader.warn("every", "below the shortest period: counts as 1s");
  return otherwise;
}

json bucket(double rate, double every, std::int64_t burst) {
  const double interval = std::clamp(every / rate, 1.0, kLongest);
  return {{"interval_ns", static_cast<std::int64_t>(interval)}, {"burst", burst}};
}

double per_second(double rate, double every) { return rate * kSecond / every; }

// A capacity of 0 is none.
std::int64_t capacity(StrictReader& reader, std::string_view key, double otherwise) {
  const std::int64_t given = reader.count(key).value_or(0);
  if (given > 0) return given;
  return otherwise < 1 ? 1 : static_cast<std::int64_t>(std::min(otherwise, kLongest));
}

void read_strategy(StrictReader& reader, const std::vector<std::string>* parameters, json& client) {
  const std::string strategy = to_lower(reader.text("strategy"));
  const std::string key = reader.text("key");
  client["strategy"] = strategy;
  client["key"] = key;
  if (strategy == "ip") return;
  if (strategy == "header") {
    if (key.empty()) reader.warn("key", "missing: every request is refused with 429");
    if (iequals(key, "Host"))
      reader.warn("key", "names no client: every request is refused with 429");
    return;
  }
  if (strategy == "param" && parameters) {
    if (std::ranges::find(*parameters, key) == parameters->end())
      reader.warn("key", "no placeholder of the endpoint: every request is refused with 429");
    return;
  }
  const json* given = reader.find("strategy");
  reader.refuse("strategy",
                std::string(parameters ? "expected ip, header or param" : "expected ip or header") +
                    (given ? ", got " + shown(*given) : ": without it no client is limited"));
}

std::string text_of(const json& block) {
  return block.empty() ? std::string() : block.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string read_with_clients(const ExtraValue& extra, const std::vector<std::string>* parameters,
                              Diagnostics& diagnostics) {
  StrictReader reader(extra, diagnostics);
  json out = json::object();
  const double every = period(reader, kSecond, kSecond);
  const double rate = reader.number("max_rate").value_or(0);
  const double client_rate = reader.number("client_max_rate").value_or(0);
  const std::int64_t all = capacity(reader, "capacity", per_second(rate, every));
  // KrakenD's default of client_capacity looks at max_rate.
  const std::int64_t each = capacity(
      reader, "client_capacity", per_second(rate, every) < 1 ? 1 : per_second(client_rate, every));
  if (rate > 0) out["all"] = bucket(rate, every, all);
  if (client_rate > 0) {
    out["client"] = bucket(client_rate, every, each);
    read_strategy(reader, parameters, out["client"]);
  } else {
    reader.text("strategy");
    reader.text("key");
  }
  if (reader.flag("rate_limit_headers") && !out.empty()) out["headers"] = true;
  // One process, no shards to choose: the memory is bounded anyhow.
  for (const std::string_view key : {"num_shards", "cleanup_period", "cleanup_threads"})
    reader.ignore(key);
  reader.finish();
  if (out.empty()) diagnostics.warn(extra.path, "neither max_rate nor client_max_rate: no limit");
  return text_of(out);
}

}  // namespace

std::string read_router_rate_limit(const ExtraValue& extra,
                                   const std::vector<std::string>& parameters,
                                   Diagnostics& diagnostics) {
  return read_with_clients(extra, &parameters, diagnostics);
}

std::string read_service_rate_limit(const ExtraValue& extra, Diagnostics& diagnostics) {
  return read_with_clients(extra, nullptr, diagnostics);
}

std::string read_backend_rate_limit(const ExtraValue& extra, Diagnostics& diagnostics) {
  StrictReader reader(extra, diagnostics);
  json out = json::object();
  const double every = period(reader, 1, kSecond);
  const double rate = reader.number("max_rate").value_or(0);
  const std::int64_t burst = capacity(reader, "capacity", per_second(rate, every));
  if (rate > 0) out["all"] = bucket(rate, every, burst);
  reader.finish();
  if (out.empty()) diagnostics.warn(extra.path, "no max_rate: no limit");
  return text_of(out);
}

}  // namespace ropewalk::config
