// HTTP/1.1 over TLS to the API server. Owned by the cluster's thread, on which everything here
// runs; every call has deadlines, so a frozen peer costs seconds, never the thread.
#pragma once

#include "common/asio.h"
#include "common/error.h"
#include "controller/kube/config.h"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace ropewalk::controller::kube {

template <class T>
using Task = asio::awaitable<T, Executor>;

struct Request {
  std::string method = "GET";
  std::string target;  // path and query, below the base path
  std::string body;
  std::string content_type;  // "" without body
  std::string accept = "application/json";
};

struct Response {
  int status = 0;
  std::string body;
  std::string retry_after;  // the header's value
};

// A watch that was accepted or refused. Dropping it closes its connection.
class WatchStream {
 public:
  virtual ~WatchStream() = default;
  virtual int status() const = 0;
  // The whole body of a refusal.
  virtual const Response& refusal() const = 0;
  // The next line; nothing at a clean end. kind timeout: neither event nor bookmark came in time.
  virtual Task<Result<std::optional<std::string>>> line() = 0;
  // Ends a pending line() with kind cancelled. Same thread.
  virtual void cancel() = 0;
};

class Client {
 public:
  struct Deadlines {
    std::chrono::milliseconds connect{5'000};    // each of TCP and TLS
    std::chrono::milliseconds header{10'000};    // request written and answer's head read
    std::chrono::milliseconds body{60'000};      // without a single byte
    std::chrono::milliseconds silence{150'000};  // of a watch: bookmarks come every minute
  };

  virtual ~Client() = default;

  // Fails on an unusable CA or client certificate, with a line that names the origin.
  static Result<std::unique_ptr<Client>> create(asio::io_context& context, ClusterConfig config,
                                                Deadlines deadlines);
  static Result<std::unique_ptr<Client>> create(asio::io_context& context, ClusterConfig config);

  // Kinds of errors: connect, tls, timeout, reset, protocol, too_large. A status is no error.
  // A kept connection that died is replaced once, for GET alone: other methods report reset.
  virtual Task<Result<Response>> call(Request request) = 0;
  virtual Task<Result<std::shared_ptr<WatchStream>>> watch(Request request) = 0;

  // After 401, or when verification of the server failed: files are read again for the next call.
  virtual void refresh_credentials() = 0;
  virtual const ClusterConfig& config() const = 0;
};

}  // namespace ropewalk::controller::kube
