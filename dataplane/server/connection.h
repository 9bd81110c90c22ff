// One client connection: HTTP/1.1 with keep-alive and pipelining, plain or TLS. Lives on one
// worker.
//
// reading -> (body) -> answering -> reading ... ; one request at a time, in order. The input buffer
// keeps the head of the request under way in place, because the exchange holds views into it.
#pragma once

#include "dataplane/http/reader.h"
#include "dataplane/net/stream.h"
#include "dataplane/proxy/client_side.h"
#include "dataplane/proxy/exchange.h"
#include "dataplane/runtime/buffer.h"
#include "dataplane/runtime/reference.h"
#include "dataplane/server/gates.h"
#include "dataplane/telemetry/trace.h"

#include <boost/intrusive/list_hook.hpp>

#include <memory>
#include <string>

namespace ropewalk::server {

class Worker;

class Connection final : public runtime::Counted<Connection>,
                         public proxy::ClientSide,
                         public GatesOwner,
                         public boost::intrusive::list_base_hook<
                             boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  Connection(Worker& worker, TcpSocket socket, const asio::ip::tcp::endpoint& peer);
  ~Connection();

  void start(bool tls);
  // Nothing is answered any more; used when the worker ends.
  void shut();
  // Its listener has changed: ends now, or with the answer under way.
  void retire();
  bool tls() const { return stream_.secure(); }
  std::uint16_t local_port();
  // A drain has begun: an idle connection may end when it has been silent.
  bool idle() const { return state_ == State::head && in_.empty(); }

 private:
  using Ref = runtime::Ref<Connection>;
  enum class State : std::uint8_t { handshake, head, body, answering, lingering, closed };
  enum class Framing : std::uint8_t { length, chunked, close };

  // reading
  void start_read();
  // The client has closed its side, and all that it sent is read.
  bool sent_all() const { return eof_ && (into_body_ ? body_in_ : in_).empty(); }
  void on_read(const error_code& error, std::size_t n);
  void process();
  bool read_head();
  void on_head();
  void take_head();
  void pass_gates();
  void receive();
  void gather_body();
  http::BodyStep take_body();
  void pass_unwanted_body();
  bool unwanted_body() const;
  void more_body();
  void take_over_body();
  void respond();
  void refuse(const http::Refusal& refusal);
  void answer_own(unsigned status, std::string_view content_type, std::string_view body,
                  bool gateway_fields);
  bool answer_options();
  bool allows_endpoint() const;
  bool goes_to_catch_all() const;
  void find_redirect();
  void redirect(const std::string& path);
  void answer_unmatched();
  void answer_health();
  void answer_echo();
  void answer_debug();
  bool refused_tail();
  void start_exchange();

  // ClientSide
  std::string& begin(unsigned status) override;
  std::string& head() override { return out_; }
  void send(std::string_view body) override;
  void stream(std::optional<std::uint64_t> length) override;
  void write(std::string_view piece, bool last) override;
  void flush() override;
  void abort() override;
  void read_body() override;
  telemetry::Trace* trace() override { return trace_ ? &trace_ : nullptr; }

  // GatesOwner
  void on_gates(pipeline::Step step) override;
  void answer_for_gate(unsigned status, std::string_view content_type,
                       std::string_view text) override;
  bool shows_error_texts() const override;

  // writing
  void end_head();
  void write_out();
  void write_rest(std::unique_ptr<std::string> held, std::size_t from);
  void on_written(const error_code& error);
  void deliver_piece();
  void finish_request();
  void await_next();
  void begin_trace();
  void record();
  void log_failures() const;
  telemetry::AccessRecord access_record(std::uint64_t took_us) const;
  void linger();
  void close();
  void release();
  void on_timer();
  void arm(std::chrono::nanoseconds after);

  Worker& worker_;
  Ref self_;  // an open connection owns itself: it may wait for a backend with no operation of its
              // own under way
  net::Stream stream_;
  std::string peer_address_;
  runtime::Timer timer_;
  http::RequestReader reader_;
  runtime::Buffer in_;
  runtime::Buffer body_in_;  // what is read after the head while the request has a body
  State state_ = State::head;
  bool reading_ = false;
  bool processing_ = false;
  bool writing_ = false;
  bool into_body_ = false;   // reads go to body_in_
  bool reads_body_ = false;  // the one under way does
  bool body_complete_ = true;
  bool body_gathered_ = false;
  bool at_gates_ = false;      // the gates have not all been passed
  bool piece_wanted_ = false;  // the exchange waits for a piece of the body
  bool keep_alive_ = true;
  bool answered_ = false;  // the last byte of the answer is in out_
  bool retiring_ = false;
  bool stall_timer_ = false;  // timer_ watches the write under way
  bool wants_ready_ = false;  // the exchange waits for on_client_ready
  bool eof_ = false;
  bool head_only_ = false;  // no body goes out: HEAD, or a status without one
  Framing framing_ = Framing::length;
  std::uint64_t requests_ = 0;
  std::uint64_t body_bytes_ = 0;  // of the answer
  unsigned status_ = 0;
  std::string body_;     // the request's body, whole or the piece under way
  router::Match match_;  // views into the request's path, or into path_
  std::string path_;     // the cleaned path, where remove_extra_slash asks for it
  std::string out_;
  std::size_t written_ = 0;  // of out_
  std::string client_address_;
  std::string redirect_;  // where the router sends the client, "" for nowhere
  std::string request_id_;
  std::int64_t started_ms_ = 0;
  runtime::Clock::time_point started_{};
  proxy::ServingRef serving_;
  http::RequestHead head_;  // as the gates leave it
  telemetry::Trace trace_;
  Gates gates_;
  const compile::EndpointPlan* plan_ = nullptr;
  proxy::Serving::EndpointState* endpoint_ = nullptr;
  proxy::Exchange exchange_;
};

}  // namespace ropewalk::server
