// One client request on one endpoint: its filters, calls to its backends (in parallel, or one after
// another), the deadline, the merge, the answer.
//
// Owned by the client connection and reused for its next request. Lives on one worker.
#pragma once

#include "dataplane/json/projection.h"
#include "dataplane/pipeline/chain.h"
#include "dataplane/pipeline/gate.h"
#include "dataplane/proxy/client_side.h"
#include "dataplane/proxy/leg.h"
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

// What came of it, for metrics and the access log.
struct Outcome {
  unsigned status = 0;
  bool completed = false;
  std::span<const telemetry::PartRecord> parts;
};

// The parameters of the path, decoded, into passage.params. Error: what KrakenD prints after
// "error: " with status 400. With disable_path_decoding every text is a value, for it is encoded
// anew wherever it goes; a dot segment never goes into the path of a backend (design 7.2).
Result<void> decode_parameters(const compile::EndpointPlan& plan, const compile::Settings& settings,
                               std::span<const std::string_view> raw, pipeline::Passage& passage);

class Exchange final : public pipeline::Flow, public LegOwner {
 public:
  Exchange(WorkerContext& worker, ClientSide& client);
  ~Exchange() override;

  // `passage` holds the client's request, its body where the plan does not stream it.
  void start(const compile::EndpointPlan& plan, Serving::EndpointState& state, Serving& serving,
             const pipeline::Passage& passage);
  // The client has gone or the process ends: all calls are cancelled, nothing is answered.
  void cancel();
  bool active() const { return active_; }
  // The answer has left, and its outcome has been recorded: what was large is not kept for the next
  // request. The plan is still there.
  void give_back();

  void on_body(std::string_view piece, bool last);  // after ClientSide::read_body
  void on_client_ready();                           // after ClientSide::write

  const Outcome& outcome() const { return outcome_; }

  // Flow
  pipeline::Services& services() override { return worker_.services; }
  const pipeline::Passage& passage() const override { return *passage_; }
  std::shared_ptr<void>& note() override { return chain_.note(); }

 private:
  // One backend: as many equal calls as concurrent_calls says, one of which counts.
  struct Part {
    std::vector<std::unique_ptr<Leg>> legs;
    std::size_t waiting = 0;
    bool settled = false;
    Leg* leg = nullptr;  // whose outcome counts; null when none came in time
    std::optional<Error> error;
  };

  // the request (request.cc)
  void build_request();
  void resolve_values();
  void take_response_values(std::size_t index);
  void set_value(std::size_t index, std::optional<std::string> text);
  BodyPlan body_plan(std::size_t index) const;

  // calls
  void descend();
  void launch();
  void launch_part(std::size_t index);
  void launch_shadows();
  void resumed(pipeline::Step step) override;
  void settle(Part& part);
  void stop_calls(const Error& why);
  void on_deadline();
  void account();

  // LegOwner
  void on_leg_done(Leg& leg) override;
  const pipeline::Passage& leg_passage() const override { return *passage_; }
  telemetry::Trace* leg_trace() override { return client_.trace(); }
  void on_leg_head(Leg& leg, const http::ResponseHead& head) override;
  void on_leg_data(Leg& leg, std::string_view piece, bool last) override;
  void on_leg_idle(Leg& leg) override;
  void on_leg_wants_body(Leg& leg) override;
  void open_stream(std::string_view first_piece);
  void break_stream();

  // answers (answer.cc)
  void answer();
  // Of this request; none when it never passed the filters.
  std::span<const Part> parts() const {
    return std::span(parts_).first(launched_ ? plan_->backends.size() : 0);
  }
  bool merge();
  bool shape(bool answered, json::Value& data);
  std::optional<std::string_view> raw_content() const;
  config::v1::Encoding output() const;
  void ascend();
  void render(const json::Value& data);
  void render_tree(config::v1::Encoding output, const json::Value& data);
  const http::Fields* fields_of_filters() const;
  void write(std::string_view content_type, std::string_view body);
  void answer_raw(const pipeline::Response& raw);
  void answer_error();
  // `typed`: the type is named beside an empty text too.
  void answer_plain(unsigned status, std::string_view content_type, std::string_view text,
                    bool gateway_fields, bool typed = false);
  void append_gateway_fields(std::string& out, bool completed);
  bool client_asked_for_gzip() const;
  unsigned error_status() const;
  void end(unsigned status, bool completed);

  WorkerContext& worker_;
  ClientSide& client_;
  runtime::Timer deadline_;
  bool active_ = false;
  bool launching_ = false;
  bool launched_ = false;     // the request has passed the filters
  bool stream_open_ = false;  // the client has (or is about to get) the head of a stream
  bool unpack_stream_ = false;
  bool sniff_stream_ = false;  // the backend gave no Content-Type
  bool completed_ = false;     // of the merged answer
  bool whole_ = false;         // no backend failed or gave less than it should
  bool errored_ = false;       // some backend failed and gave nothing in place of an answer
  bool fixed_added_ = false;   // the answer holds data of the configuration
  std::optional<std::uint64_t> stream_length_;
  const compile::EndpointPlan* plan_ = nullptr;
  const compile::Graph* graph_ = nullptr;
  Serving* serving_ = nullptr;
  Serving::EndpointState* state_ = nullptr;
  const pipeline::Passage* passage_ = nullptr;
  pipeline::Chain chain_;
  std::vector<Part> parts_;  // the first plan_->backends.size() are in use
  std::size_t pending_ = 0;
  std::size_t launched_parts_ = 0;
  runtime::Clock::time_point began_{};
  runtime::Clock::time_point deadline_at_{};  // the timer fires at it or a tick later
  std::vector<std::string_view> values_;      // of plan_->parameters
  std::vector<json::Partial> partials_;
  std::string merged_;
  std::string unpacked_;
  std::unique_ptr<codec::Gunzip> gunzip_;
  Outcome outcome_;
  std::vector<telemetry::PartRecord> records_;
};

}  // namespace ropewalk::proxy
