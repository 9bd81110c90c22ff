// A gate stands between the client and an endpoint: it lets a request pass, answers it itself, or
// changes it. The gates of the service run for every request but health checks, those of an
// endpoint when its route is known and before its body is read (unless a gate wants it).
//
// Made while a configuration is compiled, then immutable and used by every worker.
#pragma once

#include "common/json/value.h"
#include "dataplane/http/message.h"
#include "dataplane/pipeline/filter.h"
#include "dataplane/pipeline/message.h"
#include "dataplane/pipeline/services.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::pipeline {

class Passage;

// A field (in any case) or a parameter of the query.
struct CredentialPlace {
  bool in_query = false;
  std::string_view name;  // as long as the gate
};

class Gate {
 public:
  virtual ~Gate() = default;
  virtual bool needs_body() const { return false; }
  // Once per configuration, on one worker, before its first request: to fetch ahead.
  virtual void begin(Services&) const {}
  // Of the service: whether it also stands before health checks and redirects of the router (CORS).
  virtual bool covers_everything() const { return false; }
  // Where requests carry the credential that it asks for: no log shows that value.
  virtual std::optional<CredentialPlace> credential() const { return {}; }
  // next; done after Passage::answer; wait after Passage::suspend.
  virtual Step run(Passage&) const { return Step::next; }
  // Before the head of any answer leaves, gates in reverse order, those whose run() was reached.
  // `fields`: lines "Name: value\r\n", without those of the framing; may be rewritten.
  virtual void on_answer(Passage&, std::string& fields) const { (void)fields; }
};

// Goes on with a request that waits at a gate; harmless when the client has left meanwhile.
class PassageWaker {
 public:
  PassageWaker() = default;
  explicit PassageWaker(Passage* passage) : link_(std::make_shared<Passage*>(passage)) {}
  Passage* passage() const { return link_ ? *link_ : nullptr; }
  void resume(Step step) const;

 private:
  friend class Passage;
  std::shared_ptr<Passage*> link_;
};

// One client request on its way through the gates. Owned by the client's connection.
class Passage {
 public:
  virtual ~Passage() { forget(); }

  // As the gates before left it; names and values of fields may be changed (message.h).
  http::RequestHead* head = nullptr;
  Arena arena;
  std::string_view client_address;  // by the rules of trusted_proxies
  std::string_view peer_address;    // of the connection
  std::string_view request_id;
  bool tls = false;           // the client came over TLS
  std::string_view endpoint;  // path template of the endpoint, "" before the route is known
  std::vector<Param> params;  // path parameters, decoded; gates may add to them
  std::string_view body;      // after a gate with needs_body
  // Claims of the token that a validator accepted; null without one.
  json::Value claims;
  // Lines "Name: value\r\n" for whatever answer follows.
  std::string answer_fields;

  virtual Services& services() = 0;
  // Answers in place of the endpoint; run() returns Step::done next. Fields besides Content-Type
  // go to answer_fields.
  virtual void answer(unsigned status, std::string_view content_type, std::string_view text) = 0;
  // The common refusal: status, the endpoint's fields (X-Krakend...), and the text only where the
  // service shows error texts (router.return_error_msg).
  virtual void refuse(unsigned status, std::string_view text) = 0;

  PassageWaker suspend() {
    waker_ = PassageWaker(this);
    return waker_;
  }

 protected:
  friend class PassageWaker;
  virtual void resumed(Step step) = 0;
  void forget() {
    if (waker_.link_) *waker_.link_ = nullptr;
  }

 private:
  PassageWaker waker_;
};

inline void PassageWaker::resume(Step step) const {
  Passage* const waiting = passage();
  if (!waiting) return;
  *link_ = nullptr;
  waiting->resumed(step);
}

}  // namespace ropewalk::pipeline
