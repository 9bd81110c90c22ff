#include "common/strings.h"
#include "dataplane/http/body_reader.h"
#include "dataplane/http/chars.h"
#include "dataplane/http/framing.h"
#include "dataplane/http/reader.h"

#include <string>

namespace ropewalk::http {
namespace {

constexpr unsigned kMaxLeadingBlankLines = 4;

struct Target {
  bool ok = false;
  std::size_t query = std::string_view::npos;  // of '?'
};

// Go's server takes every visible byte (and obs-text) in a target and refuses broken escapes in the
// path; RFC 9112 3.2 leaves the choice to the recipient.
Target scan_target(std::string_view target) {
  Target result;
  for (std::size_t i = 0; i < target.size(); ++i) {
    const char c = target[i];
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) return result;
    if (result.query != std::string_view::npos) continue;
    if (c == '?') result.query = i;
    if (c == '%' &&
        (target.size() - i < 3 || hex_value(target[i + 1]) < 0 || hex_value(target[i + 2]) < 0))
      return result;
  }
  result.ok = true;
  return result;
}

std::size_t scheme_size(std::string_view target) {
  if (target.size() >= 7 && iequals(target.substr(0, 7), "http://")) return 7;
  if (target.size() >= 8 && iequals(target.substr(0, 8), "https://")) return 8;
  return 0;
}

}  // namespace

struct RequestReader::Impl {
  enum class State : std::uint8_t { request_line, fields, done, refused };

  ReaderLimits limits;
  State state = State::request_line;
  const char* base = nullptr;  // where the message began when its lines were read
  LineScanner lines;
  unsigned blank_lines = 0;
  bool host_seen = false;
  bool absolute = false;
  RequestHead head;
  Framing framing;
  BodyReader body;
  Refusal refusal;
  std::string rewritten_target;

  void restart() {
    state = State::request_line;
    lines.restart();
    blank_lines = 0;
    host_seen = absolute = false;
    Fields fields = std::move(head.fields);
    head = RequestHead{};
    fields.clear();
    head.fields = std::move(fields);
    framing.clear();
  }

  bool refuse(unsigned status, const char* text) {
    state = State::refused;
    refusal = {status, text, status == 413 ? Kind::too_large : Kind::bad_request};
    return false;
  }

  bool line(std::string_view text);
  bool request_line(std::string_view text);
  bool version(std::string_view text);
  bool target(std::string_view text);
  bool absolute_form(std::string_view text, std::size_t scheme);
  bool field(std::string_view text);
  bool expectation(std::string_view value);
  bool finish();
};

bool RequestReader::Impl::request_line(std::string_view text) {
  const std::size_t first = text.find(' ');
  if (first == std::string_view::npos) return refuse(400, "request line without target");
  const std::size_t second = text.find(' ', first + 1);
  if (second == std::string_view::npos) return refuse(400, "request line without version");
  head.method = text.substr(0, first);
  if (!is_token(head.method)) return refuse(400, "invalid method");
  head.method_id = method_id(head.method);
  return version(text.substr(second + 1)) && target(text.substr(first + 1, second - first - 1));
}

bool RequestReader::Impl::version(std::string_view text) {
  if (text == "HTTP/1.1")
    head.version = 11;
  else if (text == "HTTP/1.0")
    head.version = 10;
  else if (text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) && text[6] == '.' &&
           is_digit(text[7]))
    return refuse(505, "HTTP version not supported");
  else
    return refuse(400, "invalid HTTP version");
  return true;
}

bool RequestReader::Impl::target(std::string_view text) {
  const Target scanned = scan_target(text);
  if (text.empty() || !scanned.ok) return refuse(400, "invalid request target");
  if (text.front() != '/') {
    if (head.method_id == Method::connect) return refuse(501, "CONNECT is not supported");
    if (text == "*" && head.method_id == Method::options) {
      head.target = head.path = text;
      return true;
    }
    const std::size_t scheme = scheme_size(text);
    if (scheme == 0) return refuse(400, "invalid request target");
    return absolute_form(text, scheme);
  }
  head.target = text;
  head.path = text.substr(0, scanned.query);
  if (scanned.query != std::string_view::npos) head.query = text.substr(scanned.query + 1);
  return true;
}

bool RequestReader::Impl::absolute_form(std::string_view text, std::size_t scheme) {
  text.remove_prefix(scheme);
  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  head.host = text.substr(0, end);
  if (head.host.empty() || head.host.front() == ':' || !valid_host(head.host))
    return refuse(400, "invalid authority in request target");
  absolute = true;
  text.remove_prefix(end);
  if (text.starts_with('#')) return refuse(400, "invalid request target");
  if (!text.starts_with('/')) {
    rewritten_target.assign("/").append(text);
    text = rewritten_target;
  }
  head.target = text;
  const std::size_t query = text.find('?');
  head.path = text.substr(0, query);
  if (query != std::string_view::npos) head.query = text.substr(query + 1);
  return true;
}

bool RequestReader::Impl::expectation(std::string_view value) {
  if (value.empty()) return true;
  if (!iequals(value, "100-continue")) return refuse(417, "unknown expectation");
  head.expect_continue = head.version >= 11;  // RFC 9110 10.1.1: ignored in HTTP/1.0
  return true;
}

bool RequestReader::Impl::field(std::string_view text) {
  const FieldLine line = split_field(text);
  if (line.problem) return refuse(400, line.problem);
  if (head.fields.size() == limits.max_fields) return refuse(431, "too many header fields");
  const FieldId id = field_id(line.name);
  if (id == FieldId::other && imitates_framing(line.name))
    return refuse(400, "field name that imitates a framing field");
  head.fields.add(line.name, line.value, id);
  switch (id) {
    case FieldId::host:
      if (host_seen) return refuse(400, "more than one Host");
      if (!valid_host(line.value)) return refuse(400, "malformed Host");
      host_seen = true;
      if (!absolute) head.host = line.value;
      return true;
    case FieldId::expect:
      return expectation(line.value);
    case FieldId::content_length:
    case FieldId::transfer_encoding:
    case FieldId::connection:
      switch (framing.add(id, line.value)) {
        case Framing::Verdict::ok:
          break;
        case Framing::Verdict::unknown_coding:
          return refuse(501, "unknown transfer coding");
        case Framing::Verdict::bad:
          return refuse(400, id == FieldId::connection ? "invalid Connection"
                                                       : "invalid or repeated Content-Length");
      }
      if (framing.chunked() && head.version < 11)
        return refuse(400, "Transfer-Encoding in HTTP/1.0");
      return true;
    default:
      return true;
  }
}

bool RequestReader::Impl::finish() {
  if (!host_seen && head.version >= 11) return refuse(400, "no Host");
  head.keep_alive = framing.keep_alive(head.version);
  if (framing.chunked()) {
    head.body = BodyKind::chunked;
    if (framing.has_length()) {
      // RFC 9112 6.3: Transfer-Encoding overrides, the length goes, and so does the connection.
      head.fields.erase(FieldId::content_length);
      head.keep_alive = false;
    }
  } else if (framing.length() > 0) {
    head.body = BodyKind::length;
    head.content_length = framing.length();
  } else {
    head.expect_continue = false;
  }
  // RFC 9112 3.2.2: the authority of the target replaces the Host that came with it.
  if (absolute) head.fields.replace(FieldId::host, head.host);
  if (head.method_id == Method::connect || head.method_id == Method::trace) head.keep_alive = false;
  body.start(head.body, head.content_length, limits.max_body_bytes);
  state = State::done;
  return true;
}

bool RequestReader::Impl::line(std::string_view text) {
  if (state == State::fields) return text.empty() ? finish() : field(text);
  if (text.empty())
    return ++blank_lines <= kMaxLeadingBlankLines || refuse(400, "blank lines before the request");
  state = State::fields;
  return request_line(text);
}

RequestReader::RequestReader(const ReaderLimits& limits) : impl_(std::make_unique<Impl>()) {
  reset(limits);
}
RequestReader::~RequestReader() = default;

void RequestReader::reset(const ReaderLimits& limits) {
  impl_->limits = limits;
  impl_->base = nullptr;
  impl_->restart();
}

HeadStep RequestReader::read_head(std::string_view input) {
  Impl& self = *impl_;
  if (self.state == Impl::State::refused) return {Step::refused, 0};
  if (input.data() != self.base) {  // the views of the lines read so far point into the old place
    self.base = input.data();
    self.restart();
  }
  while (self.state != Impl::State::done) {
    switch (self.lines.next(input, self.limits.max_head_bytes)) {
      case LineScanner::Outcome::need_more:
        return {};
      case LineScanner::Outcome::line:
        if (!self.line(self.lines.line())) return {Step::refused, 0};
        break;
      case LineScanner::Outcome::bad_byte:
        self.refuse(400, "control character or bare CR or LF in the head");
        return {Step::refused, 0};
      case LineScanner::Outcome::too_long:
        self.refuse(431, "head over the limit");
        return {Step::refused, 0};
    }
  }
  return {Step::done, self.lines.offset()};
}

const RequestHead& RequestReader::head() const { return impl_->head; }

RequestHead& RequestReader::head() { return impl_->head; }

BodyStep RequestReader::read_body(std::string_view input) {
  const BodyStep step = impl_->body.read(input);
  if (step.step == Step::refused)
    impl_->refuse(impl_->body.too_large() ? 413 : 400, impl_->body.problem());
  return step;
}

void RequestReader::set_max_body(std::uint64_t bytes) { impl_->body.set_max_bytes(bytes); }

const Refusal& RequestReader::refusal() const { return impl_->refusal; }

}  // namespace ropewalk::http
