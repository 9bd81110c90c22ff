#include "dataplane/filters/auth/revoker.h"

#include "dataplane/filters/auth/settings.h"
#include "ropewalk/config/v1/config.pb.h"

namespace ropewalk::auth {

void Revocations::revoke(std::string_view entry) {
  const std::lock_guard lock(mutex_);
  filter_.add(entry, std::chrono::steady_clock::now());
}

bool Revocations::revoked(std::string_view entry) {
  const std::lock_guard lock(mutex_);
  return filter_.contains(entry, std::chrono::steady_clock::now());
}

void RevocationsPort::begin() {
  std::call_once(begun_, [this] {
    port_ = std::make_unique<RevokerPort>(
        wanted_, RevokerPort::Target{
                     [into = into_](std::string_view entry) { into->revoke(entry); },
                     [into = into_](std::string_view entry) { return into->revoked(entry); }});
  });
}

bool Revoker::refuses(const json::Value& claims) const {
  for (const std::string& name : token_keys_) {
    const json::Value* value = claims.find(name);
    if (!value || !value->is_string()) continue;
    if (revocations_->revoked(name + "-" + value->string())) return true;
  }
  return false;
}

Result<std::shared_ptr<Revoker>> find_revoker(const pipeline::Site& site) {
  if (!site.service) return nullptr;
  const auto at = site.service->extra_config().find("auth/revoker");
  if (at == site.service->extra_config().end()) return nullptr;
  const auto settings = Settings::parse(at->second);
  if (!settings) return fail(Kind::config, "auth/revoker: " + settings.error().message);
  const RotatingFilter::Shape shape{
      .elements = static_cast<std::uint64_t>(settings->number("elements")),
      .false_positives = settings->fraction("false_positives"),
      .ttl = std::chrono::seconds(settings->number("ttl_s"))};
  if (shape.elements == 0 || shape.ttl.count() <= 0 || !(shape.false_positives > 0))
    return fail(Kind::config, "auth/revoker: expected N, P and TTL above 0");
  const auto port = static_cast<std::uint16_t>(settings->number("port"));
  const std::string key = "service#auth/revoker " + std::to_string(shape.elements) + " " +
                          std::to_string(shape.false_positives) + " " +
                          std::to_string(shape.ttl.count());
  auto revocations = site.state<Revocations>(key, shape);
  auto opening = port == 0 ? nullptr
                           : site.state<RevocationsPort>(key + " port " + std::to_string(port),
                                                         revocations, port);
  return std::make_shared<Revoker>(settings->texts("token_keys"), std::move(revocations),
                                   std::move(opening));
}

Result<std::shared_ptr<const pipeline::Gate>> make_revoker(const pipeline::Site& site) {
  const auto revoker = find_revoker(site);
  if (!revoker) return std::unexpected(revoker.error());
  return nullptr;
}

}  // namespace ropewalk::auth
