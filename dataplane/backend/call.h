// One call to a backend: host choice, pooled or new connection, proxy, TLS, request, answer, the
// one retry (design 5.7), and those that a backend asks for (config/resilience.h).
//
// Owned by the exchange, reused for later requests of the same client connection. Lives on one
// worker. The owner hears exactly one on_call_done, or on_call_failed, per start(); after cancel()
// it hears nothing.
#pragma once

#include "common/error.h"
#include "dataplane/backend/connection.h"
#include "dataplane/backend/dial.h"
#include "dataplane/backend/pool.h"
#include "dataplane/compile/graph.h"
#include "dataplane/net/resolver.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace ropewalk::backend {

// What a worker lends to its calls.
struct Environment {
  asio::io_context& io;
  runtime::TimerWheel& wheel;
  net::Resolver& resolver;
  std::size_t looked_in_vain = 0;  // calls under way whose body did not suffice
};

// A host and the pool of its connections.
struct Target {
  const compile::Host* host = nullptr;
  runtime::Ref<HostPool> pool;
};

// The hosts of one backend on one worker, called in turn.
struct Targets {
  std::shared_ptr<const compile::HostList> hosts;
  std::vector<Target> list;
  std::size_t next = 0;
  RetryBudget budget;
};

enum class RequestBody : std::uint8_t { none, whole, length, chunked };

struct Request {
  std::string_view method;
  std::string target;            // path and query, without the host's base path
  std::string fields;            // "Name: value\r\n" ... without Host and framing
  std::string_view host_header;  // "": the host's authority
  RequestBody body_kind = RequestBody::none;
  std::string_view body;              // whole
  std::uint64_t body_length = 0;      // length
  bool asks_for_gzip = false;         // the gateway's own Accept-Encoding, not the client's
  bool retry_when_idle_died = false;  // GET or HEAD without body
};

class Call;

class CallOwner {
 public:
  // The whole answer is here: head(), body().
  virtual void on_call_done(Call& call) = 0;
  // No (complete) answer. While streaming: the answer is cut.
  virtual void on_call_failed(Call& call, Error error) = 0;
  // With Options::may_end_early: the body has broken off, or nothing has come for a while. True
  // when what has come of it (`come`, still packed) will do: on_call_done follows. The looks that a
  // worker's calls take again and again are spaced so that they take a twentieth of its time.
  virtual bool suffices(Call&, std::string_view come) { return (void)come, false; }

  // Streaming only.
  virtual void on_call_head(Call&) {}
  // Nothing more at the moment: what was gathered should go out.
  virtual void on_call_idle(Call&) {}
  // `last`: the message is complete and the connection has been given back. Otherwise resume() asks
  // for more.
  virtual void on_call_data(Call&, std::string_view, bool last) { (void)last; }
  // The backend takes the next piece of a streamed request body.
  virtual void on_call_wants_body(Call&) {}

 protected:
  ~CallOwner() = default;
};

class Call final : public ConnectionUser {
 public:
  Call(Environment& environment, CallOwner& owner)
      : environment_(environment),
        owner_(owner),
        timer_([](void* self) { static_cast<Call*>(self)->on_timer(); }, this),
        fallback_timer_([](void* self) { static_cast<Call*>(self)->on_fallback_delay(); }, this) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() { cancel(); }

  struct Options {
    const compile::Settings* settings = nullptr;
    const net::ClientTls* tls = nullptr;  // for hosts that speak TLS
    bool streaming = false;
    bool keep_fields = false;  // fields() of every answer, not of redirects alone
    bool may_end_early = false;
    runtime::Clock::time_point deadline{};           // with it: the owner gives up then
    bool passes_status = false;                      // the client may get the status of the answer
    const config::Resilience* resilience = nullptr;  // null: nothing of it
  };
  // `request`, `targets` and what `options` points to stay in place until the end of the call.
  void start(const Request& request, const Options& options, Targets& targets);
  // Ends the call at once; its connection is closed.
  void cancel();
  // The same because it took too long, which counts against the host.
  void expire();
  bool active() const { return state_ != State::idle; }
  // Nobody looks at the answer any more: what of it was large is not kept. Not while active().
  void give_back();

  // --- the answer
  const http::ResponseHead& head() const { return connection_->reader.head(); }  // in on_call_head
  unsigned status() const { return status_; }
  std::string_view body() const {
    return body_;
  }  // followed by json::kPadding readable bytes, valid until the next start
  std::string_view content_type() const { return content_type_; }
  bool gzip() const { return gzip_; }
  bool cut() const { return cut_; }  // body() is what suffices() was content with
  // Of a whole answer that is a redirect, or with keep_fields; without those of the connection.
  const http::Fields& fields() const { return fields_; }
  const std::string& address() const { return address_; }
  const compile::Host* host() const { return target_.host; }
  bool retried() const { return retried_; }

  // --- streaming
  void resume();
  void send_body(std::string_view piece,
                 bool last);  // `piece` stays in place until on_call_wants_body

 private:
  enum class State : std::uint8_t {
    idle,
    resolving,
    connecting,
    tunnelling,
    handshaking,
    writing,
    head,
    body
  };

  // A name lookup cannot be taken back: its answer finds the call through this, or nobody.
  struct Lookup : runtime::Counted<Lookup> {
    explicit Lookup(Call* caller) : call(caller) {}
    Call* call;
  };

  const Target& choose() const;
  void go_to(const Target& target);
  void leave_host();
  void move_on();
  void judge(bool good);
  bool may_retry() const;
  void retry();
  bool end_early();
  void arm_look();
  void space_looks(runtime::Clock::duration took);
  void attempt(bool fresh_connection);
  void connect();
  void dial(net::Resolver::Addresses addresses);
  void connect_to(const Dial::Attempt& attempt);
  void on_fallback_delay();
  void cannot_connect(const error_code& last_failure);
  void on_connected(Connection& connection, const error_code& error) override;
  void open_tunnel();
  void read_tunnel(const error_code& error);
  void begin_tls();
  void append_proxy_authorization();
  void on_handshake(const error_code& error) override;
  void forget_lookup();
  void send();
  Connection::Written write(error_code& error);
  void on_sent();
  void cannot_write(const error_code& error);
  void on_read(const error_code& error) override;
  void on_written(const error_code& error, std::size_t n) override;
  void read_head(const error_code& error);
  void read_body(const error_code& error);
  void deliver_head(const error_code& error);
  void pump(const error_code& error);
  void keep_fields(const http::ResponseHead& head);
  void finish_message();
  void drop_connection();
  void abandon_dialled();
  void fail_with(Error error);
  static bool peer_ended(const error_code& error);
  void broken(const error_code& error, std::string_view during);
  void on_timer();
  void arm(compile::nanoseconds after, std::string_view what);

  Environment& environment_;
  CallOwner& owner_;
  runtime::Timer timer_;
  runtime::Timer fallback_timer_;
  const char* timer_text_ = "";
  State state_ = State::idle;
  bool streaming_ = false;
  bool retried_ = false;
  bool paused_ = false;        // a piece is with the owner
  bool sending_body_ = false;  // a streamed request body is under way
  bool last_body_piece_ = false;
  bool body_begun_ = false;  // pieces of the body have gone: they cannot be sent again
  bool gzip_ = false;
  bool cut_ = false;
  bool may_end_early_ = false;
  bool looked_ = false;  // in vain, and is counted in the environment
  bool passes_status_ = false;
  bool judged_ = false;     // this attempt has counted for its host
  bool head_held_ = false;  // streaming: the head waits for the first bytes of the body
  runtime::Ref<Lookup> lookup_;
  const Request* request_ = nullptr;
  const compile::Settings* settings_ = nullptr;
  const net::ClientTls* tls_ = nullptr;
  Targets* targets_ = nullptr;
  const config::Resilience* resilience_ = nullptr;
  std::uint32_t retries_ = 0;                       // that the backend asked for
  std::vector<const HostPool*> tried_;              // the hosts before this one
  Target target_;                                   // its pool only while the call is active
  std::shared_ptr<const compile::HostList> hosts_;  // keeps target_.host alive
  ConnectionRef connection_;
  Dial dial_;
  std::array<ConnectionRef, Dial::kLanes> dialled_;  // while connecting; connection_ is the winner
  std::string out_;                                  // the next bytes of the request
  std::size_t taken_ = 0;                            // bytes of the request that the socket took
  bool sent_ = true;                                 // all that was to be written so far is
  std::uint64_t remaining_ = 0;                      // of a body with a length
  runtime::Buffer answer_;                           // holds body_
  runtime::Clock::time_point deadline_;
  runtime::Clock::time_point next_look_;  // once looked_: not before,
  runtime::Clock::time_point last_look_;  // but in any case then, while there is time
  unsigned status_ = 0;
  std::string_view body_;
  std::string content_type_;
  bool keep_fields_ = false;
  http::Fields fields_;
  std::string field_text_;  // what fields_ points into
  std::string address_;
};

}  // namespace ropewalk::backend
