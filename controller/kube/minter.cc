#include "controller/kube/minter.h"

#include "common/log.h"
#include "controller/kube/paths.h"
#include "controller/kube/wire.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace ropewalk::controller::kube {
namespace {

// Short against the hour for which a new CA is trusted before it signs: every replica has it then.
constexpr auto kLookAgain = std::chrono::minutes(10);
constexpr int kRounds = 5;

std::unexpected<Error> refused(const std::string& what, const Response& answer) {
  const ApiStatus status = parse_status(answer.status, answer.body, answer.retry_after);
  return fail(Kind::unavailable, what + ": " + status.message, Origin::control);
}

}  // namespace

Minter::Minter(asio::io_context& context, Client& client, CertificateNames names, Random random,
               OnCertificates on_certificates)
    : context_(context),
      client_(client),
      names_(std::move(names)),
      backoff_(std::move(random)),
      on_certificates_(std::move(on_certificates)),
      timer_(context.get_executor()) {}

void Minter::start() { asio::co_spawn(context_.get_executor(), run(), asio::detached); }

void Minter::stop() {
  stopping_ = true;
  timer_.cancel();
}

Task<void> Minter::run() {
  while (!stopping_) {
    auto settled = co_await settle();
    if (stopping_) co_return;
    if (!settled && !std::exchange(troubled_, true)) {
      log::warning("certificates of the stream are not in place",
                   {{"reason", settled.error().message}});
    } else if (settled) {
      troubled_ = false;
      backoff_.healthy_for(kLookAgain);
    }
    timer_.expires_after(settled ? std::chrono::duration_cast<Milliseconds>(kLookAgain)
                                 : backoff_.next(Backoff::Cause::denied));
    error_code error;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable_t<Executor>(), error));
  }
}

Task<Result<void>> Minter::settle() {
  for (int round = 0; round < kRounds; ++round) {
    StoredCertificates stored;
    for (const auto& [name, target] :
         {std::pair(names_.ca(), &stored.ca), std::pair(names_.controller(), &stored.controller),
          std::pair(names_.data_plane(), &stored.data_plane)}) {
      auto secret = co_await read(name);
      if (!secret) co_return std::unexpected(secret.error());
      *target = std::move(*secret);
    }
    auto plan = plan_certificates(stored, names_, std::chrono::system_clock::now());
    if (!plan) co_return std::unexpected(plan.error());
    if (plan->empty()) {
      StreamCertificates now{stored.controller.data["tls.crt"], stored.controller.data["tls.key"],
                             stored.controller.data["ca.crt"]};
      if (now != last_) {
        last_ = std::move(now);
        on_certificates_(last_);
      }
      co_return Result<void>();
    }
    for (const StoredSecret& secret : *plan) {
      auto written = co_await write(secret);
      if (!written) co_return std::unexpected(written.error());
      // Another replica was faster: its CA counts, what follows from ours does not.
      if (!*written) break;
      log::info("certificate written", {{"secret", names_.namespace_ + "/" + secret.name}});
    }
  }
  co_return fail(Kind::unavailable, "other hands keep changing the certificate Secrets",
                 Origin::control);
}

Task<Result<StoredSecret>> Minter::read(std::string name) {
  auto answer =
      co_await client_.call({.target = core_target("secrets", {names_.namespace_, name})});
  if (!answer) co_return std::unexpected(answer.error());
  if (answer->status == 401) client_.refresh_credentials();
  if (answer->status == 404) co_return StoredSecret{.name = name};
  if (answer->status != 200) co_return refused("reading Secret " + name, *answer);
  co_return parse_secret(answer->body);
}

Task<Result<bool>> Minter::write(const StoredSecret& secret) {
  const bool fresh = secret.resource_version.empty();
  auto answer = co_await client_.call(
      {.method = fresh ? "POST" : "PUT",
       .target = core_target("secrets", {names_.namespace_, fresh ? "" : secret.name}),
       .body = secret_body(secret, names_.namespace_),
       .content_type = "application/json"});
  if (!answer) co_return std::unexpected(answer.error());
  if (answer->status == 409) co_return false;
  if (answer->status >= 300) co_return refused("writing Secret " + secret.name, *answer);
  co_return true;
}

}  // namespace ropewalk::controller::kube
