#include "dataplane/codec/xml_reader.h"

#include "common/utf8.h"
#include "dataplane/codec/xml_characters.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace ropewalk::codec {
namespace {

bool blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool name_byte(char c) {
  return static_cast<unsigned char>(c) >= 0x80 || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':' || c == '.' ||
         c == '-';
}

}  // namespace

XmlReader::XmlReader(std::string_view document, XmlRules rules, std::size_t max_depth)
    : document_(document), rules_(rules), max_depth_(max_depth) {}

std::unexpected<Error> XmlReader::wrong(std::string what) const {
  return fail(Kind::decode, "not XML: " + what + " at byte " + std::to_string(at_ + 1),
              Origin::backend);
}

void XmlReader::skip_blanks() {
  while (!over() && blank(document_[at_])) ++at_;
}

Result<XmlReader::Token> XmlReader::next() {
  begin_ = at_;
  if (empty_element_) {
    empty_element_ = false;
    return close(open_.back());
  }
  if (closing_all_) return close(closing_);
  for (;;) {
    begin_ = at_;
    if (over()) {
      if (!open_.empty()) return wrong("an element is not closed");
      return Token::done;
    }
    Result<void> skipped;
    if (document_[at_] != '<') {
      text_.clear();
      skipped = read_text(text_, Until::tag);
      if (skipped) return Token::text;
    } else if (starts("<![CDATA[")) {
      at_ += 9;
      text_.clear();
      skipped = read_text(text_, Until::section_end);
      if (skipped) return Token::text;
    } else if (starts("</")) {
      return read_end();
    } else if (starts("<?")) {
      skipped = skip_instruction();
    } else if (starts("<!-")) {
      skipped = skip_comment();
    } else if (starts("<!")) {
      skipped = skip_declaration();
    } else {
      return read_start();
    }
    if (!skipped) return std::unexpected(skipped.error());
  }
}

Result<XmlName> XmlReader::read_name(std::string_view expected) {
  const std::size_t from = at_;
  while (!over() && name_byte(document_[at_])) ++at_;
  const std::string_view text = document_.substr(from, at_ - from);
  if (text.empty() || !xml_name_start(decode_utf8(text).code) || !is_utf8(text)) {
    at_ = from;
    return wrong("expected " + std::string(expected));
  }
  if (std::ranges::count(text, ':') > 1) return wrong("expected " + std::string(expected));
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size())
    return XmlName{{}, text};
  return XmlName{text.substr(0, colon), text.substr(colon + 1)};
}

Result<XmlReader::Token> XmlReader::read_start() {
  ++at_;
  const auto name = read_name("the name of an element");
  if (!name) return std::unexpected(name.error());
  attributes_.clear();
  for (;;) {
    skip_blanks();
    if (over()) return wrong("unexpected end of a tag");
    if (document_[at_] == '>') break;
    if (document_[at_] == '/') {
      if (!starts("/>")) return wrong("expected />");
      ++at_;
      empty_element_ = true;
      break;
    }
    if (const auto read = read_attribute(); !read) return std::unexpected(read.error());
  }
  ++at_;
  if (open_.size() >= max_depth_)
    return wrong("nested deeper than " + std::to_string(max_depth_) + " levels");
  name_ = *name;
  open_.push_back(*name);
  return Token::start;
}

Result<void> XmlReader::read_attribute() {
  const auto name = read_name("the name of an attribute");
  if (!name) return std::unexpected(name.error());
  XmlAttribute& attribute = attributes_.emplace_back(*name);
  skip_blanks();
  const bool lenient = rules_ == XmlRules::lenient;
  if (over() || document_[at_] != '=') {
    if (!lenient) return wrong("expected = behind the name of an attribute");
    attribute.value = name->local;
    return {};
  }
  ++at_;
  skip_blanks();
  if (!over() && (document_[at_] == '"' || document_[at_] == '\'')) {
    const Until until = document_[at_] == '"' ? Until::double_quote : Until::single_quote;
    ++at_;
    return read_text(attribute.value, until);
  }
  if (!lenient) return wrong("expected a quoted value of an attribute");
  const std::size_t from = at_;
  while (!over() && name_byte(document_[at_])) ++at_;
  attribute.value = document_.substr(from, at_ - from);
  return {};
}

Result<XmlReader::Token> XmlReader::read_end() {
  at_ += 2;
  const auto name = read_name("the name of an element behind </");
  if (!name) return std::unexpected(name.error());
  skip_blanks();
  if (over() || document_[at_] != '>') return wrong("expected > behind the name of an element");
  ++at_;
  if (open_.empty()) return wrong("unexpected end of an element that is not open");
  return close(*name);
}

Result<XmlReader::Token> XmlReader::close(const XmlName& name) {
  closing_all_ = false;
  const XmlName top = open_.back();
  if (top != name) {
    if (rules_ == XmlRules::strict)
      return wrong("element " + std::string(top.local) + " is closed by " +
                   std::string(name.local));
    // Everything left open inside ends here; without such an element nothing stays open.
    closing_ = name;
    closing_all_ = open_.size() > 1;
  }
  open_.pop_back();
  name_ = top;
  return Token::end;
}

Result<void> XmlReader::append_character(std::string& out) {
  const auto [character, length] = decode_utf8(document_.substr(at_, 4));
  if (length == 0) return wrong("invalid UTF-8");
  if (!xml_character(character)) return wrong("a character that XML does not know");
  out.append(document_, at_, length);
  at_ += length;
  return {};
}

Result<void> XmlReader::read_text(std::string& out, Until until) {
  while (!over()) {
    const char c = document_[at_];
    if (until == Until::section_end) {
      if (starts("]]>")) {
        at_ += 3;
        return {};
      }
    } else if (c == '<') {
      if (until == Until::tag) return {};
      return wrong("unescaped < in the value of an attribute");
    } else if ((c == '"' && until == Until::double_quote) ||
               (c == '\'' && until == Until::single_quote)) {
      ++at_;
      return {};
    } else if (c == '&') {
      if (const auto read = read_reference(out); !read) return read;
      continue;
    } else if (c == ']' && until == Until::tag && starts("]]>")) {
      return wrong("]]> outside of a CDATA section");
    }
    if (c == '\r') {
      out += '\n';
      at_ += starts("\r\n") ? 2 : 1;
    } else if (static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f) {
      out += c;
      ++at_;
    } else if (const auto read = append_character(out); !read) {
      return read;
    }
  }
  if (until == Until::tag) return {};
  return wrong(until == Until::section_end ? "a CDATA section without end"
                                           : "a value of an attribute without end");
}

// &lt; &#233; &#xe9; and, in lenient documents, anything else as text.
Result<void> XmlReader::read_reference(std::string& out) {
  constexpr std::size_t kLongest = 64;  // zeros may lead a number
  const std::string_view rest = document_.substr(at_ + 1, kLongest);
  const std::size_t end = rest.find(';');
  const std::string_view name = end == std::string_view::npos ? "" : rest.substr(0, end);
  char32_t code = 0;
  if (name.starts_with('#')) {
    const bool hex = name.starts_with("#x");
    const std::string_view digits = name.substr(hex ? 2 : 1);
    std::uint32_t value = 0;
    const auto read =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
    if (!digits.empty() && read.ec == std::errc() && read.ptr == digits.data() + digits.size() &&
        value <= 0x10ffff) {
      code = value >= 0xd800 && value < 0xe000 ? 0xfffd : value;
      if (!xml_character(code)) return wrong("a reference to a character that XML does not know");
    }
  } else {
    code = name == "lt"     ? '<'
           : name == "gt"   ? '>'
           : name == "amp"  ? '&'
           : name == "apos" ? '\''
           : name == "quot" ? '"'
                            : 0;
  }
  if (code != 0) {
    append_utf8(out, code);
    at_ += name.size() + 2;
    return {};
  }
  if (rules_ == XmlRules::strict) return wrong("an unknown entity");
  out += '&';
  ++at_;
  return {};
}

Result<void> XmlReader::skip_instruction() {
  at_ += 2;
  const auto name = read_name("the name of a processing instruction");
  if (!name) return std::unexpected(name.error());
  const std::size_t end = document_.find("?>", at_);
  if (end == std::string_view::npos) return wrong("a processing instruction without end");
  at_ = end + 2;
  return {};
}

Result<void> XmlReader::skip_comment() {
  if (!starts("<!--")) return wrong("expected <!--");
  const std::size_t end = document_.find("--", at_ + 4);
  if (end == std::string_view::npos) return wrong("a comment without end");
  if (document_.substr(end + 2, 1) != ">") return wrong("-- inside of a comment");
  at_ = end + 3;
  return {};
}

// <!DOCTYPE ... [ <!ENTITY ...> ]>: passed over with what it declares.
Result<void> XmlReader::skip_declaration() {
  at_ += 2;
  std::size_t inside = 0;
  char quote = 0;
  while (!over()) {
    const char c = document_[at_];
    if (quote == 0 && starts("<!--")) {
      if (const auto skipped = skip_comment(); !skipped) return skipped;
      continue;
    }
    ++at_;
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '<') {
      ++inside;
    } else if (c == '>') {
      if (inside == 0) return {};
      --inside;
    }
  }
  return wrong("a declaration without end");
}

}  // namespace ropewalk::codec
