#include "dataplane/filters/auth/key_source.h"

#include "common/jose/base64.h"
#include "common/jose/jwk.h"
#include "common/strings.h"
#include "dataplane/net/client_tls.h"
#include "ropewalk/config/v1/config.pb.h"

namespace ropewalk::auth {
namespace {

config::v1::BackendTls tls_settings(const Settings& settings) {
  constexpr std::uint32_t kTls12 = 0x0303;
  config::v1::BackendTls out;
  out.set_min_version(kTls12);
  out.set_allow_insecure_connections(settings.flag("insecure"));
  out.set_ca_pem(settings.text("ca"));
  if (const json::Value* suites = settings.find("ciphers"); suites && suites->is_list())
    for (const json::Value& suite : suites->elements())
      out.add_cipher_suites(static_cast<std::uint32_t>(suite.as_integer().value_or(0)));
  return out;
}

std::vector<std::string> pins_of(const Settings& settings) {
  std::vector<std::string> out;
  for (const std::string& pin : settings.texts("pins"))
    if (auto bytes = jose::from_base64url(pin)) out.push_back(std::move(*bytes));
  return out;
}

// Suites by numbers that OpenSSL does not have are left out, as Go does; where none is left, only
// TLS 1.3 remains, which has suites of its own.
Result<std::shared_ptr<const net::ClientTls>> build_tls(const Settings& settings) {
  constexpr std::uint32_t kTls13 = 0x0304;
  config::v1::BackendTls wanted = tls_settings(settings);
  const auto pins = pins_of(settings);
  auto made = net::ClientTls::build(&wanted, pins);
  if (made || wanted.cipher_suites().empty()) return made;
  config::v1::BackendTls usable = wanted;
  usable.clear_cipher_suites();
  for (const std::uint32_t suite : wanted.cipher_suites()) {
    config::v1::BackendTls trial;
    trial.set_min_version(wanted.min_version());
    trial.set_allow_insecure_connections(true);
    trial.add_cipher_suites(suite);
    if (net::ClientTls::build(&trial)) usable.add_cipher_suites(suite);
  }
  if (usable.cipher_suites().empty()) usable.set_min_version(kTls13);
  return net::ClientTls::build(&usable, pins);
}

// "https://a", "http://b" -> one store each, shared by whoever asks for the same with the same
// settings: by the whole gateway where the service says so, else by one endpoint over reloads.
std::string identity_of(const std::string& url, const Settings& settings,
                        const pipeline::Site& site, jose::KeyNaming naming, bool shared,
                        const KeyCacheSettings& cache) {
  return "auth/keys " + (shared ? std::string("*") : std::string(site.id)) + " " + url + " " +
         std::to_string(static_cast<int>(naming)) + " " + std::to_string(cache.keep) + " " +
         std::to_string(cache.life.count()) + " " + std::to_string(cache.cooldown.count()) + " " +
         sha256_hex(tls_settings(settings).SerializeAsString()) + " " +
         join(settings.texts("pins"), ",");
}

// The life of keys that endpoints share, 0 where they do not (auth/validator of the service).
std::int64_t shared_seconds(const pipeline::Site& site) {
  if (!site.service) return 0;
  const auto at = site.service->extra_config().find("auth/validator");
  if (at == site.service->extra_config().end()) return 0;
  const auto settings = Settings::parse(at->second);
  return settings ? settings->number("shared_s") : 0;
}

}  // namespace

Result<KeySource> KeySource::make(const Settings& settings, const pipeline::Site& site,
                                  jose::KeyNaming naming, KeyCacheSettings cache) {
  KeySource out;
  if (settings.find("keys")) {
    auto keys = jose::parse_key_set(settings.text("keys"));
    if (!keys) return fail(Kind::config, "jwk_local_path: " + keys.error().message);
    out.local_ = keys_by_name(*keys, naming);
    return out;
  }
  const std::int64_t shared = cache.keep && cache.may_share ? shared_seconds(site) : 0;
  if (shared > 0) cache.life = std::chrono::seconds(shared);
  Stores stores;
  for (const std::string& url : settings.texts("urls")) {
    KeyStoreSettings of{.url = url,
                        .plain_redirects = settings.flag("insecure"),
                        .tls = nullptr,
                        .naming = naming,
                        .user_agent = std::string(site.user_agent),
                        .cache = cache};
    // A pin says nothing about a connection without TLS (KrakenD).
    if (url.starts_with("https:") || of.plain_redirects) {
      auto tls = build_tls(settings);
      if (!tls) return fail(Kind::config, "TLS to the key server: " + tls.error().message);
      of.tls = std::move(*tls);
    }
    const std::string identity = identity_of(url, settings, site, naming, shared > 0, cache);
    out.started_.push_back(site.state<std::atomic_flag>("auth/keys#begun " + url));
    stores.push_back(site.state<KeyStore>(identity, std::move(of)));
  }
  out.stores_ = std::make_shared<const Stores>(std::move(stores));
  return out;
}

void KeySource::begin(pipeline::Services& services) const {
  for (std::size_t i = 0; i < stores_->size(); ++i)
    if (!started_[i]->test_and_set()) (*stores_)[i]->fetch(services, {});
}

KeySource::Found KeySource::find(const std::string& name, pipeline::Services& services) const {
  if (stores_->empty()) {
    const auto at = local_.find(name);
    return at == local_.end() ? Found{} : Found{State::found, at->second};
  }
  bool absent = false;
  for (const auto& store : *stores_) {
    const auto found = store->find(name, steady_now());
    if (found.state == KeyCache::State::due) store->fetch(services, {});
    if (found.key) return {State::found, found.key};
    absent = absent || found.state == KeyCache::State::absent;
  }
  return {absent ? State::wait : State::none, nullptr};
}

void KeySource::fetch(const std::string& name, pipeline::Services& services,
                      std::function<void(KeyPtr)> done) const {
  ask(stores_, 0, name, services, std::move(done));
}

void KeySource::ask(const std::shared_ptr<const Stores>& stores, std::size_t position,
                    const std::string& name, pipeline::Services& services,
                    std::function<void(KeyPtr)> done) {
  for (;; ++position) {
    if (position >= stores->size()) return done(nullptr);
    const auto found = (*stores)[position]->find(name, steady_now());
    if (found.key) return done(found.key);  // another fetch has brought it
    // A server that refused the name a short while ago is not asked again.
    if (found.state == KeyCache::State::absent) break;
  }
  (*stores)[position]->fetch(services, [stores, position, name, &services,
                                        done = std::move(done)](const FetchedKeys& keys) {
    if (keys)
      if (const auto at = keys->find(name); at != keys->end()) return done(at->second);
    (*stores)[position]->missed(name, steady_now());
    ask(stores, position + 1, name, services, done);
  });
}

}  // namespace ropewalk::auth
