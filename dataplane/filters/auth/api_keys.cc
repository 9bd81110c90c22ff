#include "dataplane/filters/auth/api_keys.h"

#include "common/keyed_table.h"
#include "common/strings.h"
#include "dataplane/filters/auth/settings.h"
#include "dataplane/filters/auth/token_place.h"
#include "ropewalk/config/v1/config.pb.h"

#include <openssl/evp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <vector>

namespace ropewalk::auth {
namespace {

using pipeline::Passage;
using pipeline::Step;

std::string hex(const unsigned char* bytes, std::size_t length) {
  std::string out;
  for (std::size_t i = 0; i < length; ++i) {
    out += "0123456789abcdef"[bytes[i] >> 4];
    out += "0123456789abcdef"[bytes[i] & 0xF];
  }
  return out;
}

std::string digest(const char* name, const std::string& text) {
  unsigned char out[EVP_MAX_MD_SIZE];
  std::size_t length = 0;
  if (EVP_Q_digest(nullptr, name, nullptr, text.data(), text.size(), out, &length) != 1) return {};
  return hex(out, length);
}

// FNV-1 with 128 bits: multiply, then XOR.
std::string fnv128(std::string_view text) {
  using Wide = unsigned __int128;
  constexpr Wide kPrime = (Wide{0x1000000} << 64) + 0x13B;
  Wide hash = (Wide{0x6c62272e07bb0142} << 64) + 0x62b821756295c58d;
  for (const char c : text) {
    hash *= kPrime;
    hash ^= static_cast<unsigned char>(c);
  }
  unsigned char bytes[16];
  for (int i = 15; i >= 0; --i, hash >>= 8) bytes[i] = static_cast<unsigned char>(hash & 0xFF);
  return hex(bytes, sizeof bytes);
}

int digit(char c) {
  const auto at = std::string_view("0123456789abcdef").find(lower(c));
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (text.size() - i < 3 || digit(text[i + 1]) < 0 || digit(text[i + 2]) < 0)
        return std::nullopt;
      out += static_cast<char>(digit(text[i + 1]) << 4 | digit(text[i + 2]));
      i += 2;
    }
  }
  return out;
}

// Calls per second with one second's worth of burst (GCRA, one word).
class Rate {
 public:
  explicit Rate(double per_second)
      : interval_(static_cast<std::int64_t>(1e9 / per_second)),
        burst_(std::max<std::int64_t>(0, 1'000'000'000 - interval_)) {}

  bool take(std::int64_t now) {
    std::int64_t due = due_.load(std::memory_order_relaxed);
    for (;;) {
      const std::int64_t begin = std::max(due, now);
      if (begin - now > burst_) return false;
      if (due_.compare_exchange_weak(due, begin + interval_, std::memory_order_relaxed))
        return true;
    }
  }

 private:
  const std::int64_t interval_;
  const std::int64_t burst_;
  std::atomic<std::int64_t> due_{0};
};

struct Holder {
  std::string role;  // the first of the endpoint's that the key has
  std::shared_ptr<Rate> rate;
};

struct Options {
  bool in_query = false;
  std::string name;
  std::string hash;
  std::string salt;
  std::string propagate_role;
};

class ApiKeys final : public pipeline::Gate {
 public:
  // `holders` by SHA-256 of the stored form: how long a look-up takes says nothing about a key.
  ApiKeys(Options options, KeyedMap<Holder> holders)
      : options_(std::move(options)), holders_(std::move(holders)) {}

  Step run(Passage& passage) const override {
    const auto key = find_key(passage);
    const auto holder =
        key ? holders_.find(sha256_hex(stored_form(options_.hash, options_.salt, *key)))
            : holders_.end();
    if (holder == holders_.end()) return refuse(passage, 401);
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    if (holder->second.rate && !holder->second.rate->take(std::chrono::nanoseconds(now).count()))
      return refuse(passage, 429);
    if (!options_.propagate_role.empty())
      pipeline::set_field(passage.head->fields, passage.arena, options_.propagate_role,
                          holder->second.role);
    return Step::next;
  }

  std::optional<pipeline::CredentialPlace> credential() const override {
    return pipeline::CredentialPlace{options_.in_query, options_.name};
  }

 private:
  static Step refuse(Passage& passage, unsigned status) {
    passage.answer(status, "", "");
    return Step::done;
  }

  std::optional<std::string> find_key(const Passage& passage) const {
    if (options_.in_query) return query_value(passage.head->query, options_.name);
    const http::Field* field = pipeline::find_field(passage.head->fields, options_.name);
    if (!field || field->value.empty()) return std::nullopt;
    return std::string(without_bearer(field->value));
  }

  const Options options_;
  const KeyedMap<Holder> holders_;
};

std::vector<std::string> roles_of(const json::Value& entry) {
  std::vector<std::string> out;
  const json::Value* roles = entry.find("roles");
  if (roles && roles->is_list())
    for (const json::Value& role : roles->elements())
      if (role.is_string()) out.push_back(role.string());
  return out;
}

// Nothing for a key without any of the wanted roles.
std::optional<std::string> matching_role(const std::vector<std::string>& wanted,
                                         const std::vector<std::string>& held) {
  if (wanted.empty()) return "ANY";
  for (const std::string& role : held)
    if (std::ranges::find(wanted, role) != wanted.end()) return role;
  return std::nullopt;
}

// What a key has left outlives a change of anything else.
std::shared_ptr<Rate> rate_of(const pipeline::Site& site, const std::string& digest, double rate) {
  return site.state<Rate>(
      std::string(site.id) + "#auth/api-keys " + std::to_string(rate) + " " + digest, rate);
}

}  // namespace

std::string stored_form(std::string_view hash, std::string_view salt, std::string_view key) {
  if (hash == "plain") return std::string(key);
  const std::string text = std::string(salt) + std::string(key);
  if (hash == "fnv128") return fnv128(text);
  return digest(hash == "sha1" ? "SHA1" : "SHA256", text);
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  for (const std::string_view part : split(query, '&')) {
    const auto equals = part.find('=');
    if (decoded(part.substr(0, equals)) != name) continue;
    return decoded(equals == std::string_view::npos ? "" : part.substr(equals + 1));
  }
  return std::nullopt;
}

Result<std::shared_ptr<const pipeline::Gate>> make_api_keys(const pipeline::Site& site) {
  const auto own = Settings::parse(site.text);
  if (!own) return std::unexpected(own.error());
  const auto at = site.service->extra_config().find("auth/api-keys");
  if (at == site.service->extra_config().end())
    return fail(Kind::config, "the keys are missing: auth/api-keys at the root");
  const auto service = Settings::parse(at->second);
  if (!service) return std::unexpected(service.error());
  Options options{
      .in_query = own->find("in_query") ? own->flag("in_query") : service->flag("in_query"),
      .name = own->find("name") ? own->text("name") : service->text("name"),
      .hash = service->text("hash"),
      .salt = service->text("salt"),
      .propagate_role = service->text("propagate_role")};
  const auto wanted = own->texts("roles");
  const double rate = own->fraction("rate");
  KeyedMap<Holder> holders;
  const json::Value* keys = service->find("keys");
  if (keys && keys->is_list()) {
    for (const json::Value& entry : keys->elements()) {
      const json::Value* key = entry.find("key");
      const auto role = matching_role(wanted, roles_of(entry));
      if (!key || !key->is_string() || !role) continue;
      const std::string stored = options.hash == "plain" ? key->string() : to_lower(key->string());
      const std::string digest = sha256_hex(stored);
      holders.insert_or_assign(digest,
                               Holder{*role, rate > 0 ? rate_of(site, digest, rate) : nullptr});
    }
  }
  return std::make_shared<const ApiKeys>(std::move(options), std::move(holders));
}

}  // namespace ropewalk::auth
