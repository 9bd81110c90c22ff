// What a worker offers to filters and gates.
#pragma once

#include "common/error.h"
#include "dataplane/runtime/timer_wheel.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ropewalk::net {
class ClientTls;
}

namespace ropewalk::pipeline {

// A call of the gateway's own, beside those to backends: key sets, tokens, scripts.
struct FetchRequest {
  std::string method = "GET";
  std::string url;  // absolute, http or https
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::nanoseconds timeout = std::chrono::seconds(10);
  std::shared_ptr<const net::ClientTls> tls;  // null: system CAs, verified
  std::size_t max_body = std::size_t{1} << 20;
};

struct FetchAnswer {
  unsigned status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  // unpacked
};

using FetchDone = std::function<void(Result<FetchAnswer>)>;

struct Services {
  std::size_t worker = 0;   // index of this worker
  std::size_t workers = 1;  // how many there are
  runtime::TimerWheel& wheel;
  // Calls `done` once, on this worker, never before fetch() has returned. Redirects are not
  // followed.
  std::function<void(FetchRequest, FetchDone)> fetch;
  // Runs `task` on this worker; any thread may call.
  std::function<void(std::function<void()>)> post;
};

}  // namespace ropewalk::pipeline
