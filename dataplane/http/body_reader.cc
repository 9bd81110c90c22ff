#include "dataplane/http/body_reader.h"

#include "dataplane/http/chars.h"

#include <algorithm>

namespace ropewalk::http {
namespace {

constexpr std::uint32_t kMaxExtensionBytes = 1024;     // of one chunk
constexpr std::uint32_t kMaxFramingBytes = 16 * 1024;  // extensions and trailers of one body
constexpr std::uint16_t kMaxTrailers = 64;
constexpr std::uint8_t kMaxSizeDigits = 16;

bool text_byte(char c) { return !is_control(c) || c == '\t'; }

}  // namespace

void BodyReader::start(BodyKind kind, std::uint64_t length, std::uint64_t max_bytes) {
  *this = BodyReader{};
  kind_ = kind;
  remaining_ = length;
  max_bytes_ = max_bytes;
  if (kind == BodyKind::chunked) {
    state_ = State::size;
    remaining_ = 0;
  } else if (kind == BodyKind::until_close || (kind == BodyKind::length && length > 0)) {
    state_ = State::data;
  }
}

bool BodyReader::refuse(const char* problem) {
  problem_ = problem;
  return false;
}

BodyStep BodyReader::read(std::string_view input) {
  if (problem_) return refusal();
  if (state_ == State::done) return {Step::done, 0, {}};
  switch (kind_) {
    case BodyKind::length:
      return read_counted(input);
    case BodyKind::until_close:
      return read_to_close(input);
    case BodyKind::chunked:
      return read_chunked(input);
    case BodyKind::none:
      break;
  }
  return {Step::done, 0, {}};
}

BodyStep BodyReader::read_counted(std::string_view input) {
  if (received_ + remaining_ > max_bytes_) {
    too_large_ = true;
    refuse("body over the limit");
    return refusal();
  }
  const std::size_t n = static_cast<std::size_t>(std::min<std::uint64_t>(input.size(), remaining_));
  remaining_ -= n;
  received_ += n;
  if (remaining_ == 0) state_ = State::done;
  return {remaining_ == 0 ? Step::done : Step::need_more, n, input.substr(0, n)};
}

BodyStep BodyReader::read_to_close(std::string_view input) {
  if (input.size() > max_bytes_ - std::min(received_, max_bytes_)) {
    too_large_ = true;
    refuse("body over the limit");
    return refusal();
  }
  received_ += input.size();
  return {Step::need_more, input.size(), input};
}

BodyStep BodyReader::read_chunked(std::string_view input) {
  BodyStep step;
  while (step.consumed < input.size()) {
    if (state_ != State::data) {
      if (!framing_byte(input[step.consumed])) return refusal();
      ++step.consumed;
      if (state_ == State::done) {
        step.step = Step::done;
        return step;
      }
      continue;
    }
    if (!step.data.empty()) return step;
    const std::size_t n =
        static_cast<std::size_t>(std::min<std::uint64_t>(input.size() - step.consumed, remaining_));
    step.data = input.substr(step.consumed, n);
    step.consumed += n;
    remaining_ -= n;
    received_ += n;
    if (remaining_ == 0) state_ = State::data_cr;
  }
  return step;
}

bool BodyReader::framing_byte(char c) {
  if (state_ == State::size) return size_byte(c);
  if (state_ < State::size_lf) return extension_byte(c);
  if (state_ >= State::trailer_first) return trailer_byte(c);
  switch (state_) {
    case State::size_lf:
      return c == '\n' ? end_of_size_line() : refuse("chunk size line ends without CRLF");
    case State::data_cr:
      if (c != '\r') return refuse("chunk data not followed by CRLF");
      state_ = State::data_lf;
      return true;
    default:
      if (c != '\n') return refuse("chunk data not followed by CRLF");
      state_ = State::size;
      digits_ = 0;
      return true;
  }
}

bool BodyReader::size_byte(char c) {
  if (const int digit = hex_value(c); digit >= 0) {
    if (++digits_ > kMaxSizeDigits) return refuse("chunk size too long");
    remaining_ = remaining_ << 4 | static_cast<std::uint64_t>(digit);
    return true;
  }
  if (digits_ == 0) return refuse("chunk without a size");
  line_bytes_ = 0;
  if (c == '\r')
    state_ = State::size_lf;
  else if (c == ';')
    state_ = State::extension_name_first;
  else
    return refuse("invalid chunk size");
  return true;
}

bool BodyReader::extension_byte(char c) {
  if (++line_bytes_ > kMaxExtensionBytes || ++framing_bytes_ > kMaxFramingBytes)
    return refuse("chunk extensions too long");
  const bool token = in_class(kTokenChar, c);
  const bool may_end = state_ == State::extension_name || state_ == State::extension_value ||
                       state_ == State::extension_quoted_end;
  if (may_end && (c == '\r' || c == ';')) {
    state_ = c == '\r' ? State::size_lf : State::extension_name_first;
    return true;
  }
  switch (state_) {
    case State::extension_name_first:
    case State::extension_name:
      if (token)
        state_ = State::extension_name;
      else if (c == '=' && state_ == State::extension_name)
        state_ = State::extension_value_first;
      else
        break;
      return true;
    case State::extension_value_first:
      if (c == '"')
        state_ = State::extension_quoted;
      else if (token)
        state_ = State::extension_value;
      else
        break;
      return true;
    case State::extension_value:
      if (!token) break;
      return true;
    case State::extension_quoted:
      if (!text_byte(c)) break;
      if (c == '"') state_ = State::extension_quoted_end;
      if (c == '\\') state_ = State::extension_escaped;
      return true;
    case State::extension_escaped:
      if (!text_byte(c)) break;
      state_ = State::extension_quoted;
      return true;
    default:
      break;
  }
  return refuse("invalid chunk extension");
}

bool BodyReader::end_of_size_line() {
  if (remaining_ > INT64_MAX) return refuse("chunk size too large");
  if (remaining_ == 0) {
    state_ = State::trailer_first;
    return true;
  }
  if (remaining_ > max_bytes_ - std::min(received_, max_bytes_)) {
    too_large_ = true;
    return refuse("body over the limit");
  }
  state_ = State::data;
  return true;
}

bool BodyReader::trailer_byte(char c) {
  if (++framing_bytes_ > kMaxFramingBytes) return refuse("trailers too long");
  switch (state_) {
    case State::trailer_first:
      if (c == '\r') {
        state_ = State::last_lf;
        return true;
      }
      if (++trailers_ > kMaxTrailers) return refuse("too many trailers");
      name_size_ = 0;
      state_ = State::trailer_name;
      [[fallthrough]];
    case State::trailer_name:
      if (c == ':' && name_size_ > 0) {
        const FieldId id = field_id({name_.data(), name_size_});
        if (id == FieldId::content_length || id == FieldId::transfer_encoding ||
            id == FieldId::host || id == FieldId::connection)
          return refuse("framing field in a trailer");
        state_ = State::trailer_value;
        return true;
      }
      if (!in_class(kTokenChar, c)) return refuse("invalid trailer name");
      if (name_size_ < name_.size()) name_[name_size_++] = c;
      return true;
    case State::trailer_value:
      if (c == '\r')
        state_ = State::trailer_lf;
      else if (!text_byte(c))
        return refuse("control character in a trailer");
      return true;
    case State::trailer_lf:
      if (c != '\n') return refuse("bare CR in a trailer");
      state_ = State::trailer_first;
      return true;
    default:
      if (c != '\n') return refuse("chunked body ends without CRLF");
      state_ = State::done;
      return true;
  }
}

Step BodyReader::at_eof() const {
  if (problem_) return Step::refused;
  return state_ == State::done || kind_ == BodyKind::until_close ? Step::done : Step::refused;
}

}  // namespace ropewalk::http
