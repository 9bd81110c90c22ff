#include "dataplane/filters/martian/serve.h"

#include "common/strings.h"

#include <openssl/rand.h>

#include <charconv>
#include <optional>
#include <vector>

namespace ropewalk::martian {
namespace {

constexpr std::size_t kMostParts = std::size_t{32} << 20;

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

std::size_t length(const Range& range) { return range.end - range.begin + 1; }

std::string content_range(const Range& range, std::size_t size) {
  return "bytes " + std::to_string(range.begin) + "-" + std::to_string(range.end) + "/" +
         std::to_string(size);
}

Result<void> multipart(Exchange& exchange, const std::vector<Range>& ranges,
                       const std::string& type, const std::string& body) {
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
    out += "--" + boundary + "\r\nContent-Range: " + content_range(range, body.size()) +
           "\r\nContent-Type: " + type + "\r\n\r\n" + body.substr(range.begin, length(range));
    if (out.size() > kMostParts) return fail(Kind::too_large, "too many ranges");
  }
  out += "\r\n--" + boundary + "--\r\n";
  exchange.set(true, "Content-Type", "multipart/byteranges; boundary=" + boundary);
  return {};
}

}  // namespace

Result<void> serve(Exchange& exchange, const std::string& type, const std::string& body) {
  pipeline::Response& answer = exchange.response;
  exchange.set(true, "Content-Type", type);
  pipeline::erase_field(answer.headers, "Content-Length");
  const std::string wanted = exchange.get(false, "Range");
  if (wanted.empty()) {
    answer.body = body;
    return {};
  }
  const auto ranges = parse_ranges(wanted, body.size());
  answer.body.clear();
  if (!ranges) {
    answer.status = 416;
    return {};
  }
  answer.status = 206;
  if (ranges->size() > 1) return multipart(exchange, *ranges, type, body);
  exchange.set(true, "Content-Range", content_range(ranges->front(), body.size()));
  answer.body = body.substr(ranges->front().begin, length(ranges->front()));
  return {};
}

}  // namespace ropewalk::martian
