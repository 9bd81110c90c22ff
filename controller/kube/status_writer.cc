#include "controller/kube/status_writer.h"

#include "common/log.h"
#include "controller/kube/paths.h"
#include "controller/kube/wire.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace ropewalk::controller::kube {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr auto kGather = Milliseconds(200);
constexpr auto kIdle = std::chrono::seconds(60);
constexpr auto kLook = std::chrono::seconds(1);
constexpr int kEventTries = 5;
constexpr int kConflicts = 3;  // in a row, that are answered at once
constexpr auto kFirstPause = Milliseconds(200);
constexpr auto kLongestPause = Milliseconds(5'000);
// Who writes over our conditions within this time is another writer of the same, not a hand. Twice
// the longest wait between our answers, so that both sides of a quarrel see it.
constexpr auto kJustSaid = std::chrono::minutes(2);

std::string leases(const StatusOptions& options, const std::string& name) {
  return "/apis/coordination.k8s.io/v1/namespaces/" + percent_encode(options.lease_namespace) +
         "/leases" + (name.empty() ? "" : "/" + percent_encode(name));
}

bool same_conditions(const std::vector<Condition>& a, const std::vector<Condition>& b) {
  return std::ranges::equal(a, b, [](const Condition& x, const Condition& y) {
    return x.type == y.type && x.status == y.status && x.reason == y.reason &&
           x.message == y.message && x.observed_generation == y.observed_generation;
  });
}

std::shared_ptr<const Service> service_in(const std::string& body) {
  const auto value = nlohmann::json::parse(body, nullptr, false);
  if (value.is_discarded()) return nullptr;
  auto object = parse_object(ObjectKind::service, value);
  if (!object) return nullptr;
  return std::get<std::shared_ptr<const Service>>(*object);
}

// Resource versions of one kind are numbers that grow.
bool newer(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() > b.size() : a > b;
}

// Refused for good: asking again with the same body gives the same answer.
bool hopeless(int status) { return status == 400 || status == 413 || status == 422; }

}  // namespace

StatusWriter::StatusWriter(asio::io_context& context, Client& client, const Store& store,
                           StatusOptions options, Random random)
    : context_(context),
      client_(client),
      store_(store),
      options_(std::move(options)),
      election_(options_.identity, std::move(random)),
      wake_(context.get_executor()),
      look_again_(context.get_executor()),
      election_wait_(context.get_executor()) {}

void StatusWriter::start() {
  asio::co_spawn(context_.get_executor(), elect(), asio::detached);
  asio::co_spawn(context_.get_executor(), work(), asio::detached);
}

bool StatusWriter::leading() const {
  return Clock::now().time_since_epoch().count() < leads_until_.load();
}

void StatusWriter::wake() { wake_.cancel(); }

void StatusWriter::publish(std::vector<ServiceStatus> statuses, std::vector<ServiceEvent> events) {
  std::map<ObjectKey, ServiceStatus> next;
  for (ServiceStatus& status : statuses) {
    const ObjectKey key = status.service;
    next.insert_or_assign(key, std::move(status));
  }
  for (const auto& [key, status] : next) {
    const auto old = wanted_.find(key);
    if (old == wanted_.end() || old->second.uid != status.uid ||
        !same_conditions(old->second.conditions, status.conditions)) {
      // Somebody who writes over it does not wait for us to be done with our changes.
      if (contradicted_.contains(key))
        queue_.add(key);
      else
        queue_.renew(key, Clock::now());
    }
    for (const Condition& condition : status.conditions) ours_[key].insert(condition.type);
  }
  for (const auto& [key, status] : wanted_) {
    if (!next.contains(key)) queue_.add(key);
  }
  wanted_ = std::move(next);
  const bool first = !std::exchange(published_, true);
  if (first || hidden_from_adoption_ != store_.unreadable_namespaces()) adopt_leftovers();
  if (first) election_wait_.cancel();  // it may lead from now on
  events_.update(events);
  wake();
}

// Services that went to another gateway, or from all of them, while no controller ran still have
// our conditions. Those of another gateway are its own business.
void StatusWriter::adopt_leftovers() {
  const auto is_ours = [](const std::string& name) { return name.starts_with("ropewalk.dev/"); };
  hidden_from_adoption_ = store_.unreadable_namespaces();
  for (const auto& [key, service] : store_.snapshot().services) {
    if (wanted_.contains(key)) continue;
    const bool somebodys = std::ranges::any_of(
        service->meta.annotations, [&](const auto& entry) { return is_ours(entry.first); });
    for (const Condition& condition : service->conditions) {
      if (!is_ours(condition.type)) continue;
      if (somebodys && gateway_of(condition.message) != options_.gateway_name) continue;
      ours_[key].insert(condition.type);
      queue_.add(key);
    }
  }
}

void StatusWriter::services_changed() {
  if (std::exchange(looking_, true)) return;
  asio::co_spawn(context_.get_executor(), look_again(), asio::detached);
}

Task<void> StatusWriter::look_again() {
  look_again_.expires_after(kGather);
  error_code error;
  co_await look_again_.async_wait(asio::redirect_error(asio::use_awaitable_t<Executor>(), error));
  looking_ = false;
  if (!stopping_) requeue_all();
}

void StatusWriter::requeue_all() {
  for (const auto& [key, status] : wanted_) {
    const auto service = current(key);
    if (!service || service->meta.uid != status.uid) continue;
    if (!plan_status_patch(*service, status.conditions, {}, system_clock::now())) continue;
    if (queue_.holds(key) || key == in_flight_) continue;
    if (leading() && just_said(status, service->meta.resource_version)) {
      contradicted(key);
    } else {
      contradicted_.erase(key);
      queue_.add(key);
    }
  }
  wake();
}

// What a watch that is behind shows, of a version before ours, contradicts nothing.
bool StatusWriter::just_said(const ServiceStatus& status, const std::string& version) const {
  const auto said = said_.find(status.service);
  return said != said_.end() && Clock::now() - said->second.at < kJustSaid &&
         newer(version, said->second.version) &&
         same_conditions(said->second.conditions, status.conditions);
}

// Two writers that answer each other at once would never end: we answer later each time.
void StatusWriter::contradicted(const ObjectKey& key) {
  warn_contradicted(key);
  queue_.failed(key, Clock::now());
}

void StatusWriter::warn_contradicted(const ObjectKey& key) {
  contradicted_.insert(key);
  if (std::exchange(warned_, true)) return;
  log::warning("others write over the conditions of Services",
               {{"service", key.namespace_ + "/" + key.name},
                {"hint",
                 "another release with the same gateway name (chart value gateway.name) that "
                 "watches the same namespaces?"}});
}

std::shared_ptr<const Service> StatusWriter::current(const ObjectKey& key) const {
  auto stored = store_.service(key);
  const auto ours = written_.find(key);
  if (stored && ours != written_.end() && ours->second.replaces == stored->meta.resource_version) {
    return ours->second.result;
  }
  return stored;
}

Task<void> StatusWriter::elect() {
  while (!stopping_) {
    const auto action = election_.next(Clock::now());
    if (const auto* wait = std::get_if<Election::Wait>(&action)) {
      election_wait_.expires_after(wait->delay);
      error_code error;
      co_await election_wait_.async_wait(
          asio::redirect_error(asio::use_awaitable_t<Executor>(), error));
      continue;
    }
    Request request{.target = leases(options_, options_.lease_name)};
    const auto* write = std::get_if<Election::Write>(&action);
    if (write && !published_) {
      // Who has nothing to serve yet leads nobody: it only looks who does.
      election_wait_.expires_after(kLook);
      error_code error;
      co_await election_wait_.async_wait(
          asio::redirect_error(asio::use_awaitable_t<Executor>(), error));
      if (stopping_) break;
      write = nullptr;
    }
    if (write) {
      const bool fresh = write->record.resource_version.empty();
      request.method = fresh ? "POST" : "PUT";
      if (fresh) request.target = leases(options_, "");
      request.content_type = "application/json";
      request.body = lease_body(write->record, options_.lease_namespace, options_.lease_name,
                                system_clock::now());
    }
    const Time sent = Clock::now();
    auto answer = co_await client_.call(std::move(request));
    if (answer && answer->status == 401) client_.refresh_credentials();
    const bool ok = answer && (answer->status == 200 || answer->status == 201);
    auto lease = ok ? parse_lease(answer->body) : Result<LeaseRecord>(LeaseRecord{});
    if (!write && answer && answer->status == 404) {
      election_.on_read({}, Clock::now());
    } else if (!ok || !lease) {
      election_.on_failure();
    } else if (write) {
      election_.on_written(*lease, sent);
    } else {
      election_.on_read(*lease, Clock::now());
    }
    leads_until_ = election_.leads_until().value_or(Time{}).time_since_epoch().count();
    const bool expected = ok || (answer && (answer->status == 404 || answer->status == 409));
    report_election(expected  ? ""
                    : !answer ? answer.error().message
                              : parse_status(answer->status, answer->body, "").message);
    judge_standing();
    const bool now_leading = leading();
    if (now_leading == was_leading_) continue;
    was_leading_ = now_leading;
    log::info(
        now_leading ? "this replica writes status now" : "this replica writes no status any more",
        {{"lease", options_.lease_namespace + "/" + options_.lease_name}});
    if (now_leading) {
      // What failed before, or under another leader, says nothing of now.
      queue_.clear();
      for (const auto& [key, types] : ours_) {
        if (!wanted_.contains(key)) queue_.add(key);
      }
      requeue_all();
    } else {
      said_.clear();
      contradicted_.clear();
    }
  }
}

void StatusWriter::judge_standing() {
  const Standing standing = leading()                               ? Standing::leads
                            : election_.another_leads(Clock::now()) ? Standing::stands_by
                                                                    : Standing::unclear;
  if (standing == std::exchange(standing_, standing)) return;
  if (options_.on_standing) options_.on_standing(standing);
}

void StatusWriter::report_election(const std::string& trouble) {
  // A renewal that failed once is tried again long before the Lease runs out.
  if (!trouble.empty() && leading()) return;
  if (!trouble.empty() && !election_troubled_) {
    log::warning(
        "no status is written: the Lease cannot be held",
        {{"lease", options_.lease_namespace + "/" + options_.lease_name}, {"reason", trouble}});
  }
  election_troubled_ = !trouble.empty();
}

Task<void> StatusWriter::work() {
  while (!stopping_) {
    if (leading() && Clock::now() >= pause_) {
      if (const auto key = queue_.take(Clock::now())) {
        in_flight_ = *key;
        co_await write(*key);
        in_flight_.reset();
        continue;
      }
      if (const auto due = events_.next(); due && Clock::now() >= event_pause_) {
        co_await tell(*due);
        continue;
      }
    }
    const Time now = Clock::now();
    Time until = now + kIdle;
    if (leading()) {
      until = std::min(until, queue_.due(now).value_or(until));
      if (events_.next()) until = std::min(until, event_pause_);
      until = std::max(until, pause_);
    } else {
      until = now + std::chrono::seconds(1);
    }
    wake_.expires_at(until);
    error_code error;
    co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable_t<Executor>(), error));
  }
}

Task<void> StatusWriter::write(ObjectKey key) {
  Outcome outcome = Outcome::done;
  for (int conflicts = 0; conflicts < kConflicts; ++conflicts) {
    outcome = co_await try_to_write(key);
    // Somebody else changed the Service, which is nobody's failure: read it, compare again.
    if (outcome == Outcome::conflict) outcome = co_await read_again(key);
    if (outcome != Outcome::conflict || !leading()) break;
  }
  switch (outcome) {
    case Outcome::done:
      if (!contradicted_.contains(key)) queue_.succeeded(key);
      break;
    case Outcome::away:
      queue_.add(key);
      break;
    case Outcome::conflict:
    case Outcome::failed:
      queue_.failed(key, Clock::now());
      break;
  }
}

Task<StatusWriter::Outcome> StatusWriter::try_to_write(const ObjectKey& key) {
  const auto service = current(key);
  const auto wish = wanted_.find(key);
  const bool wanted = wish != wanted_.end();
  // Of an object that the translator has not seen yet nothing is known.
  if (!service || (wanted && service->meta.uid != wish->second.uid)) {
    written_.erase(key);
    said_.erase(key);
    contradicted_.erase(key);
    if (!wanted) ours_.erase(key);
    co_return Outcome::done;
  }
  const std::vector<Condition> conditions =
      wanted ? wish->second.conditions : std::vector<Condition>();
  std::set<std::string> withdrawn = ours_[key];
  if (wanted) {
    for (const std::string& type : wish->second.undecided) withdrawn.erase(type);
  } else {
    // The gateway that has it now may have been faster.
    for (const Condition& condition : service->conditions) {
      const std::string gateway = gateway_of(condition.message);
      if (!gateway.empty() && gateway != options_.gateway_name) withdrawn.erase(condition.type);
    }
  }
  const auto body = plan_status_patch(*service, conditions, withdrawn, system_clock::now());
  if (!body) {
    contradicted_.erase(key);
    if (!wanted) {
      ours_.erase(key);
      said_.erase(key);
    }
    co_return Outcome::done;
  }
  const auto stored = store_.service(key);
  auto answer = co_await client_.call({.method = "PATCH",
                                       .target = core_target("services", key) + "/status",
                                       .body = *body,
                                       .content_type = "application/strategic-merge-patch+json"});
  judge_outage(answer ? nullptr : &answer.error());
  if (!answer) co_return Outcome::away;
  if (answer->status == 200) {
    if (auto result = service_in(answer->body); result && stored) {
      said_[key] = {Clock::now(), result->meta.resource_version, conditions};
      written_[key] = {stored->meta.resource_version, std::move(result)};
    }
    co_return Outcome::done;
  }
  if (answer->status == 404) {
    written_.erase(key);
    said_.erase(key);
    contradicted_.erase(key);
    co_return Outcome::done;
  }
  if (answer->status == 409) co_return Outcome::conflict;
  if (answer->status == 401) client_.refresh_credentials();
  if (!queue_.has_failed(key)) {
    log::warning("cannot write status",
                 {{"service", key.namespace_ + "/" + key.name},
                  {"reason", parse_status(answer->status, answer->body, "").message}});
  }
  co_return hopeless(answer->status) ? Outcome::done : Outcome::failed;
}

// The watch may be behind: the object itself.
Task<StatusWriter::Outcome> StatusWriter::read_again(const ObjectKey& key) {
  const auto stored = store_.service(key);
  auto fresh = co_await client_.call({.target = core_target("services", key)});
  judge_outage(fresh ? nullptr : &fresh.error());
  if (!fresh) co_return Outcome::away;
  auto result = fresh->status == 200 && stored ? service_in(fresh->body) : nullptr;
  if (!result) co_return Outcome::failed;
  const std::string version = result->meta.resource_version;
  const auto wish = wanted_.find(key);
  const bool written_over =
      wish != wanted_.end() && just_said(wish->second, version) &&
      plan_status_patch(*result, wish->second.conditions, {}, system_clock::now());
  written_[key] = {stored->meta.resource_version, std::move(result)};
  if (!written_over) co_return Outcome::conflict;
  warn_contradicted(key);
  co_return Outcome::failed;
}

void StatusWriter::judge_outage(const Error* error) {
  if (!error) {
    if (outage_) log::info("status is written again");
    outage_.reset();
    return;
  }
  if (!outage_) log::warning("no status can be written now", {{"reason", error->message}});
  outage_ = outage_ ? std::min(*outage_ * 2, kLongestPause) : kFirstPause;
  pause_ = Clock::now() + *outage_;
}

Task<void> StatusWriter::tell(EventLedger::Due due) {
  const std::string collection = "/apis/events.k8s.io/v1/namespaces/" +
                                 percent_encode(due.event.service.namespace_) + "/events";
  auto answer =
      co_await client_.call({.method = "POST",
                             .target = collection,
                             .body = event_body(due.event, options_.identity, system_clock::now()),
                             .content_type = "application/json"});
  if (answer && answer->status == 409 && due.occurrence > 1) {
    answer =
        co_await client_.call({.method = "PATCH",
                               .target = collection + "/" + percent_encode(event_name(due.event)),
                               .body = event_series_patch(due.occurrence, system_clock::now()),
                               .content_type = "application/merge-patch+json"});
  }
  judge_outage(answer ? nullptr : &answer.error());
  if (!answer) co_return;
  const bool done = answer->status < 300 || answer->status == 409;
  if (!done && ++event_failures_ < kEventTries) {
    if (answer->status == 401) client_.refresh_credentials();
    event_pause_ = Clock::now() + Milliseconds(200) * (1 << event_failures_);
    co_return;
  }
  // An Event is a courtesy: the condition says the same and is written until it is there.
  if (!done) {
    log::warning("cannot write event",
                 {{"service", due.event.service.namespace_ + "/" + due.event.service.name},
                  {"reason", parse_status(answer->status, answer->body, "").message}});
  }
  event_failures_ = 0;
  events_.told(due);
}

Task<void> StatusWriter::stop() {
  stopping_ = true;
  wake();
  election_wait_.cancel();
  look_again_.cancel();
  const auto record = election_.release(Clock::now());
  if (!record) co_return;
  co_await client_.call({.method = "PUT",
                         .target = leases(options_, options_.lease_name),
                         .body = lease_body(*record, options_.lease_namespace, options_.lease_name,
                                            system_clock::now()),
                         .content_type = "application/json"});
}

}  // namespace ropewalk::controller::kube
