// One client request on one endpoint: parallel calls to its backends, the deadline, the merge, the
// answer.
//
// Owned by the client connection and reused for its next request. Lives on one worker.
#pragma once

#include "dataplane/backend/call.h"
#include "dataplane/http/message.h"
#include "dataplane/json/projection.h"
#include "dataplane/proxy/client_side.h"
#include "dataplane/proxy/serving.h"
#include "dataplane/telemetry/access_log.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::codec {
class Gunzip;
}

namespace ropewalk::proxy {

// What an exchange borrows from its worker.
struct WorkerContext {
  backend::Environment& backends;
  json::Scratch& scratch;
};

struct ClientRequest {
  const http::RequestHead* head = nullptr;  // its views stay in place during the exchange
  std::string_view client_address;
  std::string_view request_id;
  std::string_view body;                         // when the endpoint does not stream
  std::span<const std::string_view> parameters;  // raw path segments
};

// What came of it, for metrics and the access log.
struct Outcome {
  unsigned status = 0;
  bool completed = false;
  std::span<const telemetry::PartRecord> parts;
};

class Exchange final : public backend::CallOwner {
 public:
  Exchange(WorkerContext& worker, ClientSide& client);
  ~Exchange();

  void start(const compile::EndpointPlan& plan, Serving::EndpointState& state,
             const compile::Graph& graph, const ClientRequest& request);
  // The client has gone or the process ends: all calls are cancelled, nothing is answered.
  void cancel();
  bool active() const { return active_; }

  void on_body(std::string_view piece, bool last);  // after ClientSide::read_body
  void on_client_ready();                           // after ClientSide::write

  const Outcome& outcome() const { return outcome_; }

 private:
  struct Part {
    std::unique_ptr<backend::Call> call;
    backend::Request request;
    bool called = false;
    bool answered = false;
    std::optional<Error> error;
    json::Partial partial;
    runtime::Clock::time_point started;
    std::uint64_t took_us = 0;
    std::string decoded;    // unpacked body, or the text of error details
    std::string error_key;  // "error_<name>" of error details
    json::Member error_member;
  };

  // building requests (request.cc)
  void build_request(Part& part, const compile::BackendPlan& backend, bool with_body);
  void append_fields(std::string& out, const compile::BackendPlan& backend, bool head_request);
  void append_query(std::string& target, const compile::BackendPlan& backend);
  Result<void> decode_parameters(std::span<const std::string_view> raw);

  // calls
  void on_call_done(backend::Call& call) override;
  void on_call_failed(backend::Call& call, Error error) override;
  void on_call_head(backend::Call& call) override;
  void on_call_data(backend::Call& call, std::string_view piece, bool last) override;
  void on_call_idle(backend::Call& call) override;
  void on_call_wants_body(backend::Call& call) override;
  void on_deadline();
  void arrived(Part& part);
  void account();
  void open_stream(std::string_view first_piece);
  void break_stream();

  // answers (answer.cc)
  void answer();
  void evaluate(Part& part, const compile::BackendPlan& backend);
  void answer_error(const Part* only);
  void answer_plain(unsigned status, std::string_view content_type, std::string_view text,
                    bool gateway_fields);
  void append_gateway_fields(std::string& out, bool completed);
  unsigned error_status() const;
  void end(unsigned status, bool completed);

  WorkerContext& worker_;
  ClientSide& client_;
  runtime::Timer deadline_;
  bool active_ = false;
  bool launching_ = false;
  bool stream_open_ = false;  // the client has (or is about to get) the head of a stream
  bool unpack_stream_ = false;
  bool sniff_stream_ = false;  // the backend gave no Content-Type
  std::optional<std::uint64_t> stream_length_;
  const compile::EndpointPlan* plan_ = nullptr;
  const compile::Graph* graph_ = nullptr;
  Serving::EndpointState* state_ = nullptr;
  ClientRequest request_;
  std::vector<Part> parts_;  // the first plan_->backends.size() are in use
  std::size_t pending_ = 0;
  runtime::Clock::time_point deadline_at_{};  // the timer fires at it or a tick later
  std::vector<std::string> decoded_;          // path parameters
  std::vector<std::string_view> decoded_views_;
  std::vector<json::Partial> partials_;
  std::string merged_;
  std::string unpacked_;
  std::unique_ptr<codec::Gunzip> gunzip_;
  Outcome outcome_;
  std::vector<telemetry::PartRecord> records_;
};

}  // namespace ropewalk::proxy
