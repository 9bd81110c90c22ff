#include "dataplane/filters/auth/key_store.h"

#include "common/jose/jwk.h"
#include "common/log.h"
#include "common/strings.h"
#include "dataplane/http/reference.h"

#include <utility>

namespace ropewalk::auth {
namespace {

constexpr int kMostRedirects = 10;

std::string_view field(const pipeline::FetchAnswer& answer, std::string_view name) {
  for (const auto& [key, value] : answer.headers)
    if (iequals(key, name)) return value;
  return {};
}

bool is_redirect(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

Result<KeyMap> keys_of(const pipeline::FetchAnswer& answer, jose::KeyNaming naming) {
  const std::string_view type = field(answer, "Content-Type");
  if (!type.starts_with("application/json") && !type.starts_with("application/jwk-set+json"))
    return fail(Kind::decode, "the content type is not JSON", Origin::backend);
  auto keys = jose::parse_key_set(answer.body);
  if (!keys) return std::unexpected(keys.error());
  return keys_by_name(*keys, naming);
}

std::string redirect_target(std::string_view url, std::string_view location, bool plain_allowed) {
  if (location.empty()) return {};
  const auto from = http::parse_url(url);
  const auto to = from ? http::resolve_reference(*from, location) : from;
  return to && (to->tls || plain_allowed) ? to->text() : std::string();
}

KeyCache::Found KeyStore::find(const std::string& name, TimePoint at) {
  const std::lock_guard lock(mutex_);
  return cache_.find(name, at);
}

void KeyStore::missed(const std::string& name, TimePoint at) {
  const std::lock_guard lock(mutex_);
  cache_.missed(name, at);
}

void KeyStore::fetch(pipeline::Services& services, KeysDone done) {
  {
    const std::lock_guard lock(mutex_);
    if (done) waiters_.push_back({services.post, std::move(done)});
    if (std::exchange(fetching_, true)) return;
  }
  ask(services, settings_.url, 0);
}

void KeyStore::ask(pipeline::Services& services, std::string url, int redirects) {
  pipeline::FetchRequest request;
  request.url = url;
  request.headers = {{"Accept-Encoding", "gzip"}, {"User-Agent", settings_.user_agent}};
  request.tls = settings_.tls;
  services.fetch(std::move(request), [self = shared_from_this(), &services, url = std::move(url),
                                      redirects](Result<pipeline::FetchAnswer> answer) {
    self->answered(services, url, redirects, std::move(answer));
  });
}

void KeyStore::answered(pipeline::Services& services, const std::string& url, int redirects,
                        Result<pipeline::FetchAnswer> answer) {
  if (answer && is_redirect(answer->status) && redirects < kMostRedirects) {
    const std::string target =
        redirect_target(url, field(*answer, "Location"), settings_.plain_redirects);
    if (!target.empty()) return ask(services, target, redirects + 1);
  }
  const auto complain = [&](const std::string& why) {
    log::error("keys cannot be fetched", {{"url", settings_.url}, {"error", why}});
    finish(nullptr);
  };
  if (!answer) return complain(answer.error().message);
  auto keys = keys_of(*answer, settings_.naming);
  if (!keys) return complain(keys.error().message);
  finish(std::make_shared<const KeyMap>(std::move(*keys)));
}

void KeyStore::finish(const FetchedKeys& keys) {
  std::vector<Waiter> waiters;
  {
    const std::lock_guard lock(mutex_);
    if (keys) cache_.put(*keys, steady_now());
    fetching_ = false;
    waiters.swap(waiters_);
  }
  for (Waiter& waiter : waiters) waiter.post([done = std::move(waiter.done), keys] { done(keys); });
}

}  // namespace ropewalk::auth
