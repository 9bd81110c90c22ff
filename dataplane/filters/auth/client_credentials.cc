#include "dataplane/filters/auth/client_credentials.h"

#include "common/jose/base64.h"
#include "common/strings.h"
#include "dataplane/filters/auth/settings.h"
#include "dataplane/http/reference.h"
#include "dataplane/net/client_tls.h"
#include "ropewalk/config/v1/config.pb.h"

#include <algorithm>
#include <utility>

namespace ropewalk::auth {
namespace {

using pipeline::Flow;
using pipeline::Step;

class ClientCredentials final : public pipeline::Filter {
 public:
  explicit ClientCredentials(std::shared_ptr<TokenStore> store) : store_(std::move(store)) {}

  Step on_request(Flow& flow) const override {
    if (const auto token = store_->current(std::chrono::steady_clock::now()))
      return apply(flow, *token);
    pipeline::Waker waker = flow.suspend();
    store_->fetch(flow.services(), [waker](const Result<std::string>& token) {
      Flow* waiting = waker.flow();
      if (waiting) waker.resume(apply(*waiting, token));
    });
    return Step::wait;
  }

 private:
  static Step apply(Flow& flow, const Result<std::string>& token) {
    if (!token) {
      flow.error = token.error();
      return Step::fail;
    }
    pipeline::set_field(flow.request.headers, flow.request.arena, "Authorization", *token);
    return Step::next;
  }

  const std::shared_ptr<TokenStore> store_;
};

std::string_view location_of(const pipeline::FetchAnswer& answer) {
  for (const auto& [name, value] : answer.headers)
    if (iequals(name, "Location")) return value;
  return {};
}

// What a redirect of the token endpoint asks for next, by the rules of Go's client; nothing where
// the answer is none, or leads to another place: credentials do not go there.
std::optional<pipeline::FetchRequest> redirected(const pipeline::FetchRequest& asked,
                                                 const pipeline::FetchAnswer& answer) {
  const bool keeps_method = answer.status == 307 || answer.status == 308;
  if (!keeps_method && answer.status != 301 && answer.status != 302 && answer.status != 303)
    return std::nullopt;
  const auto from = http::parse_url(asked.url);
  const std::string_view location = location_of(answer);
  if (!from || location.empty()) return std::nullopt;
  const auto to = http::resolve_reference(*from, location);
  if (!to || to->host != from->host || to->port != from->port || to->tls != from->tls)
    return std::nullopt;
  pipeline::FetchRequest out = asked;
  out.url = to->text();
  std::erase_if(out.headers, [&](const auto& field) {
    return field.first == "Referer" || (!keeps_method && field.first == "Content-Type");
  });
  out.headers.emplace_back("Referer", from->text());
  if (!keeps_method) {
    out.method = "GET";
    out.body.clear();
  }
  return out;
}

}  // namespace

std::optional<std::string> TokenStore::current(std::chrono::steady_clock::time_point now) {
  constexpr std::chrono::seconds kAhead(10);
  const std::lock_guard lock(mutex_);
  if (!token_ || (end_ && *end_ - kAhead <= now)) return std::nullopt;
  return token_;
}

void TokenStore::fetch(pipeline::Services& services, Done done) {
  Style style = Style::unknown;
  {
    const std::lock_guard lock(mutex_);
    waiters_.push_back({services.post, std::move(done)});
    if (std::exchange(fetching_, true)) return;
    style = style_;
  }
  if (!settings_.problem.empty())
    return finish(fail(Kind::unavailable, "oauth2: " + settings_.problem), style);
  ask(services, style == Style::unknown ? Style::basic : style, style != Style::unknown);
}

void TokenStore::ask(pipeline::Services& services, Style style, bool last) {
  send(services, request(style), 0,
       [self = shared_from_this(), &services, style,
        last](const Result<pipeline::FetchAnswer>& answer) {
         auto token = answer ? parse_token_answer(*answer) : std::unexpected(answer.error());
         if (!token && !last) return self->ask(services, Style::body, true);
         self->finish(std::move(token), style);
       });
}

void TokenStore::send(pipeline::Services& services, pipeline::FetchRequest request, int redirects,
                      pipeline::FetchDone done) {
  constexpr int kMostRedirects = 10;
  pipeline::FetchRequest asked = request;
  services.fetch(std::move(asked), [self = shared_from_this(), &services,
                                    request = std::move(request), redirects,
                                    done = std::move(done)](Result<pipeline::FetchAnswer> answer) {
    auto next = answer ? redirected(request, *answer) : std::nullopt;
    if (!next) return done(std::move(answer));
    if (redirects + 1 >= kMostRedirects)
      return done(fail(Kind::unavailable, "oauth2: stopped after 10 redirects", Origin::backend));
    self->send(services, std::move(*next), redirects + 1, done);
  });
}

pipeline::FetchRequest TokenStore::request(Style style) const {
  pipeline::FetchRequest out;
  out.method = "POST";
  out.url = settings_.token_url;
  out.tls = settings_.tls;
  out.headers = {{"Accept-Encoding", "gzip"},
                 {"User-Agent", settings_.user_agent},
                 {"Content-Type", "application/x-www-form-urlencoded"}};
  auto params = settings_.params;
  if (style == Style::basic) {
    out.headers.emplace_back("Authorization",
                             "Basic " + jose::base64(form_escape(settings_.client_id) + ":" +
                                                     form_escape(settings_.client_secret)));
  } else {
    for (const auto& [name, value] :
         {std::pair<std::string, std::string>{"client_id", settings_.client_id},
          {"client_secret", settings_.client_secret}}) {
      if (value.empty()) continue;
      std::erase_if(params, [&](const auto& param) { return param.first == name; });
      const auto at =
          std::ranges::upper_bound(params, name, {}, &std::pair<std::string, std::string>::first);
      params.emplace(at, name, value);
    }
  }
  out.body = form_encode(params);
  return out;
}

void TokenStore::finish(Result<AccessToken> token, Style style) {
  std::vector<Waiter> waiters;
  {
    const std::lock_guard lock(mutex_);
    fetching_ = false;
    waiters.swap(waiters_);
    if (token) {
      style_ = style;
      token_ = token->authorization;
      end_ = token->life ? std::optional(std::chrono::steady_clock::now() + *token->life)
                         : std::nullopt;
    }
  }
  const Result<std::string> value =
      token ? Result<std::string>(token->authorization) : std::unexpected(token.error());
  for (Waiter& waiter : waiters)
    waiter.post([done = std::move(waiter.done), value] { done(value); });
}

Result<std::shared_ptr<const pipeline::Filter>> make_client_credentials(
    const pipeline::Site& site) {
  const auto from = Settings::parse(site.text);
  if (!from) return std::unexpected(from.error());
  CredentialSettings settings{.token_url = from->text("token_url"),
                              .client_id = from->text("client_id"),
                              .client_secret = from->text("client_secret"),
                              .params = {},
                              .user_agent = std::string(site.narrowed_user_agent),
                              .problem = from->text("problem"),
                              .tls = nullptr};
  if (const json::Value* pairs = from->find("params"); pairs && pairs->is_list())
    for (const json::Value& pair : pairs->elements())
      if (pair.is_list() && pair.elements().size() == 2 && pair.elements()[0].is_string() &&
          pair.elements()[1].is_string())
        settings.params.emplace_back(pair.elements()[0].string(), pair.elements()[1].string());
  if (settings.token_url.starts_with("https:")) {
    const bool own = site.service && site.service->has_client_tls();
    auto tls = net::ClientTls::build(own ? &site.service->client_tls() : nullptr);
    if (!tls) return std::unexpected(tls.error());
    settings.tls = std::move(*tls);
  }
  const std::string identity = "auth/client-credentials " + std::string(site.id) + " " +
                               std::string(site.text) +
                               (settings.tls ? settings.tls->identity() : std::string());
  auto store = site.state<TokenStore>(identity, std::move(settings));
  return std::make_shared<const ClientCredentials>(std::move(store));
}

}  // namespace ropewalk::auth
