// The open streams of the push server and what they share. Lock order: Streams, then one stream.
#pragma once

#include "controller/objects/source.h"
#include "controller/push/node_report.h"
#include "controller/push/session.h"
#include "controller/snapshot/desired.h"
#include "ropewalk/sync/v1/sync.grpc.pb.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace ropewalk::controller {

struct Translation;
class ServerStream;

class Streams {
 public:
  Streams(std::string gateway_name, std::chrono::seconds forget_after);

  void publish(const Translation& translation, Extent extent,
               const std::set<std::string>& unreadable_namespaces);
  void stand(Standing standing);
  void on_change(std::function<void()> changed);
  std::vector<NodeReport> report() const;
  const std::string& gateway_name() const { return gateway_name_; }

  // Called by the streams, none of their locks held.
  void opened(ServerStream& stream);
  void ended(ServerStream& stream);
  void notify() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Gone {
    NodeReport last;
    Clock::time_point since;
  };

  const std::string gateway_name_;
  const std::chrono::seconds forget_after_;
  mutable std::mutex mutex_;
  DesiredBuilder builder_;
  std::shared_ptr<const Desired> desired_;
  std::map<std::uint64_t, ServerStream*> open_;  // in the order of their arrival
  std::uint64_t arrivals_ = 0;
  bool stands_by_ = false;
  mutable std::map<std::string, Gone> gone_;  // by node id
  std::shared_ptr<const std::function<void()>> changed_;
};

// One data plane. Deletes itself in OnDone.
class ServerStream final : public grpc::ServerBidiReactor<sync::v1::Report, sync::v1::Delta> {
 public:
  ServerStream(grpc::CallbackServerContext& context, std::shared_ptr<Streams> streams);
  void begin();

  void on_desired(std::shared_ptr<const Desired> desired);
  void turn_away();                          // to the replica that leads
  std::optional<NodeReport> report() const;  // nothing before it named itself

 private:
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  bool take_report();                // mutex_ held; false: the stream is over
  void write_next();                 // mutex_ held
  void finish(grpc::Status status);  // mutex_ held

  const std::shared_ptr<Streams> streams_;
  grpc::CallbackServerContext& context_;
  mutable std::mutex mutex_;
  Session session_;
  sync::v1::Report report_;
  sync::v1::Delta delta_;
  bool writing_ = false;
  bool finished_ = false;
};

}  // namespace ropewalk::controller
