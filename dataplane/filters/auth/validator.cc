#include "dataplane/filters/auth/validator.h"

#include "common/jose/claim_text.h"
#include "common/jose/signature.h"
#include "common/log.h"
#include "dataplane/filters/auth/settings.h"

#include <chrono>
#include <optional>

namespace ropewalk::auth {
namespace {

using pipeline::Passage;
using pipeline::Step;

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// A claim must not begin a line of its own.
std::string field_value(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return text;
}

// "http..." names are never paths (KrakenD).
bool splits(std::string_view name) {
  return name.find('.') != std::string_view::npos && !name.starts_with("http");
}

class Validator final : public pipeline::Gate {
 public:
  Validator(ValidatorSettings settings, KeySource source, std::shared_ptr<Revoker> revoker,
            std::string endpoint)
      : settings_(std::move(settings)),
        source_(std::move(source)),
        revoker_(std::move(revoker)),
        endpoint_(std::move(endpoint)) {}

  void begin(pipeline::Services& services) const override {
    if (settings_.keeps_keys) source_.begin(services);
    if (revoker_) revoker_->begin();
  }

  std::optional<pipeline::CredentialPlace> credential() const override {
    return pipeline::CredentialPlace{false, settings_.place.header};
  }

  Step run(Passage& passage) const override {
    const TokenText found = find_token(passage.head->fields, settings_.place);
    if (found.state == TokenText::State::absent) return refuse(passage, 401, "no token");
    if (found.state == TokenText::State::ambiguous)
      return refuse(passage, 401, "more than one header with a token");
    Known known{.verdict = cache_.find(found.text)};
    if (!known.verdict) {
      auto token = jose::parse_token(found.text);
      if (!token) return refuse(passage, 401, token.error().message);
      if (token->alg != jose::to_string(settings_.algorithm))
        return refuse(passage, 401, "the token has another algorithm");
      known.token = std::make_shared<const jose::Token>(std::move(*token));
    }
    const std::string name =
        known.verdict ? known.verdict->key_name : jose::key_name(*known.token, settings_.naming);
    const KeySource::Found key = source_.find(name, passage.services());
    if (key.state != KeySource::State::wait) return decide(passage, found.text, known, key.key);
    pipeline::PassageWaker waker = passage.suspend();
    source_.fetch(name, passage.services(),
                  [this, waker, text = std::string(found.text), known](const KeyPtr& fetched) {
                    Passage* waiting = waker.passage();
                    if (waiting) waker.resume(decide(*waiting, text, known, fetched));
                  });
    return Step::wait;
  }

 private:
  struct Known {
    std::shared_ptr<const Verdict> verdict;    // from the cache, or null
    std::shared_ptr<const jose::Token> token;  // without a verdict
  };

  Step refuse(Passage& passage, unsigned status, const std::string& why) const {
    if (settings_.debug)
      log::error("token refused",
                 {{"endpoint", endpoint_}, {"status", std::to_string(status)}, {"reason", why}});
    passage.answer(status, "", "");
    return Step::done;
  }

  Step decide(Passage& passage, std::string_view text, const Known& known,
              const KeyPtr& key) const {
    if (!key) return refuse(passage, 401, "no key for the token");
    std::shared_ptr<const Verdict> verdict = known.verdict;
    if (!verdict || verdict->key_fingerprint != key->fingerprint) {
      auto verified = verify(text, known.token, *key);
      if (!verified) return refuse(passage, 401, verified.error().message);
      verdict = std::move(*verified);
      cache_.put(text, verdict);
    } else if (jose::expired(verdict->claims, settings_.expected, now_ms())) {
      cache_.erase(text);
      return refuse(passage, 401, "expired");
    }
    if (revoker_ && revoker_->refuses(verdict->claims.all)) return refuse(passage, 401, "revoked");
    if (!verdict->allowed) return refuse(passage, 403, "roles or scopes are missing");
    for (const auto& [name, values] : verdict->fields) {
      pipeline::erase_field(passage.head->fields, name);
      for (const std::string& value : values)
        pipeline::add_field(passage.head->fields, passage.arena, name, value);
    }
    passage.claims = verdict->claims.all;
    return Step::next;
  }

  Result<std::shared_ptr<const Verdict>> verify(std::string_view text,
                                                std::shared_ptr<const jose::Token> token,
                                                const jose::Key& key) const {
    if (!token) {
      auto parsed = jose::parse_token(text);
      if (!parsed) return std::unexpected(parsed.error());
      token = std::make_shared<const jose::Token>(std::move(*parsed));
    }
    if (!jose::verify(settings_.algorithm, key, token->signing_input, token->signature))
      return fail(Kind::bad_request, "wrong signature", Origin::client);
    auto claims = jose::parse_claims(token->payload);
    if (!claims) return std::unexpected(claims.error());
    if (auto good = jose::check(*claims, settings_.expected, now_ms()); !good)
      return std::unexpected(good.error());
    auto out = std::make_shared<Verdict>();
    out->allowed = allowed(claims->all);
    out->key_name = jose::key_name(*token, settings_.naming);
    out->key_fingerprint = key.fingerprint;
    for (const ValidatorSettings::Propagated& each : settings_.propagated)
      out->fields.emplace_back(each.field, values_of(claims->all, each));
    out->claims = std::move(*claims);
    return out;
  }

  bool allowed(const json::Value& claims) const {
    if (!settings_.roles.empty() &&
        !jose::holds(jose::find_claim(claims, settings_.roles_key, settings_.roles_nested),
                     settings_.roles, jose::Match::any))
      return false;
    const bool nested = settings_.scopes_key.find('.') != std::string::npos;
    return settings_.scopes.empty() ||
           jose::holds(jose::find_claim(claims, settings_.scopes_key, nested), settings_.scopes,
                       settings_.scopes_match);
  }

  // A missing claim writes an empty value, and so removes what the client sent.
  std::vector<std::string> values_of(const json::Value& claims,
                                     const ValidatorSettings::Propagated& each) const {
    const json::Value* claim = jose::find_claim(claims, each.claim, each.nested);
    if (!claim) return {std::string()};
    if (!settings_.preserve_array) return {field_value(jose::claim_text(*claim))};
    std::vector<std::string> out = jose::claim_texts(*claim);
    for (std::string& text : out) text = field_value(std::move(text));
    return out;
  }

  const ValidatorSettings settings_;
  const KeySource source_;
  const std::shared_ptr<Revoker> revoker_;
  const std::string endpoint_;
  mutable TokenCache cache_;
};

Result<ValidatorSettings> read_validator(const Settings& from) {
  ValidatorSettings out;
  const auto algorithm = jose::parse_algorithm(from.text("alg"));
  if (!algorithm)
    return fail(Kind::config, "alg: expected " + std::string(jose::algorithm_names()));
  out.algorithm = *algorithm;
  out.naming = jose::parse_key_naming(from.text("strategy"));
  out.expected = {.issuer = from.text("issuer"),
                  .audience = from.texts("audience"),
                  .leeway_ms = from.number("leeway_ms")};
  out.roles = from.texts("roles");
  out.roles_key = from.text("roles_key");
  out.roles_nested = from.flag("roles_nested") && splits(out.roles_key);
  out.scopes = from.texts("scopes");
  out.scopes_key = from.text("scopes_key");
  out.scopes_match = from.flag("scopes_all") ? jose::Match::all : jose::Match::any;
  out.place = {.header = from.text("header"), .cookie = from.text("cookie")};
  out.preserve_array = from.flag("preserve_array");
  out.debug = from.flag("debug");
  if (const json::Value* pairs = from.find("propagate"); pairs && pairs->is_list()) {
    for (const json::Value& pair : pairs->elements()) {
      if (!pair.is_list() || pair.elements().size() != 2 || !pair.elements()[0].is_string() ||
          !pair.elements()[1].is_string())
        return fail(Kind::config, "propagate_claims: expected pairs of texts");
      const std::string& claim = pair.elements()[0].string();
      out.propagated.push_back(
          {claim, splits(claim), pipeline::canonical(pair.elements()[1].string())});
    }
  }
  return out;
}

}  // namespace

Result<std::shared_ptr<const pipeline::Gate>> make_validator(const pipeline::Site& site) {
  const auto settings = Settings::parse(site.text);
  if (!settings) return std::unexpected(settings.error());
  auto own = read_validator(*settings);
  if (!own) return std::unexpected(own.error());
  const KeyCacheSettings cache{.keep = settings->flag("cache"),
                               .life = std::chrono::seconds(settings->number("cache_s")),
                               .cooldown = milliseconds(settings->number("cooldown_ms")),
                               .may_share = true};
  own->keeps_keys = cache.keep;
  auto source = KeySource::make(*settings, site, own->naming, cache);
  if (!source) return std::unexpected(source.error());
  auto revoker = find_revoker(site);
  if (!revoker) return std::unexpected(revoker.error());
  return std::make_shared<const Validator>(std::move(*own), std::move(*source), std::move(*revoker),
                                           std::string(site.id));
}

}  // namespace ropewalk::auth
