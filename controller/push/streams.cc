#include "controller/push/streams.h"

#include "common/log.h"
#include "controller/translate/translate.h"

#include <ranges>

namespace ropewalk::controller {

Streams::Streams(std::string gateway_name, std::chrono::seconds forget_after)
    : gateway_name_(std::move(gateway_name)), forget_after_(forget_after) {}

void Streams::publish(const Translation& translation, Extent extent,
                      const std::set<std::string>& unreadable_namespaces) {
  const std::lock_guard lock(mutex_);
  desired_ = builder_.build(translation, extent, unreadable_namespaces);
  for (const auto& [arrival, stream] : open_) stream->on_desired(desired_);
}

void Streams::stand(Standing standing) {
  const std::lock_guard lock(mutex_);
  stands_by_ = standing == Standing::stands_by;
  if (!stands_by_) return;
  gone_.clear();
  for (const auto& [arrival, stream] : open_) stream->turn_away();
}

void Streams::on_change(std::function<void()> changed) {
  const std::lock_guard lock(mutex_);
  changed_ = std::make_shared<const std::function<void()>>(std::move(changed));
}

void Streams::notify() const {
  std::shared_ptr<const std::function<void()>> changed;
  {
    const std::lock_guard lock(mutex_);
    changed = changed_;
  }
  if (changed && *changed) (*changed)();
}

void Streams::opened(ServerStream& stream) {
  const std::lock_guard lock(mutex_);
  open_.emplace(++arrivals_, &stream);
  if (stands_by_)
    stream.turn_away();
  else if (desired_)
    stream.on_desired(desired_);
}

void Streams::ended(ServerStream& stream) {
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(open_, [&](const auto& entry) { return entry.second == &stream; });
    if (auto last = stream.report(); last && !stands_by_) {
      last->connected = false;
      last->settled = false;
      const std::string id = last->id;
      gone_[id] = {std::move(*last), Clock::now()};
    }
  }
  notify();
}

std::vector<NodeReport> Streams::report() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, NodeReport> nodes;
  for (const auto* stream : std::views::values(open_))
    if (auto report = stream->report()) {
      std::string id = report->id;
      nodes.insert_or_assign(std::move(id), std::move(*report));
    }
  std::erase_if(gone_, [&](const auto& entry) {
    return nodes.contains(entry.first) || Clock::now() - entry.second.since >= forget_after_;
  });
  for (const auto& [id, gone] : gone_) nodes.emplace(id, gone.last);
  std::vector<NodeReport> out;
  for (auto& node : std::views::values(nodes)) out.push_back(std::move(node));
  return out;
}

ServerStream::ServerStream(grpc::CallbackServerContext& context, std::shared_ptr<Streams> streams)
    : streams_(std::move(streams)), context_(context) {}

void ServerStream::begin() {
  streams_->opened(*this);
  const std::lock_guard lock(mutex_);
  if (!finished_) StartRead(&report_);
}

void ServerStream::turn_away() {
  const std::lock_guard lock(mutex_);
  if (finished_) return;
  context_.AddTrailingMetadata("ropewalk-stands-by", "1");
  finish({grpc::StatusCode::UNAVAILABLE, "this replica of the controller stands by"});
}

void ServerStream::on_desired(std::shared_ptr<const Desired> desired) {
  const std::lock_guard lock(mutex_);
  session_.on_desired(std::move(desired));
  write_next();
}

std::optional<NodeReport> ServerStream::report() const {
  const std::lock_guard lock(mutex_);
  if (!session_.node()) return std::nullopt;
  const auto& node = *session_.node();
  return NodeReport{.id = node.id(),
                    .gateway = node.gateway(),
                    .build = node.build(),
                    .schema_version = node.schema_version(),
                    .connected = true,
                    .settled = session_.settled(),
                    .complete = session_.complete(),
                    .applied = session_.applied(),
                    .rejected = session_.rejected()};
}

void ServerStream::write_next() {
  if (writing_ || finished_) return;
  auto delta = session_.next();
  if (!delta) return;
  delta_ = std::move(*delta);
  writing_ = true;
  StartWrite(&delta_);
}

void ServerStream::finish(grpc::Status status) {
  if (finished_) return;
  finished_ = true;
  Finish(std::move(status));
}

bool ServerStream::take_report() {
  const bool first = !session_.node();
  if (first && report_.has_node() && report_.node().gateway() != streams_->gateway_name()) {
    finish({grpc::StatusCode::FAILED_PRECONDITION, "this controller serves gateway \"" +
                                                       streams_->gateway_name() + "\", not \"" +
                                                       report_.node().gateway() + "\""});
    return false;
  }
  if (auto taken = session_.on_report(report_); !taken) {
    log::warning("a data plane broke the protocol",
                 {{"peer", context_.peer()}, {"reason", taken.error().message}});
    finish({grpc::StatusCode::INVALID_ARGUMENT, taken.error().message});
    return false;
  }
  if (first) {
    log::info("data plane connected",
              {{"node", session_.node()->id()},
               {"build", session_.node()->build()},
               {"schema_version", std::to_string(session_.node()->schema_version())}});
    context_.AddInitialMetadata("ropewalk-sync", "1");
    StartSendInitialMetadata();
  }
  return true;
}

void ServerStream::OnReadDone(bool ok) {
  {
    const std::lock_guard lock(mutex_);
    if (finished_) return;
    if (!ok) {
      finish(grpc::Status::OK);
      return;
    }
    if (!take_report()) return;
    StartRead(&report_);
    write_next();
  }
  streams_->notify();
}

void ServerStream::OnWriteDone(bool ok) {
  const std::lock_guard lock(mutex_);
  writing_ = false;
  if (ok)
    write_next();
  else
    finish({grpc::StatusCode::UNAVAILABLE, "the data plane does not read"});
}

void ServerStream::OnCancel() {
  const std::lock_guard lock(mutex_);
  finish(grpc::Status::CANCELLED);
}

void ServerStream::OnDone() {
  streams_->ended(*this);
  if (session_.node()) log::info("data plane disconnected", {{"node", session_.node()->id()}});
  delete this;
}

}  // namespace ropewalk::controller
