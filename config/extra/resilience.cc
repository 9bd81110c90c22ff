#include "config/extra/resilience.h"

#include "config/strict.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace ropewalk::config {
namespace {

using nlohmann::json;

constexpr std::int64_t kHighestStatus = 999;

std::vector<std::uint32_t> statuses(StrictReader& reader, std::string_view key) {
  std::vector<std::uint32_t> out;
  for (const std::int64_t code : reader.counts(key)) {
    if (code < 100 || code > kHighestStatus)
      reader.refuse(key, "expected statuses from 100 to 999, got " + std::to_string(code));
    else
      out.push_back(static_cast<std::uint32_t>(code));
  }
  std::ranges::sort(out);
  return out;
}

std::uint32_t between(StrictReader& reader, std::string_view key, std::uint32_t fallback,
                      std::int64_t lowest, std::int64_t highest) {
  const auto value = reader.count(key);
  if (!value) return fallback;
  if (*value >= lowest && *value <= highest) return static_cast<std::uint32_t>(*value);
  reader.refuse(key, "expected a number from " + std::to_string(lowest) + " to " +
                         std::to_string(highest) + ", got " + std::to_string(*value));
  return fallback;
}

RetryRules read_retry(const ExtraValue& extra, Diagnostics& diagnostics) {
  StrictReader reader(extra, diagnostics);
  RetryRules out;
  out.attempts = between(reader, "attempts", out.attempts, 1, 5);
  if (reader.has("status_codes")) out.status_codes = statuses(reader, "status_codes");
  out.budget_percent = between(reader, "budget_percent", out.budget_percent, 1, 100);
  reader.finish();
  return out;
}

EjectionRules read_ejection(const ExtraValue& extra, Diagnostics& diagnostics) {
  constexpr std::int64_t kLeast = 100'000'000;
  constexpr std::int64_t kMost = 3'600'000'000'000;
  StrictReader reader(extra, diagnostics);
  EjectionRules out;
  out.consecutive_failures =
      between(reader, "consecutive_failures", out.consecutive_failures, 1, 1'000'000);
  out.max_percent = between(reader, "max_percent", out.max_percent, 1, 100);
  if (const auto time = reader.duration("time")) {
    out.time_ns = *time;
    if (*time < kLeast || *time > kMost)
      reader.refuse("time", "expected a duration from 100ms to 1h");
  }
  reader.finish();
  return out;
}

json as_json(const Resilience& rules) {
  json out = json::object();
  if (!rules.valid_status_codes.empty()) out["valid_status_codes"] = rules.valid_status_codes;
  if (rules.accept_empty_body) out["accept_empty_body"] = true;
  if (rules.retry)
    out["retry"] = {{"attempts", rules.retry->attempts},
                    {"status_codes", rules.retry->status_codes},
                    {"budget_percent", rules.retry->budget_percent}};
  if (rules.ejection)
    out["ejection"] = {{"consecutive_failures", rules.ejection->consecutive_failures},
                       {"time", std::to_string(rules.ejection->time_ns) + "ns"},
                       {"max_percent", rules.ejection->max_percent}};
  if (rules.least_request) out["balancing"] = "least_request";
  return out;
}

}  // namespace

Resilience read_resilience(const ExtraValue& extra, Diagnostics& diagnostics) {
  StrictReader reader(extra, diagnostics);
  Resilience out;
  out.valid_status_codes = statuses(reader, "valid_status_codes");
  out.accept_empty_body = reader.flag("accept_empty_body");
  if (const json* retry = reader.find("retry"))
    out.retry = read_retry({retry, child(extra.path, "retry")}, diagnostics);
  if (const json* ejection = reader.find("ejection"))
    out.ejection = read_ejection({ejection, child(extra.path, "ejection")}, diagnostics);
  const std::string balancing = reader.text("balancing");
  out.least_request = balancing == "least_request";
  if (!balancing.empty() && !out.least_request && balancing != "round_robin")
    reader.refuse("balancing", "expected round_robin or least_request, got \"" + balancing + "\"");
  reader.finish();
  return out;
}

std::string to_text(const Resilience& rules) {
  const json out = as_json(rules);
  return out.empty() ? std::string() : out.dump();
}

Result<Resilience> parse_resilience(std::string_view text) {
  const json document = json::parse(text, nullptr, false);
  std::vector<Warning> warnings;
  Diagnostics diagnostics(warnings);
  const std::string path = "ropewalk/backend";
  Resilience out = read_resilience({&document, path}, diagnostics);
  if (diagnostics.failed()) return std::unexpected(diagnostics.error());
  return out;
}

}  // namespace ropewalk::config
