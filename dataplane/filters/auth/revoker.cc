#include "dataplane/filters/auth/revoker.h"

#include "dataplane/filters/auth/settings.h"
#include "ropewalk/config/v1/config.pb.h"

namespace ropewalk::auth {

bool Revoker::refuses(const json::Value& claims) {
  const auto now = std::chrono::steady_clock::now();
  for (const std::string& name : token_keys_) {
    const json::Value* value = claims.find(name);
    if (!value || !value->is_string()) continue;
    const std::string entry = name + "-" + value->string();
    const std::lock_guard lock(mutex_);
    if (filter_.contains(entry, now)) return true;
  }
  return false;
}

void Revoker::revoke(std::string_view entry) {
  const std::lock_guard lock(mutex_);
  filter_.add(entry, std::chrono::steady_clock::now());
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
  if (!site.states) return std::make_shared<Revoker>(settings->texts("token_keys"), shape);
  return site.states->get<Revoker>("service#auth/revoker " + at->second,
                                   settings->texts("token_keys"), shape);
}

Result<std::shared_ptr<const pipeline::Gate>> make_revoker(const pipeline::Site& site) {
  const auto revoker = find_revoker(site);
  if (!revoker) return std::unexpected(revoker.error());
  return nullptr;
}

}  // namespace ropewalk::auth
