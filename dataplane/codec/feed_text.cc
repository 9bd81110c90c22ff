#include "dataplane/codec/feed_text.h"

#include "common/strings.h"
#include "common/utf8.h"
#include "dataplane/codec/html_entities.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>

namespace ropewalk::codec {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\v\f";
constexpr std::string_view kSection = "<![CDATA[";
constexpr std::size_t kLongestEntity = 32;

// What browsers read for &#128; to &#159;.
constexpr char32_t kWindows1252[] = {0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021,
                                     0x2c6,  0x2030, 0x160,  0x2039, 0x152,  0x8d,   0x17d,  0x8f,
                                     0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                     0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};

// The character of "#233", "#xe9" or "eacute"; 0 for none.
char32_t character_of(std::string_view name) {
  if (!name.starts_with('#')) return html_entity(name);
  const bool hex = name.starts_with("#x") || name.starts_with("#X");
  const std::string_view digits = name.substr(hex ? 2 : 1);
  std::uint32_t value = 0;
  const auto read =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
  if (digits.empty() || read.ptr != digits.data() + digits.size()) return 0;
  if (read.ec != std::errc() || value == 0 || value > 0x10ffff ||
      (value >= 0xd800 && value < 0xe000))
    return 0xfffd;
  return value >= 0x80 && value < 0xa0 ? kWindows1252[value - 0x80] : value;
}

}  // namespace

std::string decode_entities(std::string_view text) {
  std::string out;
  for (;;) {
    const std::size_t at = text.find('&');
    out += text.substr(0, at);
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at);
    const std::size_t end = text.substr(0, kLongestEntity).find(';');
    const char32_t character =
        end == std::string_view::npos ? 0 : character_of(text.substr(1, end - 1));
    if (character == 0) {
      out += '&';
      text.remove_prefix(1);
    } else {
      append_utf8(out, character);
      text.remove_prefix(end + 1);
    }
  }
}

std::string feed_text(std::string_view raw) {
  raw = trim(raw, kBlanks);
  std::string out;
  for (;;) {
    const std::size_t at = raw.find(kSection);
    out += decode_entities(raw.substr(0, at));
    if (at == std::string_view::npos) return out;
    raw.remove_prefix(at + kSection.size());
    const std::size_t end = raw.find("]]>");
    out += raw.substr(0, end);
    if (end == std::string_view::npos) return out;
    raw.remove_prefix(end + 3);
  }
}

FeedPerson parse_person(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) {
    if (text.find_first_of("()") != std::string_view::npos) return {};
    return {std::string(text), {}};
  }
  if (text.find_first_of("()") == std::string_view::npos) {
    const bool mail =
        at > 0 && at + 1 < text.size() && text.find('@', at + 1) == std::string_view::npos;
    return mail ? FeedPerson{{}, std::string(text)} : FeedPerson{};
  }
  if (!text.ends_with(')')) return {};
  // mail@host (Name)
  const std::size_t blank = text.find_first_of(kBlanks, at);
  if (at > 0 && blank != std::string_view::npos && blank > at + 1) {
    std::string_view name = trim(text.substr(blank), kBlanks);
    if (name.size() > 2 && name.starts_with('(') && name.find('@') == std::string_view::npos)
      return {std::string(name.substr(1, name.size() - 2)), std::string(text.substr(0, blank))};
  }
  // Name (mail@host)
  const std::size_t open = text.rfind('(', at);
  if (open == std::string_view::npos || open + 1 == at) return {};
  const std::string_view before = text.substr(0, open);
  const std::string_view mail = text.substr(open + 1, text.size() - open - 2);
  const std::string_view name = trim(before, kBlanks);
  if (name.empty() || name.size() == before.size() || mail.find(')') != std::string_view::npos ||
      mail.ends_with('@'))
    return {};
  return {std::string(name), std::string(mail)};
}

}  // namespace ropewalk::codec
