// The framing gate: HTTP/1.x heads and bodies, read strictly, on both sides (RFC 9112; design 4.9).
//
// State machines without I/O that read every byte of the framing themselves, because Debian's Beast
// accepts what lets requests be smuggled (docs/adr/0001-http-reader.md; Beast is the second opinion
// in the tests). Nothing is allocated in steady state. Whoever owns the connection owns the reader;
// no thread safety. After an error the connection must be closed.
//
// What is accepted though the RFCs would allow a refusal, because KrakenD serves it: an empty Host;
// an absolute-form target beside another Host (the target's authority replaces it everywhere);
// Content-Length beside `Transfer-Encoding: chunked` (the length is removed and the connection
// closed after the answer); every visible byte in a target. CONNECT and TRACE for a path are read
// like other methods and close the connection: the router answers them with 405.
#pragma once

#include "common/error.h"
#include "dataplane/http/message.h"

#include <cstdint>
#include <memory>
#include <string_view>

namespace ropewalk::http {

struct ReaderLimits {
  std::size_t max_head_bytes = 64 * 1024;  // request line or status line included
  std::size_t max_fields = 256;
  std::uint64_t max_body_bytes = UINT64_MAX;  // decoded
};

// A refusal: what to answer before the connection is closed.
struct Refusal {
  unsigned status = 400;          // 400, 413, 417, 431, 501, 505; towards a backend's answer: 502
  const char* text = "";          // constant, for the log
  Kind kind = Kind::bad_request;  // bad_request; from a backend protocol, or too_large for its body
};

enum class Step : std::uint8_t { need_more, done, refused };

struct HeadStep {
  Step step = Step::need_more;
  std::size_t consumed = 0;  // bytes of head when done
};

struct BodyStep {
  Step step = Step::need_more;  // done: the message is complete
  std::size_t consumed = 0;     // bytes of `input` used
  std::string_view data;  // decoded bytes, a view into `input`; call again with the rest until
                          // consumed == 0 and step == need_more
};

class RequestReader {
 public:
  explicit RequestReader(const ReaderLimits& limits);
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;
  ~RequestReader();

  void reset(const ReaderLimits& limits);  // before each message of a connection
  // `input` is everything unread, from the first byte of the message; call again with more when
  // need_more. Leading CRLFs before the request line are consumed. After `done`, head() is valid as
  // long as the bytes stay in place.
  HeadStep read_head(std::string_view input);
  const RequestHead& head() const;
  RequestHead& head();
  // After `done`. A body of known length that is over the limit is refused at once, also with an
  // empty `input`: ask before 100 Continue is sent.
  BodyStep read_body(std::string_view input);
  void set_max_body(std::uint64_t bytes);  // between head and body, when the route knows better
  const Refusal& refusal() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class ResponseReader {
 public:
  explicit ResponseReader(const ReaderLimits& limits);
  ResponseReader(const ResponseReader&) = delete;
  ResponseReader& operator=(const ResponseReader&) = delete;
  ~ResponseReader();

  // `request_method` decides whether a body follows (HEAD; 1xx, 204 and 304 never have one).
  void reset(const ReaderLimits& limits, Method request_method);
  // Skips 1xx answers (at most 8; 101 is refused) and returns `done` for the final one.
  HeadStep read_head(std::string_view input);
  const ResponseHead& head() const;
  BodyStep read_body(std::string_view input);
  // The peer closed: done when that completes the message (until_close), refused when it cuts it.
  Step at_eof();
  const Refusal& refusal() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ropewalk::http
