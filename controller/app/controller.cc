#include "controller/app/controller.h"

#include "common/log.h"
#include "controller/app/gateway_config.h"
#include "controller/app/metrics.h"
#include "controller/push/server.h"
#include "controller/snapshot/debounce.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace ropewalk::controller {

using Clock = Debounce::Clock;

class Controller::Impl {
 public:
  Impl(Options options, Source& source, StatusSink& status, PushServer& push,
       const GatewayConfig* gateway_config, std::chrono::milliseconds arrival)
      : options_(std::move(options)),
        source_(source),
        status_(status),
        push_(push),
        gateway_config_(gateway_config),
        arrival_(arrival) {}

  ~Impl() { stop(); }

  void start() {
    push_.on_change([this] { on_reports(); });
    status_.on_standing([this] { on_reports(); });
    on_reports();  // the standing may be known already
    thread_ = std::thread([this] { run(); });
  }

  void stop() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
    push_.on_change([] {});
    status_.on_standing({});
  }

  void on_change(Change change) {
    {
      const std::scoped_lock lock(mutex_);
      debounce_.on_change(change, Clock::now());
    }
    wake_.notify_one();
  }

  bool published() const { return published_state() != nullptr; }

  std::vector<ReportedProblem> problems() const {
    const auto nodes = push_.report();
    const auto source = source_.problems();
    const std::string error = gateway_config_ ? gateway_config_->error() : "";
    const auto state = published_state();
    if (!state) {
      auto out = list_problems({}, {}, nodes, source, error);
      out.push_back(kNothingPublished);
      return out;
    }
    const Feedback feedback =
        fold(state->translation.statuses, {}, state->hashes, state->translation.held, nodes,
             Absence::is_said, options_.gateway_name);
    auto out = list_problems(state->translation, feedback, nodes, source, error);
    if (status_.standing() == Standing::stands_by) out.push_back(kStandsBy);
    return out;
  }

  std::string metrics() const {
    const auto nodes = push_.report();
    const auto state = published_state();
    ControllerFigures figures;
    {
      const std::scoped_lock lock(mutex_);
      figures = figures_;
    }
    figures.leading = status_.standing() == Standing::leads;
    figures.gateway_config_rejected = gateway_config_ && !gateway_config_->error().empty();
    static const Translation kNothing;
    return render_metrics(figures, state ? state->translation : kNothing, nodes);
  }

 private:
  // Answers of several data planes to one change come together.
  void on_reports() { tell_at(Clock::now() + std::chrono::milliseconds(5)); }

  void tell_at(Clock::time_point time) {
    {
      const std::scoped_lock lock(mutex_);
      reports_due_ = reports_due_ ? std::min(*reports_due_, time) : time;
    }
    wake_.notify_one();
  }

  void run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      const auto now = Clock::now();
      if (debounce_.fire(now)) {
        lock.unlock();
        translate_now();
        lock.lock();
        continue;
      }
      if (reports_due_ && *reports_due_ <= now) {
        reports_due_.reset();
        lock.unlock();
        tell();
        lock.lock();
        continue;
      }
      auto next = debounce_.deadline();
      if (reports_due_ && (!next || *reports_due_ < *next)) next = reports_due_;
      if (next)
        wake_.wait_until(lock, *next);
      else
        wake_.wait(lock);
    }
  }

  void translate_now() {
    const auto began = Clock::now();
    Options options = options_;
    options.now = std::chrono::duration_cast<std::chrono::seconds>(
                      std::chrono::system_clock::now().time_since_epoch())
                      .count();
    auto extent = Extent::everything;
    if (gateway_config_) {
      const auto document = gateway_config_->document();
      if (document) {
        options.gateway_config = document->resources;
        options.inherited = document->inherited;
      } else {
        extent = Extent::addresses;
      }
    }
    // Asked before and after: an object that arrives in between is in a later view, not in this
    // one.
    const bool settled = source_.settled();
    const ObjectSet objects = source_.snapshot();
    Translation translation = translate(objects, options, memory_);
    memory_ = std::move(translation.memory);
    source_.set_references(translation.referenced_secrets, translation.referenced_config_maps);
    // Secrets that are referenced for the first time are on their way: a change follows. Data
    // planes hold nothing of this controller yet and would lose what waits for them; later an entry
    // whose Secret is on its way is held alone, and everybody else's changes go on.
    if (!published_state() && (!settled || !source_.settled())) return;
    push_.publish(translation, extent, objects.unreadable_namespaces);
    // Nothing true can be said about Services without the document that they inherit from.
    if (extent == Extent::addresses) return;

    auto state = std::make_shared<State>();
    for (const auto& resource : translation.resources)
      state->hashes.emplace(resource.name(), resource.hash());
    translation.resources.clear();
    translation.host_choices.clear();
    translation.possible_parts.clear();
    state->translation = std::move(translation);
    {
      const std::scoped_lock lock(mutex_);
      ++figures_.translations;
      figures_.translation_seconds += std::chrono::duration<double>(Clock::now() - began).count();
      figures_.resources = state->hashes.size();
      if (!state_) log::info("first configuration published");
      state_ = std::move(state);
    }
    tell();
  }

  void tell() {
    push_.stand(status_.standing());
    const auto state = published_state();
    if (!state) return;
    auto feedback = fold(state->translation.statuses, state->translation.events, state->hashes,
                         state->translation.held, push_.report(), absence(), options_.gateway_name);
    status_.publish(std::move(feedback.statuses), std::move(feedback.events));
  }

  // A replica that does not lead decides nothing: what it wished last is written when it begins to.
  Absence absence() {
    if (status_.standing() != Standing::leads) {
      absent_from_.reset();
      return Absence::is_undecided;
    }
    const auto now = Clock::now();
    if (!absent_from_) absent_from_ = now + arrival_;
    if (now >= *absent_from_) return Absence::is_said;
    tell_at(*absent_from_);
    return Absence::is_undecided;
  }

  // What was published: the push server has the resources, here counts what is said about them.
  struct State {
    Translation translation;  // without resources
    HashesByName hashes;
  };

  std::shared_ptr<const State> published_state() const {
    const std::scoped_lock lock(mutex_);
    return state_;
  }

  const Options options_;
  Source& source_;
  StatusSink& status_;
  PushServer& push_;
  const GatewayConfig* const gateway_config_;
  const std::chrono::milliseconds arrival_;
  std::optional<Clock::time_point> absent_from_;  // own thread only
  Memory memory_;                                 // likewise

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  // Quiet is what the end of a burst is, too: changes one after the other, each made when the one
  // before is served, do not wait.
  Debounce debounce_{Debounce::Limits{.idle = std::chrono::milliseconds(10)}};
  std::optional<Clock::time_point> reports_due_;
  std::shared_ptr<const State> state_;
  ControllerFigures figures_;
  bool stopping_ = false;
  std::thread thread_;
};

Controller::Controller(Options options, Source& source, StatusSink& status, PushServer& push,
                       const GatewayConfig* gateway_config, std::chrono::milliseconds arrival)
    : impl_(std::make_unique<Impl>(std::move(options), source, status, push, gateway_config,
                                   arrival)) {}
Controller::~Controller() = default;

void Controller::start() { impl_->start(); }
void Controller::stop() { impl_->stop(); }
void Controller::on_change(Change change) { impl_->on_change(change); }
bool Controller::published() const { return impl_->published(); }
std::vector<ReportedProblem> Controller::problems() const { return impl_->problems(); }
std::string Controller::metrics() const { return impl_->metrics(); }

}  // namespace ropewalk::controller
