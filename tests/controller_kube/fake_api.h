// An API server for tests: TLS on a free loopback port, one thread per connection, answers from a
// function. Requests are recorded; whoever waits for something waits on them, never on time.
#pragma once

#include "tests/fakes/certificates.h"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace ropewalk::controller::kube {

struct FakeRequest {
  std::string method;
  std::string target;
  std::string body;
  std::string authorization;
  std::string user_agent;
  std::string accept;
  std::string content_type;
  std::string host;
  std::string client_name;  // CN of the client certificate
  int connection = 0;       // counts accepted connections from 1
};

// A chunked answer that a test writes piece by piece.
class FakeStream {
 public:
  void push(std::string bytes);  // one chunk
  void end();                    // last chunk
  void cut();                    // the connection breaks

 private:
  friend class FakeApi;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::string> pieces_;
  bool ended_ = false;
  bool cut_ = false;
};

struct FakeAnswer {
  int status = 200;
  std::string body;
  std::string headers;                 // "Retry-After: 3\r\n"
  std::shared_ptr<FakeStream> stream;  // instead of a body
  bool never = false;                  // no answer at all
  bool close = false;                  // closes the connection afterwards, without saying so
};

class FakeApi {
 public:
  using Handler = std::function<FakeAnswer(const FakeRequest&)>;

  explicit FakeApi(Handler handler, bool wants_client_certificate = false);
  ~FakeApi();

  std::string port() const;
  const std::string& ca_pem() const { return ca_.certificate_pem; }
  const fakes::Pair& ca() const { return ca_; }

  // Closes every connection and the port; start() opens the same port again.
  void stop();
  void start();

  // True when the condition holds over the requests so far; false after twenty seconds.
  bool until(const std::function<bool(const std::vector<FakeRequest>&)>& condition);
  std::vector<FakeRequest> requests();
  std::size_t count(const std::string& method, const std::string& part_of_target);

 private:
  struct Impl;
  fakes::Pair ca_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ropewalk::controller::kube
