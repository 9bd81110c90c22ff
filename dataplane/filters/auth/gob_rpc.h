// Calls of Go's net/rpc with its usual codec (encoding/gob), just enough to serve the methods of
// KrakenD's revocation clients: BloomfilterRPC.Add and BloomfilterRPC.Check, whose argument is a
// list of byte strings. Pure; one of each for a connection.
#pragma once

#include "common/error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::auth {

struct RpcCall {
  enum class Method { add, check, unknown };
  Method method = Method::unknown;
  std::string name;                   // as the client wrote it
  std::uint64_t sequence = 0;         // chosen by the client, for the answer
  std::vector<std::string> elements;  // of the argument; empty for an unknown method
};

class RpcReader {
 public:
  // Takes the next call off the front of `input`; nothing while it is not whole, then `input` keeps
  // what is to come first. Errors (decode): what is wrong; the connection is of no use any more.
  Result<std::optional<RpcCall>> next(std::string& input);

  static constexpr std::size_t kMaxMessage = 4 << 20;

 private:
  std::optional<RpcCall> call_;  // its head has been read, its argument has not
};

class RpcWriter {
 public:
  void append_added(std::string& out, const RpcCall& call, std::uint64_t count);
  void append_checked(std::string& out, const RpcCall& call, const std::vector<bool>& checks);
  void append_error(std::string& out, const RpcCall& call, std::string_view text);

 private:
  void append_head(std::string& out, const RpcCall& call, std::string_view error);
  void append_count(std::string& out, std::uint64_t count);

  // Types are described once on a connection, before the first value.
  bool head_known_ = false;
  bool count_known_ = false;
  bool checks_known_ = false;
};

}  // namespace ropewalk::auth
