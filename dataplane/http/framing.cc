#include "dataplane/http/framing.h"

#include "common/strings.h"
#include "dataplane/http/chars.h"

#include <algorithm>

namespace ropewalk::http {
namespace {

// Each option is compared with each field later: a product that a peer must not choose.
constexpr unsigned kMaxConnectionOptions = 32;

std::string_view trim_blanks(const char* begin, const char* end) {
  while (begin != end && (*begin == ' ' || *begin == '\t')) ++begin;
  while (begin != end && (end[-1] == ' ' || end[-1] == '\t')) --end;
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

LineScanner::Outcome LineScanner::next(std::string_view input, std::size_t limit) {
  const std::size_t size = std::min(input.size(), first_ + limit);
  const bool at_limit = size == first_ + limit;
  const char* const end = input.data() + size;
  const char* const found = find_control(input.data() + scanned_, end);
  scanned_ = static_cast<std::size_t>(found - input.data());
  if (found == end) return at_limit ? Outcome::too_long : Outcome::need_more;
  if (*found != '\r') return Outcome::bad_byte;
  if (found + 1 == end) return at_limit ? Outcome::too_long : Outcome::need_more;
  if (found[1] != '\n') return Outcome::bad_byte;
  line_ = input.substr(begin_, scanned_ - begin_);
  begin_ = scanned_ = scanned_ + 2;
  return Outcome::line;
}

FieldLine split_field(std::string_view line) {
  const char* const begin = line.data();
  const char* const end = begin + line.size();
  const char* p = begin;
  while (p != end && in_class(kTokenChar, *p)) ++p;
  if (p == begin)
    return {{}, {}, *p == ' ' || *p == '\t' ? "folded header line" : "empty or invalid field name"};
  if (p == end) return {{}, {}, "header line without colon"};
  if (*p != ':')
    return {
        {}, {}, *p == ' ' || *p == '\t' ? "blank before the colon" : "invalid byte in field name"};
  return {line.substr(0, static_cast<std::size_t>(p - begin)), trim_blanks(p + 1, end)};
}

bool imitates_framing(std::string_view name) {
  if (name.size() < 13) return false;
  const std::size_t begin = name.find_first_not_of("-_");
  const char first = begin == std::string_view::npos ? '\0' : lower(name[begin]);
  if (first != 't' && first != 'c') return false;
  const std::string_view imitated = first == 't' ? "transferencoding" : "contentlength";
  std::size_t at = 0;
  for (char c : name) {
    if (c == '-' || c == '_') continue;
    if (at == imitated.size() || lower(c) != imitated[at]) return false;
    ++at;
  }
  return at == imitated.size();
}

bool parse_length(std::string_view text, std::uint64_t& length) {
  if (text.empty() || text.size() > 19) return false;
  std::uint64_t value = 0;
  for (char c : text) {
    if (!is_digit(c)) return false;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  length = value;
  return value <= INT64_MAX;
}

bool valid_host(std::string_view text) {
  const char* p = text.data();
  const char* const end = p + text.size();
  if (p != end && *p == '[') {
    const char* const first = ++p;
    while (p != end && (hex_value(*p) >= 0 || *p == ':' || *p == '.')) ++p;
    if (p == end || *p != ']' || p - first < 2) return false;
    ++p;
  } else {
    for (; p != end; ++p) {
      if (in_class(kRegNameChar, *p)) continue;
      if (*p != '%' || end - p < 3 || hex_value(p[1]) < 0 || hex_value(p[2]) < 0) break;
      p += 2;
    }
  }
  if (p == end) return true;
  if (*p != ':') return false;
  return std::all_of(p + 1, end, is_digit);
}

Framing::Verdict Framing::add(FieldId id, std::string_view value) {
  switch (id) {
    case FieldId::content_length:
      if (has_length_ || !parse_length(value, length_)) return Verdict::bad;
      has_length_ = true;
      return Verdict::ok;
    case FieldId::transfer_encoding:
      if (chunked_ || !iequals(value, "chunked")) return Verdict::unknown_coding;
      chunked_ = true;
      return Verdict::ok;
    case FieldId::connection:
      return add_connection(value);
    default:
      return Verdict::ok;
  }
}

Framing::Verdict Framing::add_connection(std::string_view value) {
  while (true) {
    const std::size_t comma = value.find(',');
    const std::string_view option = trim(value.substr(0, comma));
    if (!option.empty()) {
      if (!is_token(option) || ++options_ > kMaxConnectionOptions) return Verdict::bad;
      if (iequals(option, "close")) close_ = true;
      if (iequals(option, "keep-alive")) keep_alive_ = true;
    }
    if (comma == std::string_view::npos) return Verdict::ok;
    value.remove_prefix(comma + 1);
  }
}

}  // namespace ropewalk::http
