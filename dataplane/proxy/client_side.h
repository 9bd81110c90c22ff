// What an exchange needs from the connection of its client, whatever the protocol version. One
// answer per exchange: either `begin` + `send`, or `begin` + `stream` + any number of `write`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ropewalk::telemetry {
struct Trace;
}

namespace ropewalk::proxy {

class ClientSide {
 public:
  // The output with the status line written; the caller appends "Name: value\r\n" lines.
  virtual std::string& begin(unsigned status) = 0;
  virtual std::string& head() = 0;  // the same output, between begin and send or stream
  // The whole answer. The exchange is over when this returns.
  virtual void send(std::string_view body) = 0;
  // The head is complete, a body of `length` (or of unknown length) follows by write(). Nothing is
  // sent yet.
  virtual void stream(std::optional<std::uint64_t> length) = 0;
  // `piece` stays in place until on_client_ready; `last` ends the exchange. Small pieces leave with
  // the head.
  virtual void write(std::string_view piece, bool last) = 0;
  // Sends what is held back (the head of a stream whose body has not begun).
  virtual void flush() = 0;
  // Breaks the connection so that the client sees that the answer is not whole. The exchange is
  // over.
  virtual void abort() = 0;
  // Asks for the next piece of the request's body: Exchange::on_body follows.
  virtual void read_body() = 0;
  // Of the request under way; null: not traced.
  virtual telemetry::Trace* trace() { return nullptr; }

 protected:
  ~ClientSide() = default;
};

}  // namespace ropewalk::proxy
