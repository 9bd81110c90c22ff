// The admin listener of both programs: plain HTTP/1.1, GET only, on a thread of its own.
#pragma once

#include "common/error.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace ropewalk::admin {

struct Answer {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

// Called on the admin thread; must not block longer than a moment. `query` is what follows '?'.
using Handler = std::function<Answer(std::string_view query)>;

class AdminServer {
 public:
  // "HOST:PORT", "[::1]:9180", ":9180"; port 0 takes a free one. Error names the address and the
  // reason (port in use).
  static Result<std::unique_ptr<AdminServer>> listen(const std::string& host_port);
  ~AdminServer();  // stops and joins

  void handle(std::string path, Handler handler);  // before start()
  void start();
  std::uint16_t port() const;

 private:
  struct Impl;
  explicit AdminServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ropewalk::admin
