#include "controller/kube/watches.h"

#include "common/log.h"
#include "controller/kube/paths.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace ropewalk::controller::kube {
namespace {

using Clock = std::chrono::steady_clock;

// How long a reference may keep the first translation from being published, and how long all of
// them together, from the first one on: somebody may name new ones again and again.
constexpr auto kPatience = std::chrono::seconds(2);
constexpr auto kPatienceInAll = std::chrono::seconds(5);
// A restarted API server answers 403 for some 10 ms although the role is fine.
constexpr auto kForbiddenForGood = std::chrono::seconds(1);

std::string describe(const Scope& scope) {
  std::string out = to_string(scope.kind);
  if (!scope.name.empty()) return out + " " + scope.namespace_ + "/" + scope.name;
  out += "s";
  if (!scope.namespace_.empty()) out += " in " + scope.namespace_;
  return out;
}

}  // namespace

struct Watches::Watch {
  Watch(asio::io_context& context, Scope what, bool is_required, const Random& random)
      : scope(std::move(what)),
        required(is_required),
        reflector(random),
        timer(context.get_executor()),
        patience(context.get_executor()) {}

  bool settled(Clock::time_point now) const {
    return reflector.synced() || unreadable || (!required && now - started >= kPatience);
  }

  Scope scope;
  bool required;
  Reflector reflector;
  SteadyTimer timer;
  SteadyTimer patience;
  std::shared_ptr<WatchStream> stream;
  Clock::time_point started = Clock::now();
  bool stopped = false;
  bool unreadable = false;
  bool reported = false;  // its problem is in the log
};

Watches::Watches(asio::io_context& context, Client& client, Store& store, Random random,
                 OnProgress on_progress, Milliseconds forbidden_patience)
    : context_(context),
      client_(client),
      store_(store),
      random_(std::move(random)),
      on_progress_(std::move(on_progress)),
      forbidden_patience_(forbidden_patience) {}

Watches::~Watches() = default;

void Watches::start(const std::vector<std::string>& namespaces) {
  const auto both = [this](const std::string& name) {
    base_.push_back(begin({ObjectKind::service, name, ""}, true));
    base_.push_back(begin({ObjectKind::endpoint_slice, name, ""}, true));
  };
  if (namespaces.empty()) both("");
  for (const std::string& name : std::set(namespaces.begin(), namespaces.end())) both(name);
}

void Watches::stop() {
  for (const WatchPtr& watch : std::exchange(base_, {})) end(watch);
  for (auto* map : {&secrets_, &config_maps_}) {
    for (const auto& [key, watch] : std::exchange(*map, {})) {
      if (watch) end(watch);
    }
  }
}

void Watches::set_references(const std::set<ObjectKey>& secrets,
                             const std::set<ObjectKey>& config_maps) {
  if (!first_reference_ && !(secrets.empty() && config_maps.empty())) {
    first_reference_ = Clock::now();
  }
  const Difference of_secrets = refer(ObjectKind::secret, secrets, secrets_);
  const Difference of_config_maps = refer(ObjectKind::config_map, config_maps, config_maps_);
  // Both are known before anybody asks whether everything is settled.
  on_progress_(std::max(of_secrets, of_config_maps));
}

Difference Watches::refer(ObjectKind kind, const std::set<ObjectKey>& wanted,
                          std::map<ObjectKey, WatchPtr>& watches) {
  Difference difference = Difference::none;
  for (auto at = watches.begin(); at != watches.end();) {
    if (wanted.contains(at->first)) {
      ++at;
      continue;
    }
    if (at->second) end(at->second);
    difference = std::max(difference, store_.drop({kind, at->first.namespace_, at->first.name}));
    at = watches.erase(at);
  }
  for (const ObjectKey& key : wanted) {
    if (watches.contains(key)) continue;
    const Scope scope{kind, key.namespace_, key.name};
    if (is_object_name(key.namespace_) && is_object_name(key.name)) {
      watches[key] = begin(scope, false);
    } else {
      watches[key] = nullptr;
      difference = std::max(difference, store_.set_unreadable(scope, "not a valid name"));
    }
  }
  return difference;
}

Watches::WatchPtr Watches::begin(Scope scope, bool required) {
  auto watch = std::make_shared<Watch>(context_, std::move(scope), required, random_);
  asio::co_spawn(context_.get_executor(), run(watch), asio::detached);
  if (!required) {
    watch->patience.expires_after(kPatience);
    watch->patience.async_wait([this, watch](const error_code& error) {
      if (!error && !watch->stopped) on_progress_(Difference::none);
    });
  }
  return watch;
}

void Watches::end(const WatchPtr& watch) {
  watch->stopped = true;
  watch->timer.cancel();
  watch->patience.cancel();
  if (watch->stream) watch->stream->cancel();
}

bool Watches::synced() const {
  for (const WatchPtr& watch : base_) {
    if (!watch->reflector.synced() && !unreadable(watch->scope.namespace_)) return false;
  }
  return !base_.empty();
}

bool Watches::settled() const {
  if (!synced()) return false;
  const auto now = Clock::now();
  if (first_reference_ && now - *first_reference_ >= kPatienceInAll) return true;
  for (const auto* map : {&secrets_, &config_maps_}) {
    for (const auto& [key, watch] : *map) {
      if (watch && !watch->settled(now)) return false;
    }
  }
  return true;
}

std::vector<SourceProblem> Watches::problems() const {
  std::vector<SourceProblem> out;
  for (const std::string& name : store_.unreadable_namespaces()) {
    out.push_back({"namespace " + name,
                   "the controller may not read it: what data planes have of it stays as it is, "
                   "new ones get nothing of it; give the rights back or, if it was deleted, take "
                   "it out of chart value watch.namespaces"});
  }
  const auto look = [&out](const Watch& watch) {
    if (watch.reflector.problem().empty()) return;
    out.push_back({describe(watch.scope), watch.reflector.problem()});
  };
  for (const WatchPtr& watch : base_) look(*watch);
  for (const auto* map : {&secrets_, &config_maps_}) {
    for (const auto& [key, watch] : *map) {
      if (watch) look(*watch);
    }
  }
  return out;
}

Task<void> Watches::run(WatchPtr watch) {
  while (!watch->stopped) {
    const Action action = watch->reflector.next();
    if (const auto* wait = std::get_if<WaitAction>(&action)) {
      if (wait->refresh_credentials) client_.refresh_credentials();
      watch->timer.expires_after(wait->delay);
      error_code ignored;
      co_await watch->timer.async_wait(
          asio::redirect_error(asio::use_awaitable_t<Executor>(), ignored));
    } else if (const auto* page = std::get_if<ListAction>(&action)) {
      co_await list(watch, *page);
    } else {
      co_await this->watch(watch, std::get<WatchAction>(action));
    }
    if (watch->stopped) break;
    judge_reference(*watch);
    if (watch->required) judge_namespaces();
    report(*watch);
  }
}

Task<void> Watches::list(WatchPtr watch, ListAction action) {
  Request request{.target = list_target(watch->scope, action)};
  auto answer = co_await client_.call(std::move(request));
  if (watch->stopped) co_return;
  Reflector& reflector = watch->reflector;
  if (!answer) {
    reflector.on_error(answer.error(), Clock::now());
    co_return;
  }
  if (answer->status != 200) {
    reflector.on_status(parse_status(answer->status, answer->body, answer->retry_after),
                        Clock::now());
    co_return;
  }
  auto page = parse_list(watch->scope.kind, answer->body);
  if (!page) {
    reflector.on_error(page.error(), Clock::now());
    co_return;
  }
  for (const std::string& line : page->unreadable) {
    log::warning("object is not readable", {{"reason", line}});
  }
  absorb(*watch, reflector.on_page(std::move(*page), Clock::now()));
}

Task<void> Watches::watch(WatchPtr watch, WatchAction action) {
  Request request{.target = watch_target(watch->scope, action)};
  auto stream = co_await client_.watch(std::move(request));
  if (watch->stopped) co_return;
  Reflector& reflector = watch->reflector;
  if (!stream) {
    reflector.on_error(stream.error(), Clock::now());
    co_return;
  }
  if ((*stream)->status() != 200) {
    const Response& refusal = (*stream)->refusal();
    reflector.on_status(parse_status(refusal.status, refusal.body, refusal.retry_after),
                        Clock::now());
    co_return;
  }
  watch->stream = std::move(*stream);
  reflector.on_watch_open(Clock::now());
  report(*watch);
  co_await follow(watch);
  watch->stream.reset();
}

Task<void> Watches::follow(WatchPtr watch) {
  Reflector& reflector = watch->reflector;
  for (;;) {
    auto line = co_await watch->stream->line();
    if (watch->stopped) co_return;
    if (!line && line.error().kind == Kind::timeout) {
      reflector.on_silence(Clock::now());
      co_return;
    }
    if (!line || !*line) {
      reflector.on_end(Clock::now());
      co_return;
    }
    auto event = parse_watch_event(watch->scope.kind, **line);
    if (!event) {
      log::warning("watch broke off",
                   {{"of", describe(watch->scope)}, {"reason", event.error().message}});
      reflector.on_end(Clock::now());
      co_return;
    }
    if (!event->unreadable.empty()) {
      log::warning("object is not readable", {{"reason", event->unreadable}});
    }
    Effect effect = reflector.on_event(std::move(*event), Clock::now());
    const bool close = effect.close;
    absorb(*watch, std::move(effect));
    if (close) co_return;
  }
}

void Watches::absorb(Watch& watch, Effect effect) {
  if (effect.type == Effect::Type::none) return;
  Difference difference = Difference::none;
  if (!watch.scope.name.empty()) {
    const bool there = effect.type != Effect::Type::remove && !effect.objects.empty();
    difference = store_.set_unreadable(watch.scope, there ? "" : "does not exist");
    watch.unreadable = false;
  }
  difference = std::max(difference, store_.apply(watch.scope, std::move(effect)));
  if (watch.required) judge_namespaces();
  on_progress_(difference);
}

void Watches::judge_reference(Watch& watch) {
  const auto since = watch.reflector.forbidden_since();
  if (watch.scope.name.empty() || watch.reflector.synced() || watch.unreadable || !since) return;
  if (Clock::now() - *since < kForbiddenForGood) return;
  watch.unreadable = true;
  on_progress_(store_.set_unreadable(watch.scope, "the controller may not read " +
                                                      std::string(to_string(watch.scope.kind)) +
                                                      "s in namespace " + watch.scope.namespace_ +
                                                      " (chart value secretNamespaces)"));
}

bool Watches::unreadable(const std::string& name) const {
  return store_.unreadable_namespaces().contains(name);
}

// Only at the beginning: of what was seen once, the last view stays.
void Watches::judge_namespaces() {
  const auto now = Clock::now();
  std::set<std::string> found;
  for (const WatchPtr& watch : base_) {
    const std::string& name = watch->scope.namespace_;
    const auto since = watch->reflector.forbidden_since();
    if (watch->reflector.synced()) watch->unreadable = false;
    if (watch->unreadable) found.insert(name);
    if (watch->reflector.synced() || watch->unreadable || !since) continue;
    // Where no namespace can be read whole, it is the gateway's rights that are missing.
    const bool others_work = std::ranges::any_of(base_, [&](const WatchPtr& other) {
      return other->scope.namespace_ != name &&
             std::ranges::all_of(base_, [&](const WatchPtr& watch) {
               return watch->scope.namespace_ != other->scope.namespace_ ||
                      watch->reflector.synced();
             });
    });
    if (!others_work) continue;
    if (now - *since >= forbidden_patience_) {
      watch->unreadable = true;
      found.insert(name);
      continue;
    }
    watch->patience.expires_at(*since + forbidden_patience_);
    watch->patience.async_wait([this, watch](const error_code& error) {
      if (!error && !watch->stopped) judge_namespaces();
    });
  }
  const std::set<std::string> before = store_.unreadable_namespaces();
  for (const std::string& name : found) {
    if (before.contains(name)) continue;
    log::error("a watched namespace may not be read: what data planes have of it stays as it is",
               {{"namespace", name},
                {"hint", "deleted? give the rights back or take it out of watch.namespaces"}});
  }
  for (const std::string& name : before) {
    if (!found.contains(name)) log::info("a namespace can be read now", {{"namespace", name}});
  }
  if (found == before) return;
  on_progress_(store_.set_unreadable_namespaces(std::move(found)));
}

void Watches::report(Watch& watch) {
  const std::string& problem = watch.reflector.problem();
  if (problem.empty() == !watch.reported) return;
  watch.reported = !problem.empty();
  if (watch.reported) {
    log::warning("watch interrupted", {{"of", describe(watch.scope)}, {"reason", problem}});
  } else {
    log::info("watch works again", {{"of", describe(watch.scope)}});
  }
  on_progress_(Difference::none);
}

}  // namespace ropewalk::controller::kube
