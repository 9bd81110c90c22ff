#include "tests/http/drive.h"

#include "dataplane/http/chars.h"

#include <algorithm>
#include <fstream>
#include <memory>
#include <random>
#include <stdexcept>

namespace ropewalk::http {
namespace {

// What arrived and was not consumed yet.
class Inbox {
 public:
  Inbox(std::string_view input, const Arrival& arrival) : rest_(input), arrival_(arrival) {
    // Room for all of it, so that a buffer that does not move stays where it is.
    if (!arrival_.moving) buffer_->reserve(input.size());
  }

  std::string_view view() const { return std::string_view(*buffer_).substr(begin_); }
  void consume(std::size_t bytes) { begin_ += bytes; }
  bool receive() {
    if (rest_.empty()) return false;
    const std::size_t n = std::min(rest_.size(), arrival_.pieces());
    if (arrival_.moving) {
      auto moved = std::make_unique<std::string>(view());
      buffer_->assign(buffer_->size(), '#');  // whoever looks at the old place fails
      old_ = std::exchange(buffer_, std::move(moved));
      begin_ = 0;
    }
    buffer_->append(rest_.substr(0, n));
    rest_.remove_prefix(n);
    return true;
  }

 private:
  std::string_view rest_;
  const Arrival& arrival_;
  std::unique_ptr<std::string> buffer_ = std::make_unique<std::string>();
  std::unique_ptr<std::string> old_;
  std::size_t begin_ = 0;
};

std::string describe(const RequestHead& head) {
  std::string text = std::string(head.method) + ' ' + std::string(head.target) + ' ' +
                     std::to_string(head.version) + " host=" + std::string(head.host) +
                     " path=" + std::string(head.path) + " query=" + std::string(head.query) +
                     (head.keep_alive ? " keep" : " close") +
                     (head.expect_continue ? " expect" : "") + '\n';
  for (const Field& field : head.fields)
    text += std::string(field.name) + ": " + std::string(field.value) + '\n';
  return text + '\n';
}

std::string describe(const ResponseHead& head) {
  std::string text = std::to_string(head.version) + ' ' + std::to_string(head.status) + ' ' +
                     std::string(head.reason) + (head.keep_alive ? " keep" : " close") + '\n';
  for (const Field& field : head.fields)
    text += std::string(field.name) + ": " + std::string(field.value) + '\n';
  return text + '\n';
}

template <class Reader>
bool refuse(Transcript& transcript, const Reader& reader) {
  transcript.refused = reader.refusal().status;
  transcript.text = reader.refusal().text;
  return false;
}

template <class Reader>
Step read_head(Reader& reader, Inbox& inbox) {
  while (true) {
    const HeadStep step = reader.read_head(inbox.view());
    if (step.step == Step::done) inbox.consume(step.consumed);
    if (step.step != Step::need_more || !inbox.receive()) return step.step;
  }
}

template <class Reader>
Step read_body(Reader& reader, Inbox& inbox, std::string& body) {
  while (true) {
    const BodyStep step = reader.read_body(inbox.view());
    body += step.data;
    inbox.consume(step.consumed);
    if (step.step != Step::need_more) return step.step;
    if (step.consumed == 0 && !inbox.receive()) return step.step;
  }
}

}  // namespace

Arrival whole() {
  return {[] { return std::size_t{SIZE_MAX}; }, false};
}

Arrival every(std::size_t bytes, bool moving) {
  return {[bytes] { return bytes; }, moving};
}

Arrival random_pieces(unsigned seed) {
  auto random = std::make_shared<std::minstd_rand>(seed);
  return {[random] { return std::size_t{1} + (*random)() % 40; }, seed % 2 == 0};
}

Transcript drive_requests(std::string_view input, const Arrival& arrival,
                          const ReaderLimits& limits) {
  Transcript transcript;
  Inbox inbox(input, arrival);
  RequestReader reader(limits);
  for (bool more = true; more;) {
    reader.reset(limits);
    if (inbox.view().empty() && !inbox.receive()) break;
    const Step head = read_head(reader, inbox);
    if (head == Step::refused) {
      refuse(transcript, reader);
      break;
    }
    if (head == Step::need_more) {
      transcript.partial = true;
      break;
    }
    more = reader.head().keep_alive;
    std::string message = describe(reader.head());
    std::string body;
    if (reader.head().body != BodyKind::none) {
      const Step step = read_body(reader, inbox, body);
      if (step == Step::refused) {
        refuse(transcript, reader);
        break;
      }
      if (step == Step::need_more) {
        transcript.partial = true;
        break;
      }
    }
    transcript.body_bytes += body.size();
    transcript.messages.push_back(message + body);
  }
  return transcript;
}

Transcript drive_response(std::string_view input, const Arrival& arrival, Method method, bool eof,
                          const ReaderLimits& limits) {
  Transcript transcript;
  Inbox inbox(input, arrival);
  ResponseReader reader(limits);
  reader.reset(limits, method);
  std::string message;
  std::string body;
  Step step = read_head(reader, inbox);
  if (step == Step::done) {
    message = describe(reader.head());
    if (reader.head().body != BodyKind::none) step = read_body(reader, inbox, body);
  }
  if (step == Step::need_more && eof) step = reader.at_eof();
  if (step == Step::refused) {
    refuse(transcript, reader);
  } else if (step == Step::need_more) {
    transcript.partial = true;
  } else {
    transcript.body_bytes = body.size();
    transcript.messages.push_back(message + body);
  }
  return transcript;
}

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    switch (text.at(++i)) {
      case 'r':
        out += '\r';
        break;
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case 'x':
        out += static_cast<char>(hex_value(text.at(i + 1)) << 4 | hex_value(text.at(i + 2)));
        i += 2;
        break;
      default:
        out += text[i];
    }
  }
  return out;
}

std::vector<std::vector<std::string>> read_table(const std::string& path, std::size_t columns) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::vector<std::vector<std::string>> table;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::vector<std::string> row;
    std::string_view rest = line;
    while (row.size() + 1 < columns) {
      const std::size_t bar = rest.find(" | ");
      if (bar == std::string_view::npos) throw std::runtime_error("too few columns: " + line);
      row.emplace_back(rest.substr(0, bar));
      rest.remove_prefix(bar + 3);
    }
    row.emplace_back(rest);
    table.push_back(std::move(row));
  }
  return table;
}

}  // namespace ropewalk::http
