#include "dataplane/configsync/client_session.h"

#include <algorithm>

namespace ropewalk::configsync {

ClientSession::ClientSession(Options options)
    : options_(std::move(options)), table_(options_.check), backoff_(options_.first_retry) {}

ClientSession::Actions ClientSession::start(ResourceMap snapshot, Clock::time_point now) {
  started_ = now;
  retry_at_ = now;
  Actions out;
  if (!snapshot.empty()) {
    Transaction restored;
    for (auto& [name, resource] : snapshot) restored.upserts.push_back(std::move(resource));
    restoring_ = true;
    take(table_.begin(std::move(restored)), out);
  }
  connect_if_due(now, out);
  return out;
}

// Not while something is being put into force: what the first report says would be out of date
// before the controller read it.
void ClientSession::connect_if_due(Clock::time_point now, Actions& out) {
  if (phase_ != Phase::waiting || table_.busy() || now < retry_at_) return;
  phase_ = Phase::connecting;
  assembler_ = Assembler();
  table_.restart();
  sync::v1::Report report;
  *report.mutable_node() = options_.node;
  for (auto& held : table_.held()) *report.add_held() = std::move(held);
  out.emplace_back(Connect{});
  out.emplace_back(Send{std::move(report)});
}

ClientSession::Actions ClientSession::on_open() {
  if (phase_ == Phase::connecting) phase_ = Phase::open;
  return {};
}

ClientSession::Actions ClientSession::on_delta(sync::v1::Delta delta) {
  Actions out;
  if (phase_ != Phase::connecting && phase_ != Phase::open) return out;
  phase_ = Phase::open;
  auto transaction = assembler_.on_delta(std::move(delta));
  if (!transaction) {
    phase_ = Phase::closing;
    queue_.clear();
    current_of_stream_ = false;
    out.emplace_back(Disconnect{transaction.error().message});
    return out;
  }
  backoff_ = options_.first_retry;
  if (!*transaction) return out;
  queue_.push_back(std::move(**transaction));
  begin_next(out);
  return out;
}

void ClientSession::begin_next(Actions& out) {
  while (!table_.busy() && !queue_.empty()) {
    Transaction next = std::move(queue_.front());
    queue_.pop_front();
    current_of_stream_ = true;
    current_is_complete_ = next.complete;
    take(table_.begin(std::move(next)), out);
  }
}

void ClientSession::take(ResourceTable::Step step, Actions& out) {
  if (step.apply) {
    current_was_applied_ = true;
    out.emplace_back(Apply{std::move(step.apply->all), step.apply->host_sets_only});
  } else {
    settle(std::move(*step.acknowledgement), out);
  }
}

void ClientSession::settle(sync::v1::Acknowledgement acknowledgement, Actions& out) {
  if (restoring_) snapshot_in_force_ = !table_.in_force().empty();
  if (current_is_complete_) complete_ = true;
  const auto& rejected = acknowledgement.rejected();
  out.emplace_back(Settled{current_was_applied_, {rejected.begin(), rejected.end()}});
  if (current_of_stream_) {
    sync::v1::Report report;
    *report.add_acknowledgements() = std::move(acknowledgement);
    out.emplace_back(Send{std::move(report)});
  }
  restoring_ = false;
  current_is_complete_ = false;
  current_was_applied_ = false;
  current_of_stream_ = false;
}

ClientSession::Actions ClientSession::on_applied(const std::vector<Refusal>& refusals,
                                                 Clock::time_point now) {
  Actions out;
  take(table_.applied(refusals), out);
  if (table_.busy()) return out;
  begin_next(out);
  connect_if_due(now, out);
  return out;
}

ClientSession::Actions ClientSession::on_closed(Clock::time_point now) {
  Actions out;
  if (phase_ == Phase::waiting) return out;
  phase_ = Phase::waiting;
  queue_.clear();
  current_of_stream_ = false;
  // Between half of the step and all of it: data planes that lost one controller together do not
  // come back together.
  retry_at_ =
      now + std::chrono::duration_cast<Milliseconds>(backoff_ * (0.5 + 0.5 * options_.random()));
  backoff_ = std::min(2 * backoff_, options_.longest_retry);
  return out;
}

ClientSession::Actions ClientSession::on_turned_away(Clock::time_point now) {
  backoff_ = std::min(backoff_, options_.longest_search);
  return on_closed(now);
}

ClientSession::Actions ClientSession::on_tick(Clock::time_point now) {
  Actions out;
  connect_if_due(now, out);
  return out;
}

std::optional<ClientSession::Clock::time_point> ClientSession::next_tick(
    Clock::time_point now) const {
  std::optional<Clock::time_point> out;
  if (phase_ == Phase::waiting && !table_.busy()) out = retry_at_;
  const auto ready_at = started_ + options_.patience;
  if (snapshot_in_force_ && !complete_ && now < ready_at)
    out = out ? std::min(*out, ready_at) : ready_at;
  return out;
}

bool ClientSession::ready(Clock::time_point now) const {
  return complete_ || (snapshot_in_force_ && now - started_ >= options_.patience);
}

}  // namespace ropewalk::configsync
