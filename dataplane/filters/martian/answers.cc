// body.Modifier and status.Modifier.
#include "dataplane/filters/martian/modifier.h"

#include "common/strings.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <charconv>
#include <optional>

namespace ropewalk::martian {
namespace {

std::string decode_base64(const std::string& text) {
  std::string out(text.size() / 4 * 3, '\0');
  if (text.empty()) return out;
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  out.resize(size < 0 ? 0 : static_cast<std::size_t>(size) - padding);
  return out;
}

struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;  // inclusive
};

std::optional<std::size_t> number(std::string_view text) {
  text = trim(text);
  std::size_t out = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || end.ec != std::errc() || end.ptr != text.data() + text.size())
    return std::nullopt;
  return out;
}

// "bytes=0-4,8-" over `size` bytes; nothing for what cannot be served.
std::optional<std::vector<Range>> parse_ranges(std::string_view text, std::size_t size) {
  std::vector<Range> out;
  const std::string lowered = to_lower(text);
  std::string_view rest = lowered;
  if (rest.starts_with("bytes=")) rest.remove_prefix(6);
  for (const std::string_view piece : split(rest, ',')) {
    const std::size_t dash = piece.find('-');
    if (dash == piece.npos || size == 0) return std::nullopt;
    const auto begin = number(piece.substr(0, dash));
    const auto end = trim(piece.substr(dash + 1)).empty() ? std::optional(size - 1)
                                                          : number(piece.substr(dash + 1));
    if (!begin || !end || *begin > *end || *end >= size) return std::nullopt;
    out.push_back({*begin, *end});
  }
  return out;
}

class BodyModifier final : public Modifier {
 public:
  BodyModifier(std::string type, std::string body)
      : type_(std::move(type)), body_(std::move(body)) {}
  bool replaces_answer_body() const override { return true; }
  bool replaces_request_body() const override { return true; }

  Result<void> request(Exchange& exchange) const override {
    exchange.set(false, "Content-Type", type_);
    exchange.erase(false, "Content-Encoding");
    exchange.request.set_body(body_);
    return {};
  }

  // Serves the client's Range itself.
  Result<void> response(Exchange& exchange) const override {
    pipeline::Response& answer = exchange.response;
    exchange.set(true, "Content-Type", type_);
    exchange.erase(true, "Content-Encoding");
    pipeline::erase_field(answer.headers, "Content-Length");
    const std::string wanted = exchange.get(false, "Range");
    if (wanted.empty()) {
      answer.body = body_;
      return {};
    }
    const auto ranges = parse_ranges(wanted, body_.size());
    answer.body.clear();
    if (!ranges) {
      answer.status = 416;
      return {};
    }
    answer.status = 206;
    if (ranges->size() == 1) {
      exchange.set(true, "Content-Range", content_range(ranges->front()));
      answer.body = body_.substr(ranges->front().begin, length(ranges->front()));
      return {};
    }
    return multipart(exchange, *ranges);
  }

 private:
  static std::size_t length(const Range& range) { return range.end - range.begin + 1; }
  std::string content_range(const Range& range) const {
    return "bytes " + std::to_string(range.begin) + "-" + std::to_string(range.end) + "/" +
           std::to_string(body_.size());
  }
  Result<void> multipart(Exchange& exchange, const std::vector<Range>& ranges) const {
    unsigned char random[30];
    if (RAND_bytes(random, sizeof random) != 1) return fail(Kind::internal, "no random bytes");
    std::string boundary;
    for (const unsigned char byte : random) {
      boundary += "0123456789abcdef"[byte >> 4];
      boundary += "0123456789abcdef"[byte & 15];
    }
    std::string& out = exchange.response.body;
    for (const Range& range : ranges) {
      if (!out.empty()) out += "\r\n";
      out += "--" + boundary + "\r\nContent-Range: " + content_range(range) +
             "\r\nContent-Type: " + type_ + "\r\n\r\n" + body_.substr(range.begin, length(range));
      if (out.size() > kMostParts) return fail(Kind::too_large, "too many ranges");
    }
    out += "\r\n--" + boundary + "--\r\n";
    exchange.set(true, "Content-Type", "multipart/byteranges; boundary=" + boundary);
    return {};
  }

  static constexpr std::size_t kMostParts = std::size_t{32} << 20;
  std::string type_;
  std::string body_;
};

class StatusModifier final : public Modifier {
 public:
  explicit StatusModifier(unsigned status) : status_(status) {}
  Result<void> response(Exchange& exchange) const override {
    exchange.response.status = status_;
    return {};
  }

 private:
  unsigned status_;
};

}  // namespace

Result<ModifierPtr> build_answer(const std::string& name, const json::Value& fields) {
  if (name == "body.Modifier")
    return std::make_unique<BodyModifier>(text_of(fields, "contentType"),
                                          decode_base64(text_of(fields, "body")));
  if (name == "status.Modifier")
    return std::make_unique<StatusModifier>(
        static_cast<unsigned>(integer_of(fields, "statusCode")));
  return nullptr;
}

}  // namespace ropewalk::martian
