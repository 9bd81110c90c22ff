// c-ares on an event loop: its queries, the sockets that it opens, its timer. The servers are those
// that were configured when it was opened; for others another channel is opened. One thread.
#pragma once

#include "common/asio.h"
#include "common/error.h"

#include <ares.h>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

namespace ropewalk::net {

class DnsChannel : public std::enable_shared_from_this<DnsChannel> {
 public:
  struct Options {
    std::chrono::milliseconds timeout{};  // of a query, its repetition included
    std::string servers;                  // "127.0.0.1:5353,[::1]:53"; "": those of resolv_conf
    std::string resolv_conf;              // where the system's servers and search list stand
    std::uint16_t port = 0;               // of the servers in resolv_conf; 0: 53
  };
  // Error: c-ares cannot make one of this configuration. A resolv_conf that cannot be read stands
  // for a server on this machine (resolv.conf(5)).
  static Result<std::shared_ptr<DnsChannel>> open(asio::io_context& context,
                                                  const Options& options);
  DnsChannel(const DnsChannel&) = delete;
  DnsChannel& operator=(const DnsChannel&) = delete;
  // Queries under way are never answered.
  ~DnsChannel();

  // `status` is c-ares', the answer null unless it is ARES_SUCCESS, and gone after the call. Called
  // exactly once, maybe before ask_addresses() returns. No query may begin in it.
  using AddressesHandler = std::function<void(int status, const ares_addrinfo* answer)>;
  void ask_addresses(const std::string& name, AddressesHandler handler);
  // The same with the packet of the answer.
  using PacketHandler = std::function<void(int status, const unsigned char* packet, int length)>;
  void ask_srv(const std::string& name, PacketHandler handler);

  // Queries under way.
  std::size_t queries() const { return queries_; }

 private:
  using Descriptor = asio::posix::basic_stream_descriptor<Executor>;
  // c-ares owns and closes the descriptors; here they only wait.
  struct Socket {
    Socket(const Executor& executor, int descriptor) : handle(executor) {
      // Where it cannot be watched (out of memory) c-ares runs into its own timeout.
      error_code ignored;
      handle.assign(descriptor, ignored);
    }
    Descriptor handle;
    bool readable = false, writable = false;  // what c-ares wants to know
    bool reading = false, writing = false;    // waits under way
  };
  template <class Handler>
  struct Query {
    DnsChannel& channel;
    Handler handler;
  };
  template <class Handler, class... Answer>
  static void answered(void* query, Answer... answer);

  explicit DnsChannel(asio::io_context& context);
  Result<void> init(const Options& options);
  void on_socket(int socket, bool readable, bool writable);
  void wait(int socket, Descriptor::wait_type what);
  void arm_timer();

  asio::io_context& context_;
  SteadyTimer timer_;
  ares_channel channel_ = nullptr;
  std::unordered_map<int, std::shared_ptr<Socket>> sockets_;
  std::size_t queries_ = 0;
  bool closing_ = false;
};

}  // namespace ropewalk::net
