#include "dataplane/http/body_reader.h"
#include "dataplane/http/chars.h"
#include "dataplane/http/framing.h"
#include "dataplane/http/reader.h"

#include <string>

namespace ropewalk::http {
namespace {

constexpr unsigned kMaxInterimAnswers = 8;

// "X Y: 1": no field by RFC 9112 5, but Go's client lets it through, so backends get away with it.
// It is dropped, not passed on; what could be taken for a field of the framing is refused.
bool droppable(std::string_view line) {
  const std::string_view name = line.substr(0, line.find(':'));
  if (name.size() == line.size() || name.empty() || name.front() == ' ' || name.back() == ' ')
    return false;
  std::string joined;
  for (const char c : name) {
    if (c == ' ') {
      joined += '-';
    } else if (in_class(kTokenChar, c)) {
      joined += c;
    } else {
      return false;
    }
  }
  return field_id(joined) == FieldId::other && !imitates_framing(joined);
}

}  // namespace

struct ResponseReader::Impl {
  enum class State : std::uint8_t { status_line, fields, done, refused };

  ReaderLimits limits;
  Method request_method = Method::get;
  State state = State::status_line;
  const char* base = nullptr;
  LineScanner lines;
  unsigned interim_answers = 0;
  std::size_t field_lines = 0;
  ResponseHead head;
  Framing framing;
  BodyReader body;
  Refusal refusal;

  void restart(std::size_t offset) {
    state = State::status_line;
    lines.restart(offset);
    field_lines = 0;
    Fields fields = std::move(head.fields);
    head = ResponseHead{};
    fields.clear();
    head.fields = std::move(fields);
    framing.clear();
  }

  bool refuse(const char* text, Kind kind = Kind::protocol) {
    state = State::refused;
    refusal = {502, text, kind};
    return false;
  }

  bool line(std::string_view text);
  bool status_line(std::string_view text);
  bool field(std::string_view text);
  bool finish();
};

bool ResponseReader::Impl::status_line(std::string_view text) {
  if (text.starts_with("HTTP/1.1"))
    head.version = 11;
  else if (text.starts_with("HTTP/1.0"))
    head.version = 10;
  else
    return refuse("answer is not HTTP/1.0 or HTTP/1.1");
  // Many servers leave out the blank after the code; Go and nginx take it.
  if (text.size() < 12 || text[8] != ' ' || text[9] < '1' || text[9] > '9' || !is_digit(text[10]) ||
      !is_digit(text[11]) || (text.size() > 12 && text[12] != ' '))
    return refuse("invalid status line");
  head.status =
      static_cast<unsigned>((text[9] - '0') * 100 + (text[10] - '0') * 10 + text[11] - '0');
  if (text.size() > 13) head.reason = text.substr(13);
  return true;
}

bool ResponseReader::Impl::field(std::string_view text) {
  const FieldLine line = split_field(text);
  if (++field_lines > limits.max_fields) return refuse("too many header fields");
  if (line.problem) return droppable(text) ? true : refuse(line.problem);
  const FieldId id = field_id(line.name);
  if (id == FieldId::other && imitates_framing(line.name))
    return refuse("field name that imitates a framing field");
  // Equal lengths say the same thing twice (RFC 9110 8.6).
  if (id == FieldId::content_length && framing.has_length() &&
      line.value == head.fields.value(FieldId::content_length))
    return true;
  head.fields.add(line.name, line.value, id);
  switch (framing.add(id, line.value)) {
    case Framing::Verdict::ok:
      break;
    case Framing::Verdict::unknown_coding:
      return refuse("unknown transfer coding");
    case Framing::Verdict::bad:
      return refuse(id == FieldId::connection ? "invalid Connection"
                                              : "invalid or repeated Content-Length");
  }
  if (framing.chunked() && head.version < 11) return refuse("Transfer-Encoding in HTTP/1.0");
  return true;
}

bool ResponseReader::Impl::finish() {
  constexpr unsigned kSwitching = 101;
  if (head.status < 200 && head.status != kSwitching) {
    if (framing.chunked() || framing.length() > 0) return refuse("interim answer with a body");
    if (++interim_answers > kMaxInterimAnswers) return refuse("too many interim answers");
    restart(lines.offset());
    return true;
  }
  head.keep_alive = framing.keep_alive(head.version);
  head.content_length = framing.length();
  if (framing.chunked() && framing.has_length()) {  // the chunks count (RFC 9112 6.3)
    head.fields.erase(FieldId::content_length);
    head.content_length = 0;
    head.keep_alive = false;
  }
  if (head.status == kSwitching) {
    head.body = BodyKind::none;
    head.keep_alive = false;
  } else if (request_method == Method::head || head.status == 204 || head.status == 304) {
    head.body = BodyKind::none;
  } else if (framing.chunked()) {
    head.body = BodyKind::chunked;
  } else if (framing.has_length()) {
    head.body = framing.length() > 0 ? BodyKind::length : BodyKind::none;
  } else {
    head.body = BodyKind::until_close;
    head.keep_alive = false;
  }
  body.start(head.body, head.content_length, limits.max_body_bytes);
  state = State::done;
  return true;
}

bool ResponseReader::Impl::line(std::string_view text) {
  if (state == State::fields) return text.empty() ? finish() : field(text);
  state = State::fields;
  return status_line(text);
}

ResponseReader::ResponseReader(const ReaderLimits& limits) : impl_(std::make_unique<Impl>()) {
  reset(limits, Method::get);
}
ResponseReader::~ResponseReader() = default;

void ResponseReader::reset(const ReaderLimits& limits, Method request_method) {
  impl_->limits = limits;
  impl_->request_method = request_method;
  impl_->base = nullptr;
  impl_->interim_answers = 0;
  impl_->restart(0);
}

HeadStep ResponseReader::read_head(std::string_view input) {
  Impl& self = *impl_;
  if (self.state == Impl::State::refused) return {Step::refused, 0};
  if (input.data() != self.base) {  // the views of the lines read so far point into the old place
    self.base = input.data();
    self.interim_answers = 0;
    self.restart(0);
  }
  while (self.state != Impl::State::done) {
    switch (self.lines.next(input, self.limits.max_head_bytes)) {
      case LineScanner::Outcome::need_more:
        return {};
      case LineScanner::Outcome::line:
        if (!self.line(self.lines.line())) return {Step::refused, 0};
        break;
      case LineScanner::Outcome::bad_byte:
        self.refuse("control character or bare CR or LF in the head");
        return {Step::refused, 0};
      case LineScanner::Outcome::too_long:
        self.refuse("head over the limit");
        return {Step::refused, 0};
    }
  }
  return {Step::done, self.lines.offset()};
}

const ResponseHead& ResponseReader::head() const { return impl_->head; }

BodyStep ResponseReader::read_body(std::string_view input) {
  const BodyStep step = impl_->body.read(input);
  if (step.step == Step::refused)
    impl_->refuse(impl_->body.problem(),
                  impl_->body.too_large() ? Kind::too_large : Kind::protocol);
  return step;
}

Step ResponseReader::at_eof() {
  if (impl_->state == Impl::State::refused) return Step::refused;
  if (impl_->state != Impl::State::done) {
    impl_->refuse("connection closed inside the head");
    return Step::refused;
  }
  const Step step = impl_->body.at_eof();
  if (step == Step::refused) impl_->refuse("connection closed inside the body");
  return step;
}

const Refusal& ResponseReader::refusal() const { return impl_->refusal; }

}  // namespace ropewalk::http
