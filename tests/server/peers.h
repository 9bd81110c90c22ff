// A scripted backend and a blocking client over loopback, for tests of the whole data plane.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace ropewalk::testing {

// Listens on a free port; every request (as text: its head, and the body that has a length) gets
// what `answer` returns, raw. An empty answer closes.
class Backend {
 public:
  explicit Backend(std::function<std::string(const std::string& request)> answer);
  ~Backend();
  std::uint16_t port() const { return port_; }
  int requests() const { return requests_; }

 private:
  void serve(int connection);
  std::function<std::string(const std::string&)> answer_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> requests_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
  std::vector<std::thread> connections_;
};

// A listening socket on a free port of loopback.
int listen_on_loopback(std::uint16_t& port);
// A socket connected to that port of loopback; -1 when nobody listens. `receive_buffer`: bytes
// that the kernel keeps for it, 0 for as many as it likes.
int connect_to_loopback(std::uint16_t port, int receive_buffer = 0);

std::string json_answer(const std::string& body);

// One connection to the gateway.
class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer = 0);
  ~Client();
  void send(const std::string& bytes);
  // As much as is taken; stops when nothing was for so long, or the peer is gone. Bytes sent.
  std::size_t send_what_is_taken(const std::string& bytes, std::chrono::milliseconds patience =
                                                               std::chrono::milliseconds(200));
  // Reads one answer with Content-Length; "" when the connection ended before it was whole.
  std::string read_answer();
  // Nothing more is sent; answers are still read.
  void finish_sending();
  // What comes next, at least a byte; "" when the connection has ended.
  std::string read_some();
  // Everything until the peer closes.
  std::string read_all();

 private:
  int fd_ = -1;
  std::string rest_;
};

std::string get(std::uint16_t port, const std::string& path);

}  // namespace ropewalk::testing
