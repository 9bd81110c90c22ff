#include "dataplane/filters/auth/signer.h"

#include "common/jose/claim_text.h"
#include "common/jose/signature.h"
#include "common/jose/token.h"
#include "common/log.h"
#include "common/strings.h"
#include "dataplane/filters/auth/key_source.h"
#include "dataplane/filters/auth/settings.h"

namespace ropewalk::auth {
namespace {

using pipeline::Flow;
using pipeline::Step;

class Signer final : public pipeline::Filter {
 public:
  Signer(SignerSettings settings, KeySource source)
      : settings_(std::move(settings)), source_(std::move(source)) {}

  void begin(pipeline::Services& services) const override {
    if (source_.find(settings_.kid, services).state == KeySource::State::wait)
      source_.fetch(settings_.kid, services, [](const KeyPtr&) {});
  }

  Step on_request(Flow& flow) const override {
    const KeySource::Found key = source_.find(settings_.kid, flow.services());
    if (key.state != KeySource::State::wait) return begin(flow, key.key);
    pipeline::Waker waker = flow.suspend();
    source_.fetch(settings_.kid, flow.services(), [this, waker](const KeyPtr& fetched) {
      Flow* waiting = waker.flow();
      if (waiting) waker.resume(begin(*waiting, fetched));
    });
    return Step::wait;
  }

  Step on_response(Flow& flow) const override {
    const auto key = std::static_pointer_cast<const jose::Key>(flow.note());
    pipeline::Response& answer = flow.response;
    if (!key || answer.raw || !answer.data.is_object()) return refuse(flow, 400);
    // A part of the answer is missing: KrakenD has an error then.
    if (!answer.complete && !answer.data.members().empty()) return refuse(flow, 400);
    if (auto done = sign_members(settings_, *key, answer.data); !done) {
      log::error("an answer cannot be signed", {{"error", done.error().message}});
      return refuse(flow, 400);
    }
    // Always JSON, whatever the output_encoding of the endpoint.
    answer.raw = true;
    answer.status = 200;
    answer.body = json::to_string(answer.data);
    answer.headers.clear();
    pipeline::add_field(answer.headers, answer.arena, "Content-Type",
                        "application/json; charset=utf-8");
    return Step::next;
  }

  void on_error(Flow& flow) const override {
    flow.error.status = 400;
    flow.error.message.clear();
  }

  bool needs_answer_body() const override { return true; }

 private:
  Step begin(Flow& flow, const KeyPtr& key) const {
    const bool usable = key && jose::fits(*key, settings_.algorithm) && key->is_private;
    if (!usable) return refuse(flow, 401);
    flow.note() = std::const_pointer_cast<jose::Key>(key);
    return Step::next;
  }

  static Step refuse(Flow& flow, unsigned status) {
    flow.error = Error{.kind = Kind::unavailable, .message = {}};
    flow.error.status = status;
    return Step::fail;
  }

  const SignerSettings settings_;
  const KeySource source_;
};

class SignerGate final : public pipeline::Gate {
 public:
  void on_answer(pipeline::Passage&, std::string& fields) const override {
    for (const std::string_view name : {"X-Krakend", "X-Krakend-Completed", "Cache-Control"})
      erase_line(fields, name);
  }
};

Result<SignerSettings> read_signer(const Settings& from) {
  SignerSettings out;
  const auto algorithm = jose::parse_algorithm(from.text("alg"));
  if (!algorithm)
    return fail(Kind::config, "alg: expected " + std::string(jose::algorithm_names()));
  out.algorithm = *algorithm;
  out.kid = from.text("kid");
  out.typ = from.text("typ");
  out.full = from.flag("full");
  out.names = from.texts("sign");
  return out;
}

}  // namespace

Result<void> sign_members(const SignerSettings& settings, const jose::Key& key, json::Value& data) {
  for (const std::string& name : settings.names) {
    json::Value* member = data.find(name);
    if (!member || !member->is_object()) continue;
    auto token = jose::make_token(settings.algorithm, key, settings.typ, jose::sorted_json(*member),
                                  settings.full);
    if (!token) return std::unexpected(token.error());
    *member = json::Value(std::move(*token));
  }
  return {};
}

void erase_line(std::string& fields, std::string_view name) {
  for (std::size_t at = 0; at < fields.size();) {
    const auto end = fields.find("\r\n", at);
    const std::size_t next = end == std::string::npos ? fields.size() : end + 2;
    const std::string_view line = std::string_view(fields).substr(at, next - at);
    if (line.size() > name.size() && line[name.size()] == ':' &&
        iequals(line.substr(0, name.size()), name))
      fields.erase(at, next - at);
    else
      at = next;
  }
}

Result<std::shared_ptr<const pipeline::Filter>> make_signer(const pipeline::Site& site) {
  const auto settings = Settings::parse(site.text);
  if (!settings) return std::unexpected(settings.error());
  auto own = read_signer(*settings);
  if (!own) return std::unexpected(own.error());
  // The key is fetched once and kept, as in KrakenD.
  constexpr std::chrono::hours kLong(24 * 365);
  auto source = KeySource::make(*settings, site, jose::KeyNaming::kid,
                                {.keep = true, .life = kLong, .cooldown = {}});
  if (!source) return std::unexpected(source.error());
  return std::make_shared<const Signer>(std::move(*own), std::move(*source));
}

Result<std::shared_ptr<const pipeline::Gate>> make_signer_gate(const pipeline::Site&) {
  return std::make_shared<const SignerGate>();
}

}  // namespace ropewalk::auth
