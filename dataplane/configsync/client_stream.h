// One gRPC stream to the controller. The owner calls from one thread; the events come from threads
// of gRPC, `closed` last and exactly once. The owner keeps its reference until then and drops it on
// its own thread.
#pragma once

#include "common/stream_tls.h"
#include "ropewalk/sync/v1/sync.grpc.pb.h"

#include <grpcpp/grpcpp.h>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace ropewalk::configsync {

class ClientStream final : public grpc::ClientBidiReactor<sync::v1::Report, sync::v1::Delta> {
 public:
  struct End {
    grpc::Status status;
    bool stands_by = false;  // that replica of the controller leaves it to another
  };
  struct Events {
    std::function<void()> opened;
    std::function<void(sync::v1::Delta)> received;
    std::function<void(End)> closed;
  };

  // `tls`: nothing for plaintext. `server_name`: verified in place of the target's host, "" for it.
  static std::shared_ptr<ClientStream> open(const std::string& target,
                                            const std::optional<TlsPem>& tls,
                                            const std::string& server_name, Events events);

  void send(sync::v1::Report report);  // queued; dropped when the stream is at its end
  void cancel();

 private:
  ClientStream(std::shared_ptr<grpc::Channel> channel, Events events);
  void begin(std::shared_ptr<ClientStream> self);
  void write_next();  // mutex_ held
  void let_go();      // mutex_ held

  void OnReadInitialMetadataDone(bool ok) override;
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<sync::v1::ConfigSync::Stub> stub_;
  const Events events_;
  grpc::ClientContext context_;
  sync::v1::Delta delta_;
  std::shared_ptr<ClientStream> self_;  // until OnDone

  std::mutex mutex_;
  std::deque<sync::v1::Report> waiting_;  // the first one is being written while writing_
  bool writing_ = false;
  bool let_go_ = false;
};

}  // namespace ropewalk::configsync
