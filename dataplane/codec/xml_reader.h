// A pull parser for XML from untrusted backends: one token at a time, nothing built, no entity
// beyond the five of XML and character references, so nothing can expand. It accepts and refuses
// what KrakenD's parser (Go's encoding/xml) does: several roots, no unknown entities, no invalid
// UTF-8. (Debian's pugixml keeps unknown entities and invalid UTF-8 and looks behind the root.)
//
// Views point into the document and into the reader. One document, one thread.
#pragma once

#include "common/error.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::codec {

struct XmlName {
  std::string_view prefix;
  std::string_view local;
  bool operator==(const XmlName&) const = default;
};

struct XmlAttribute {
  XmlName name;
  std::string value;  // references resolved
};

enum class XmlRules : std::uint8_t {
  strict,
  // As feeds are read: unknown entities are text, attributes need no quotes and no value, an end
  // tag closes the elements that were left open inside.
  lenient,
};

class XmlReader {
 public:
  enum class Token : std::uint8_t { start, end, text, done };

  // `document` is UTF-8 (charset.h) and outlives the reader.
  XmlReader(std::string_view document, XmlRules rules, std::size_t max_depth);

  // Comments, processing instructions and declarations are passed over; <a/> is a start and an end.
  // `done`: the document is over and every element was closed. Errors: Kind::decode,
  // Origin::backend.
  Result<Token> next();

  const XmlName& name() const { return name_; }  // of a start or an end
  const std::vector<XmlAttribute>& attributes() const { return attributes_; }  // of a start
  const std::string& text() const { return text_; }  // of a text: one run or one CDATA section
  std::size_t depth() const { return open_.size(); }
  // Where the token just read begins and ends, in bytes.
  std::size_t begin() const { return begin_; }
  std::size_t position() const { return at_; }

 private:
  enum class Until : std::uint8_t { tag, section_end, single_quote, double_quote };

  Result<Token> read_start();
  Result<Token> read_end();
  Result<Token> close(const XmlName& name);
  Result<void> read_attribute();
  Result<void> read_text(std::string& out, Until until);
  Result<void> read_reference(std::string& out);
  Result<void> append_character(std::string& out);
  Result<void> skip_instruction();
  Result<void> skip_comment();
  Result<void> skip_declaration();
  Result<XmlName> read_name(std::string_view expected);
  void skip_blanks();
  bool starts(std::string_view text) const { return document_.substr(at_).starts_with(text); }
  bool over() const { return at_ >= document_.size(); }
  std::unexpected<Error> wrong(std::string what) const;

  std::string_view document_;
  XmlRules rules_;
  std::size_t max_depth_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;
  std::vector<XmlName> open_;
  XmlName name_;
  std::vector<XmlAttribute> attributes_;
  std::string text_;
  bool empty_element_ = false;  // the end of <a/> comes next
  XmlName closing_;             // lenient: elements are closed until this one is
  bool closing_all_ = false;
};

}  // namespace ropewalk::codec
