// Where a body ends: Content-Length, chunked (RFC 9112 7.1), or the end of the connection. A state
// machine over the bytes as they come; keeps no data. Owned by a reader.
//
// Chunked is read strictly: 1 to 16 hexadecimal digits, no blanks, extensions by their grammar,
// CRLF everywhere. Extensions and trailers are checked, bounded and dropped; a trailer that frames
// or routes is refused.
#pragma once

#include "dataplane/http/reader.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace ropewalk::http {

class BodyReader {
 public:
  void start(BodyKind kind, std::uint64_t length, std::uint64_t max_bytes);
  void set_max_bytes(std::uint64_t max_bytes) { max_bytes_ = max_bytes; }

  BodyStep read(std::string_view input);
  // The peer closed.
  Step at_eof() const;

  // After `refused`.
  const char* problem() const { return problem_; }
  bool too_large() const { return too_large_; }

 private:
  enum class State : std::uint8_t {
    size,
    extension_name_first,
    extension_name,
    extension_value_first,
    extension_value,
    extension_quoted,
    extension_escaped,
    extension_quoted_end,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_first,
    trailer_name,
    trailer_value,
    trailer_lf,
    last_lf,
    done,
  };

  BodyStep read_counted(std::string_view input);
  BodyStep read_to_close(std::string_view input);
  BodyStep read_chunked(std::string_view input);
  // One byte of chunk framing; false when it is refused.
  bool framing_byte(char c);
  bool size_byte(char c);
  bool extension_byte(char c);
  bool trailer_byte(char c);
  bool end_of_size_line();
  bool refuse(const char* problem);
  BodyStep refusal() const { return {Step::refused, 0, {}}; }

  BodyKind kind_ = BodyKind::none;
  State state_ = State::done;
  bool too_large_ = false;
  std::uint8_t digits_ = 0;
  std::uint8_t name_size_ = 0;
  std::array<char, 20> name_{};  // of the trailer at hand, longer ones cut
  std::uint16_t trailers_ = 0;
  std::uint32_t line_bytes_ = 0;     // of this chunk's extensions
  std::uint32_t framing_bytes_ = 0;  // of all extensions and trailers
  std::uint64_t remaining_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t max_bytes_ = 0;
  const char* problem_ = nullptr;
};

}  // namespace ropewalk::http
