// A DNS server on a loopback UDP port, of its own unless told; answers what it was told, on the
// test's own event loop.
#pragma once

#include "common/asio.h"

#include <boost/asio/ip/udp.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace ropewalk::net {

class FakeDns {
 public:
  enum class Type : std::uint16_t { a = 1, aaaa = 28, srv = 33 };
  enum class Code : std::uint8_t { ok = 0, server_failure = 2, name_error = 3, silence = 255 };
  struct Answer {
    Code code = Code::ok;
    std::vector<std::string> addresses = {};  // of srv: "priority weight port target"
    std::uint32_t ttl = 60;
    std::string alias = {};  // a CNAME in front of the addresses, with a TTL of its own
    std::uint32_t alias_ttl = 60;
  };

  explicit FakeDns(asio::io_context& context,
                   const asio::ip::udp::endpoint& at = {asio::ip::address_v4::loopback(), 0})
      : socket_(context, at) {
    receive();
  }

  std::uint16_t port() const { return socket_.local_endpoint().port(); }
  std::string servers() const { return "127.0.0.1:" + std::to_string(port()); }
  // Names without an answer of their own do not exist (NXDOMAIN).
  void set(const std::string& name, Type type, Answer answer) {
    answers_[{name, type}] = std::move(answer);
  }
  int asked(const std::string& name, Type type) { return asked_[{name, type}]; }

 private:
  using Key = std::pair<std::string, Type>;

  static void put16(std::string& out, unsigned value) {
    out += static_cast<char>(value >> 8);
    out += static_cast<char>(value);
  }
  static void put32(std::string& out, std::uint32_t value) {
    put16(out, value >> 16);
    put16(out, value & 0xffff);
  }
  static std::string wire_name(const std::string& name) {
    std::string out;
    for (std::size_t at = 0; at < name.size();) {
      const std::size_t end = std::min(name.find('.', at), name.size());
      out += static_cast<char>(end - at);
      out += name.substr(at, end - at);
      at = end + 1;
    }
    return out + '\0';
  }
  static void put_record(std::string& out, const std::string& name, unsigned type,
                         std::uint32_t ttl, const std::string& data) {
    out += wire_name(name);
    put16(out, type);
    put16(out, 1);
    put32(out, ttl);
    put16(out, static_cast<unsigned>(data.size()));
    out += data;
  }

  static std::string service(const std::string& text) {
    std::istringstream in(text);
    std::string out;
    unsigned number = 0;
    for (int i = 0; i < 3 && in >> number; ++i) put16(out, number);
    std::string target;
    in >> target;
    return out + wire_name(target);
  }

  void receive() {
    socket_.async_receive_from(asio::buffer(buffer_), peer_,
                               [this](error_code ec, std::size_t length) {
                                 if (ec) return;
                                 answer(std::string(buffer_.data(), length));
                                 receive();
                               });
  }

  void answer(const std::string& query) {
    std::string name;
    std::size_t at = 12;
    while (query[at] != 0) {
      const auto length = static_cast<std::size_t>(query[at]);
      if (!name.empty()) name += '.';
      name += query.substr(at + 1, length);
      at += length + 1;
    }
    const Type type{static_cast<std::uint16_t>(query[at + 2])};
    ++asked_[{name, type}];
    const auto found = answers_.find({name, type});
    const Answer reply = found == answers_.end() ? Answer{.code = Code::name_error} : found->second;
    if (reply.code == Code::silence) return;

    const std::size_t records = reply.addresses.size() + (reply.alias.empty() ? 0 : 1);
    std::string out = query.substr(0, 2);
    put16(out, 0x8180u | static_cast<unsigned>(reply.code));
    put16(out, 1);
    put16(out, static_cast<unsigned>(records));
    put32(out, 0);
    out += query.substr(12, at + 5 - 12);
    const std::string owner = reply.alias.empty() ? name : reply.alias;
    if (!reply.alias.empty()) put_record(out, name, 5, reply.alias_ttl, wire_name(reply.alias));
    for (const std::string& text : reply.addresses) {
      if (type == Type::srv) {
        put_record(out, owner, static_cast<unsigned>(type), reply.ttl, service(text));
        continue;
      }
      const auto address = asio::ip::make_address(text);
      std::string data;
      if (address.is_v4())
        for (const auto byte : address.to_v4().to_bytes()) data += static_cast<char>(byte);
      else
        for (const auto byte : address.to_v6().to_bytes()) data += static_cast<char>(byte);
      put_record(out, owner, static_cast<unsigned>(type), reply.ttl, data);
    }
    error_code ignored;
    socket_.send_to(asio::buffer(out), peer_, 0, ignored);
  }

  asio::ip::udp::socket socket_;
  asio::ip::udp::endpoint peer_;
  std::array<char, 1500> buffer_{};
  std::map<Key, Answer> answers_;
  std::map<Key, int> asked_;
};

}  // namespace ropewalk::net
