#include "dataplane/filters/circuit_breaker/circuit_breaker.h"

#include "common/json/value.h"
#include "common/log.h"
#include "dataplane/filters/circuit_breaker/breaker.h"

#include <chrono>
#include <mutex>

namespace ropewalk::circuit_breaker {
namespace {

using pipeline::Flow;
using pipeline::Step;

Nanoseconds now() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Options {
  Settings settings;
  std::string name;
  bool log = false;
};

Result<Options> parse_options(std::string_view text) {
  constexpr Nanoseconds kSecond = 1'000'000'000;
  const auto document = json::parse(text);
  if (!document || !document->is_object()) return fail(Kind::config, "expected an object");
  Options out;
  for (const auto& [key, value] : document->members()) {
    const auto number = value.as_integer();
    if (key == "interval_s" && number)
      out.settings.interval = *number * kSecond;
    else if (key == "timeout_s" && number)
      out.settings.timeout = *number * kSecond;
    else if (key == "max_errors" && number)
      out.settings.max_errors = static_cast<std::uint64_t>(*number);
    else if (key == "name" && value.is_string())
      out.name = value.string();
    else if (key == "log" && value.is_boolean())
      out.log = value.boolean();
    else
      return fail(Kind::config, "cannot use " + key);
  }
  return out;
}

// The breaker of one backend entry, shared by the workers.
class Shared {
 public:
  explicit Shared(Options options)
      : options_(std::move(options)), breaker_(options_.settings, now()) {}

  Breaker::Admission enter() {
    Breaker::Admission admission;
    change([&] { admission = breaker_.enter(now()); });
    return admission;
  }
  void leave(std::uint64_t generation, Outcome outcome) {
    change([&] { breaker_.leave(generation, outcome, now()); });
  }

 private:
  template <class Action>
  void change(Action action) {
    State before{};
    State after{};
    {
      const std::lock_guard lock(mutex_);
      before = breaker_.state();
      action();
      after = breaker_.state();
    }
    if (options_.log && before != after)
      log::warning(
          "circuit breaker changed its state",
          {{"name", options_.name}, {"from", to_string(before)}, {"to", to_string(after)}});
  }

  const Options options_;
  std::mutex mutex_;
  Breaker breaker_;
};

class BreakerFilter final : public pipeline::Filter {
 public:
  explicit BreakerFilter(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

  pipeline::AnswerUse answer_use() const override { return pipeline::AnswerUse::outcome; }

  Step on_request(Flow& flow) const override {
    const Breaker::Admission admission = shared_->enter();
    if (admission.entry == Entry::admitted) {
      flow.note() = std::make_shared<Ticket>(shared_, admission.generation);
      return Step::next;
    }
    flow.error.kind = Kind::unavailable;
    flow.error.message =
        admission.entry == Entry::open ? "circuit breaker is open" : "too many requests";
    return Step::fail;
  }

  Step on_response(Flow& flow) const override {
    settle(flow, Outcome::success);
    return Step::next;
  }

  void on_error(Flow& flow) const override {
    settle(flow, flow.error.kind == Kind::cancelled ? Outcome::cancelled : Outcome::failure);
  }

 private:
  // A call that ends without a word gives its place back.
  struct Ticket {
    Ticket(std::shared_ptr<Shared> breaker, std::uint64_t of)
        : shared(std::move(breaker)), generation(of) {}
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;
    ~Ticket() { shared->leave(generation, outcome); }

    std::shared_ptr<Shared> shared;
    std::uint64_t generation;
    Outcome outcome = Outcome::cancelled;
  };

  static void settle(Flow& flow, Outcome outcome) {
    if (auto* ticket = static_cast<Ticket*>(flow.note().get())) ticket->outcome = outcome;
    flow.note().reset();
  }

  const std::shared_ptr<Shared> shared_;
};

}  // namespace

Result<std::shared_ptr<const pipeline::Filter>> make_circuit_breaker(const pipeline::Site& site) {
  auto options = parse_options(site.text);
  if (!options) return std::unexpected(options.error());
  const std::string key = std::string(site.id) + "#qos/circuit-breaker " + std::string(site.text);
  auto shared = site.state<Shared>(key, std::move(*options));
  return std::make_shared<BreakerFilter>(std::move(shared));
}

}  // namespace ropewalk::circuit_breaker
