#include "controller/kube/reflector.h"

#include <utility>

namespace ropewalk::controller::kube {
namespace {

constexpr int kPage = 500;
// A watch shorter than this without any event is a failure: or a server that ends each watch at
// once would be asked without pause.
constexpr auto kShortest = std::chrono::seconds(1);

std::string describe(const ApiStatus& status) {
  return std::to_string(status.code) + (status.reason.empty() ? "" : " " + status.reason) + ": " +
         status.message;
}

bool too_large_version(const ApiStatus& status) {
  return status.code == 504 && status.message.find("resource version") != std::string::npos;
}

}  // namespace

Reflector::Reflector(Random random) : random_(random), backoff_(random) {}

Action Reflector::next() {
  if (wait_) return *std::exchange(wait_, {});
  // Spread over five minutes, so that the watches of a fleet do not end together.
  const std::chrono::seconds timeout(300 + static_cast<int>(random_() * 300));
  switch (mode_) {
    case Mode::watch_list:
      initial_.clear();
      return WatchAction{version_, true, timeout};
    case Mode::watch:
      return WatchAction{version_, false, timeout};
    case Mode::list:
      break;
  }
  if (exact_) return ListAction{"", continue_, kPage};
  return ListAction{version_.empty() ? "0" : version_, "", 0};
}

void Reflector::begin_anew() {
  mode_ = watch_list_refused_ ? Mode::list : Mode::watch_list;
  continue_.clear();
  collected_.clear();
}

void Reflector::retry(Backoff::Cause cause, bool refresh_credentials) {
  wait_ = WaitAction{backoff_.next(cause), refresh_credentials};
}

void Reflector::healthy(Time) {
  problem_.clear();
  forbidden_since_.reset();
}

Effect Reflector::replace(std::vector<Object> objects, const std::string& version) {
  version_ = version;
  mode_ = Mode::watch;
  exact_ = false;
  synced_ = true;
  return {.type = Effect::Type::replace, .objects = std::move(objects)};
}

Effect Reflector::on_page(ListPage page, Time now) {
  healthy(now);
  for (Object& object : page.items) collected_.push_back(std::move(object));
  continue_ = page.continue_token;
  if (!continue_.empty()) return {};
  return replace(std::exchange(collected_, {}), page.resource_version);
}

void Reflector::on_watch_open(Time now) {
  opened_ = now;
  events_ = 0;
  in_initial_ = mode_ == Mode::watch_list;
  healthy(now);
}

Effect Reflector::on_event(WatchEvent event, Time now) {
  if (event.type == WatchEvent::Type::error) return error_event(event.status, now);
  ++events_;
  stale_ = 0;
  if (in_initial_) {
    // The version of a view that is not complete yet must never be continued from.
    if (event.object) {
      ObjectKey key = key_of(*event.object);
      if (event.type == WatchEvent::Type::remove) {
        initial_.erase(key);
      } else {
        initial_.insert_or_assign(std::move(key), std::move(*event.object));
      }
    }
    if (!event.initial_events_end) return {};
    in_initial_ = false;
    std::vector<Object> all;
    for (auto& [key, object] : std::exchange(initial_, {})) all.push_back(std::move(object));
    return replace(std::move(all), event.resource_version);
  }
  version_ = event.resource_version;
  if (!event.object) return {};
  Effect out;
  out.type = event.type == WatchEvent::Type::remove ? Effect::Type::remove : Effect::Type::upsert;
  out.objects.push_back(std::move(*event.object));
  return out;
}

Effect Reflector::error_event(const ApiStatus& status, Time now) {
  backoff_.healthy_for(std::chrono::duration_cast<Milliseconds>(now - opened_));
  in_initial_ = false;
  if (status.code == 410) {
    // After a restart of the server the first one is normal. Again without an event in between, the
    // version itself is the trouble; a third time, the server.
    stale_ = events_ == 0 ? stale_ + 1 : 1;
    begin_anew();
    if (stale_ >= 2) {
      version_.clear();
      exact_ = true;
    }
    if (stale_ < 3) return {.close = true};
  }
  problem_ = describe(status);
  if (status.retry_after) {
    retry_after(*status.retry_after);
  } else {
    retry(Backoff::Cause::overloaded);
  }
  return {.close = true};
}

void Reflector::over(Time now) {
  const auto lived = now - opened_;
  backoff_.healthy_for(std::chrono::duration_cast<Milliseconds>(lived));
  const bool incomplete = std::exchange(in_initial_, false);
  if (incomplete || (lived < kShortest && events_ == 0)) retry(Backoff::Cause::away);
}

void Reflector::on_end(Time now) { over(now); }

void Reflector::on_silence(Time now) {
  over(now);
  problem_ = "no event and no bookmark for too long";
  // Either the peer is half dead or it waits for a version that it will never see (a data store
  // that was set back): a new view heals both, but not one of a cache, which may be older than
  // what was seen.
  version_.clear();
  begin_anew();
  exact_ = true;
}

void Reflector::retry_after(std::chrono::seconds delay) { wait_ = WaitAction{delay, false}; }

void Reflector::on_status(const ApiStatus& status, Time now) {
  problem_ = describe(status);
  if (status.code == 403) {
    if (!forbidden_since_) forbidden_since_ = now;
  } else {
    forbidden_since_.reset();
  }
  if (status.code == 401) return retry(Backoff::Cause::denied, true);
  if (status.code == 403) return retry(Backoff::Cause::denied);
  if (status.code == 429) {
    return status.retry_after ? retry_after(*status.retry_after)
                              : retry(Backoff::Cause::overloaded);
  }
  if (mode_ == Mode::watch_list && (status.code == 400 || status.code == 422)) {
    watch_list_refused_ = true;
    mode_ = Mode::list;
    problem_.clear();
    return;
  }
  if (status.code == 410 || too_large_version(status) ||
      (status.code == 400 && !version_.empty())) {
    // What the server may have refused: a version or a continue token. Without either it
    // contradicts itself, and hurry would not help.
    const bool droppable =
        !version_.empty() || (mode_ == Mode::list && (!exact_ || !continue_.empty()));
    version_.clear();
    begin_anew();
    exact_ = true;
    if (droppable) {
      problem_.clear();
      return;
    }
  }
  if (status.retry_after) return retry_after(*status.retry_after);
  retry(Backoff::Cause::overloaded);
}

void Reflector::on_error(const Error& error, Time now) {
  problem_ = error.message;
  forbidden_since_.reset();
  retry(Backoff::Cause::away);
}

}  // namespace ropewalk::controller::kube
