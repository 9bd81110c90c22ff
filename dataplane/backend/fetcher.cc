#include "dataplane/backend/fetcher.h"

#include "common/strings.h"
#include "dataplane/codec/gunzip.h"
#include "dataplane/http/reference.h"
#include "dataplane/http/writer.h"

#include <boost/asio/post.hpp>

namespace ropewalk::backend {

using pipeline::FetchAnswer;
using pipeline::FetchDone;
using pipeline::FetchRequest;

class Fetcher::Fetch final : public CallOwner {
 public:
  Fetch(Fetcher& fetcher, std::uint64_t id, FetchRequest request, FetchDone done)
      : fetcher_(fetcher),
        id_(id),
        asked_(std::move(request)),
        done_(std::move(done)),
        call_(fetcher.environment_, *this),
        timer_([](void* self) { static_cast<Fetch*>(self)->on_timer(); }, this) {}

  void start() {
    const auto url = http::parse_url(asked_.url);
    if (!url) return over(std::unexpected(url.error()));
    if (url->tls && !asked_.tls) {
      auto tls = net::ClientTls::build(nullptr);
      if (!tls) return over(std::unexpected(std::move(tls.error())));
      asked_.tls = std::move(*tls);
    }
    auto hosts = std::make_shared<compile::HostList>(1);
    compile::Host& host = hosts->front();
    host.tls = url->tls;
    host.address = url->host;
    host.literal = url->host.find(':') != std::string::npos ||
                   url->host.find_first_not_of("0123456789.") == std::string::npos;
    host.port = url->port;
    host.authority = url->authority;
    host.url = (url->tls ? "https://" : "http://") + url->authority;
    if (!url->user_info.empty()) host.authorization = "Basic " + base64(url->user_info);
    targets_.hosts = hosts;
    targets_.list.push_back(
        {&hosts->front(), fetcher_.pool_.of(hosts->front(), asked_.tls.get(), {})});
    request_.method = asked_.method;
    request_.target = url->target;
    for (const auto& [name, value] : asked_.headers)
      if (!iequals(name, "Host") && !iequals(name, "Content-Length"))
        (void)http::append_field(request_.fields, name, value);
      else if (iequals(name, "Host"))
        request_.host_header = value;
    if (!asked_.body.empty()) {
      request_.body_kind = RequestBody::whole;
      request_.body = asked_.body;
    }
    request_.retry_when_idle_died =
        asked_.body.empty() && (asked_.method == "GET" || asked_.method == "HEAD");
    settings_.max_response_body = asked_.max_body;
    settings_.backend_keep_alive = true;
    fetcher_.environment_.wheel.arm(timer_, runtime::Clock::now() + asked_.timeout);
    call_.start(request_, {&settings_, asked_.tls.get(), false, true}, targets_);
  }

 private:
  void on_call_done(Call& call) override {
    FetchAnswer answer;
    answer.status = call.status();
    for (const http::Field& field : call.fields())
      answer.headers.emplace_back(field.name, field.value);
    if (!call.gzip()) {
      answer.body = call.body();
      return over(std::move(answer));
    }
    codec::Gunzip gunzip({.max_bytes = asked_.max_body});
    auto unpacked = gunzip.feed(call.body(), answer.body);
    if (unpacked) unpacked = gunzip.finish();
    if (!unpacked) return over(std::unexpected(unpacked.error()));
    over(std::move(answer));
  }
  void on_call_failed(Call&, Error error) override { over(std::unexpected(std::move(error))); }
  void on_timer() {
    call_.cancel();
    over(fail(Kind::timeout, "no answer from " + asked_.url, Origin::backend));
  }
  void over(Result<FetchAnswer> outcome) {
    timer_.cancel();
    fetcher_.over(id_, std::move(done_), std::move(outcome));
  }

  Fetcher& fetcher_;
  const std::uint64_t id_;
  FetchRequest asked_;
  FetchDone done_;
  compile::Settings settings_;
  Request request_;
  Targets targets_;
  Call call_;
  runtime::Timer timer_;
};

Fetcher::Fetcher(Environment& environment, Pool& pool) : environment_(environment), pool_(pool) {}

Fetcher::~Fetcher() = default;

void Fetcher::fetch(FetchRequest request, FetchDone done) {
  if (stopped_) return;
  const std::uint64_t id = next_++;
  Fetch& started =
      *running_.emplace(id, std::make_unique<Fetch>(*this, id, std::move(request), std::move(done)))
           .first->second;
  started.start();
}

// The fetch that ends is still on the stack, and its caller may be.
void Fetcher::over(std::uint64_t id, FetchDone done, Result<FetchAnswer> outcome) {
  asio::post(environment_.io,
             [this, id, done = std::move(done), outcome = std::move(outcome)]() mutable {
               if (running_.erase(id) != 0) done(std::move(outcome));
             });
}

void Fetcher::stop() {
  stopped_ = true;
  running_.clear();
}

}  // namespace ropewalk::backend
