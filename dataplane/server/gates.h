// Takes one client request through the gates of the service and of its endpoint. Owned by the
// client connection, reused for its next request. Lives on one worker.
#pragma once

#include "dataplane/compile/graph.h"
#include "dataplane/pipeline/gate.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace ropewalk::server {

using GateList = std::span<const std::shared_ptr<const pipeline::Gate>>;

// The connection, as its gates see it.
class GatesOwner {
 public:
  // After Gates::run had to wait: passed, answered, or a body is wanted (call run() again).
  virtual void on_gates(pipeline::Step step) = 0;
  virtual void answer_for_gate(unsigned status, std::string_view content_type,
                               std::string_view text) = 0;
  virtual bool shows_error_texts() const = 0;

 protected:
  ~GatesOwner() = default;
};

class Gates final : public pipeline::Passage {
 public:
  Gates(GatesOwner& owner, pipeline::Services& services) : owner_(owner), services_(services) {}

  // Forgets the last request.
  void reset();
  // A new request: `service` first, then `endpoint`.
  void begin(GateList service, GateList endpoint);
  // next: all have let it pass; done: one has answered; wait: on_gates() follows, or the next gate
  // wants the body and it is not there yet (wants_body()).
  pipeline::Step run(bool body_is_here);
  bool wants_body() const { return wants_body_; }
  // Whether the gate that runs stands behind the router (and its Allow field) already.
  bool behind_router() const;
  // The client has gone, or the request is over.
  void stop() { forget(); }

  // Rewrites the head of an answer: status line and fields so far.
  void decorate(std::string& head);

  pipeline::Services& services() override { return services_; }
  void answer(unsigned status, std::string_view content_type, std::string_view text) override {
    owner_.answer_for_gate(status, content_type, text);
  }
  void refuse(unsigned status, std::string_view text) override;

 private:
  const pipeline::Gate& gate(std::size_t index) const;
  void resumed(pipeline::Step step) override;

  GatesOwner& owner_;
  pipeline::Services& services_;
  GateList service_;
  GateList endpoint_;
  std::size_t reached_ = 0;  // gates whose run() has been called
  bool wants_body_ = false;
  bool body_is_here_ = false;
};

}  // namespace ropewalk::server
