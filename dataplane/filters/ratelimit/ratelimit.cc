#include "dataplane/filters/ratelimit/ratelimit.h"

#include "dataplane/filters/ratelimit/client_buckets.h"
#include "dataplane/filters/ratelimit/client_key.h"
#include "dataplane/filters/ratelimit/settings.h"
#include "ropewalk/config/v1/config.pb.h"

#include <chrono>

namespace ropewalk::ratelimit {
namespace {

using pipeline::Flow;
using pipeline::Passage;
using pipeline::Site;
using pipeline::Step;

Nanoseconds now() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string state_key(const Site& site, std::string_view space) {
  return std::string(site.id) + "#" + std::string(space) + " " + std::string(site.text);
}

// Whole seconds, rounded up: a client that waits that long is let through.
std::string seconds(Nanoseconds time) {
  constexpr Nanoseconds kSecond = 1'000'000'000;
  return std::to_string((time + kSecond - 1) / kSecond);
}

// RateLimit-* as draft-ietf-httpapi-ratelimit-headers-03 names them, Retry-After of RFC 9110.
void tell(Passage& passage, const Rate& rate, const Verdict& verdict) {
  std::string& fields = passage.answer_fields;
  fields += "RateLimit-Limit: " + std::to_string(rate.burst()) + "\r\n";
  fields += "RateLimit-Remaining: " + std::to_string(verdict.remaining) + "\r\n";
  fields += "RateLimit-Reset: " + seconds(verdict.reset) + "\r\n";
  if (!verdict.allowed) fields += "Retry-After: " + seconds(verdict.retry) + "\r\n";
}

class LimitGate final : public pipeline::Gate {
 public:
  LimitGate(Settings settings, std::shared_ptr<SharedBucket> all,
            std::shared_ptr<ClientBuckets> clients)
      : settings_(std::move(settings)), all_(std::move(all)), clients_(std::move(clients)) {}

  Step run(Passage& passage) const override {
    constexpr unsigned kTooMany = 429;
    constexpr unsigned kUnavailable = 503;
    const Nanoseconds moment = now();
    if (settings_.client) {
      const ClientLimit& limit = *settings_.client;
      const std::string client = client_key(limit, passage);
      if (client.empty()) return refuse(passage, kTooMany);
      const Verdict verdict = clients_->take(limit.rate, client, moment);
      if (settings_.headers) tell(passage, limit.rate, verdict);
      if (!verdict.allowed) return refuse(passage, kTooMany);
    }
    if (settings_.all) {
      const Verdict verdict = all_->take(*settings_.all, moment);
      const bool untold = settings_.headers && !settings_.client;
      if (untold) tell(passage, *settings_.all, verdict);
      if (!verdict.allowed) {
        if (settings_.headers && !untold)
          passage.answer_fields += "Retry-After: " + seconds(verdict.retry) + "\r\n";
        return refuse(passage, kUnavailable);
      }
    }
    return Step::next;
  }

 private:
  static Step refuse(Passage& passage, unsigned status) {
    passage.answer(status, "", "");
    return Step::done;
  }

  const Settings settings_;
  const std::shared_ptr<SharedBucket> all_;
  const std::shared_ptr<ClientBuckets> clients_;
};

// Parameters are known by the name that KrakenD gives them: the first letter in upper case. A key
// that is no placeholder as written finds nothing.
void name_parameter(ClientLimit& limit, const Site& site) {
  if (limit.strategy != Strategy::param || limit.key.empty()) return;
  const std::string path = site.endpoint ? site.endpoint->path() : std::string();
  const bool known = path.contains("{" + limit.key + "}") || path.contains(":" + limit.key);
  if (!known) {
    limit.key.clear();
    return;
  }
  char& first = limit.key.front();
  if (first >= 'a' && first <= 'z') first = static_cast<char>(first - 'a' + 'A');
}

Result<std::shared_ptr<const pipeline::Gate>> make_gate(const Site& site, std::string_view space) {
  auto settings = parse_settings(site.text);
  if (!settings) return std::unexpected(settings.error());
  if (!settings->all && !settings->client) return nullptr;
  const std::string key = state_key(site, space);
  std::shared_ptr<ClientBuckets> clients;
  if (settings->client) {
    name_parameter(*settings->client, site);
    auto budget = site.state<SlotBudget>("qos/ratelimit");
    clients = site.state<ClientBuckets>(key + " clients", random_sip_key(), budget);
  }
  auto all = site.state<SharedBucket>(key);
  return std::make_shared<LimitGate>(std::move(*settings), std::move(all), std::move(clients));
}

class BackendLimit final : public pipeline::Filter {
 public:
  BackendLimit(Rate rate, std::shared_ptr<SharedBucket> bucket)
      : rate_(rate), bucket_(std::move(bucket)) {}

  pipeline::AnswerUse answer_use() const override { return pipeline::AnswerUse::nothing; }

  Step on_request(Flow& flow) const override {
    if (bucket_->take(rate_, now()).allowed) return Step::next;
    flow.error.kind = Kind::unavailable;
    flow.error.message = "rate limit exceded";  // KrakenD's text, as it spells it
    return Step::fail;
  }

 private:
  const Rate rate_;
  const std::shared_ptr<SharedBucket> bucket_;
};

}  // namespace

Result<std::shared_ptr<const pipeline::Gate>> make_router_limit(const Site& site) {
  return make_gate(site, "qos/ratelimit/router");
}

Result<std::shared_ptr<const pipeline::Gate>> make_service_limit(const Site& site) {
  return make_gate(site, "qos/ratelimit/service");
}

Result<std::shared_ptr<const pipeline::Filter>> make_backend_limit(const Site& site) {
  const auto settings = parse_settings(site.text);
  if (!settings) return std::unexpected(settings.error());
  if (!settings->all) return nullptr;
  auto bucket = site.state<SharedBucket>(state_key(site, "qos/ratelimit/proxy"));
  return std::make_shared<BackendLimit>(*settings->all, std::move(bucket));
}

}  // namespace ropewalk::ratelimit
