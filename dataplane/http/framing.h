// What both readers share: cutting a head into lines, splitting a field line, and collecting what
// the framing fields say (RFC 9112 5 and 6). Pure; used by one reader at a time.
#pragma once

#include "dataplane/http/message.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ropewalk::http {

// Cuts a growing buffer into lines that end in CRLF. Remembers how far it looked, so that a head
// that arrives byte by byte is scanned once.
class LineScanner {
 public:
  enum class Outcome : std::uint8_t { line, need_more, bad_byte, too_long };

  void restart(std::size_t offset = 0) { begin_ = scanned_ = first_ = offset; }
  // The next line of `input` goes to line(). No head may be longer than `limit` bytes.
  Outcome next(std::string_view input, std::size_t limit);
  std::string_view line() const { return line_; }  // without CRLF
  std::size_t offset() const { return begin_; }    // where the next line begins

 private:
  std::size_t first_ = 0;
  std::size_t begin_ = 0;
  std::size_t scanned_ = 0;
  std::string_view line_;
};

struct FieldLine {
  std::string_view name;
  std::string_view value;         // without surrounding blanks
  const char* problem = nullptr;  // why it is refused
};
FieldLine split_field(std::string_view line);

// "Transfer_Encoding", "Content--Length" and the like: another field here, the real one to backends
// that take '_' for '-'. Refused, because nobody sends them in good faith.
bool imitates_framing(std::string_view name);

// Digits only and below 2^63; false otherwise.
bool parse_length(std::string_view text, std::uint64_t& length);

// An authority without user information, or a Host value: reg-name or [IPv6], optional port.
bool valid_host(std::string_view text);

// The fields of one head that decide where its body ends and whether the connection lives on.
class Framing {
 public:
  enum class Verdict : std::uint8_t { ok, bad, unknown_coding };

  void clear() { *this = Framing{}; }
  // For Content-Length, Transfer-Encoding and Connection; other fields change nothing.
  Verdict add(FieldId id, std::string_view value);

  bool has_length() const { return has_length_; }
  std::uint64_t length() const { return length_; }
  bool chunked() const { return chunked_; }
  bool keep_alive(unsigned version) const {
    return version >= 11 ? !close_ : keep_alive_ && !close_;
  }

 private:
  Verdict add_connection(std::string_view value);

  bool has_length_ = false;
  bool chunked_ = false;
  bool close_ = false;
  bool keep_alive_ = false;
  unsigned options_ = 0;
  std::uint64_t length_ = 0;
};

}  // namespace ropewalk::http
