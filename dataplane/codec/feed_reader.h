// The tokens of a feed with namespaces resolved. One document, one thread.
#pragma once

#include "common/error.h"
#include "dataplane/codec/xml_reader.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ropewalk::codec {

class FeedReader {
 public:
  FeedReader(std::string_view document, std::size_t max_depth);

  // The next start or end tag, texts passed over; `end` also at the end of the document.
  Result<XmlReader::Token> next_tag();
  Result<XmlReader::Token> next() { return track(xml_.next()); }

  // Of the current start tag.
  std::string local() const { return std::string(xml_.name().local); }
  std::string lowered() const;
  std::string attribute(std::string_view local) const;  // "" without it
  const std::vector<XmlAttribute>& attributes() const { return xml_.attributes(); }
  // An element of another namespace than the feed's own.
  bool is_extension() const;
  bool has_content_prefix() const;
  // The name under which the extensions of this namespace are known: dc, itunes, media.
  std::string extension_prefix() const;

  const std::string& text() const { return xml_.text(); }  // of a text token

  // From a start tag to behind its end: what is inside, as it stands in the document.
  Result<std::string_view> raw();
  Result<void> skip();

 private:
  struct Binding {
    std::string prefix;
    std::string url;
    std::size_t depth;
  };
  Result<XmlReader::Token> track(Result<XmlReader::Token> token);
  // The URL of the element's namespace, or its prefix where nothing binds it.
  std::string space() const;
  // The prefix that the document itself gives to a URL; nullptr without one.
  const std::string* prefix_of(std::string_view url) const;

  std::string_view document_;
  XmlReader xml_;
  std::vector<Binding> bindings_;
};

// Calls read(name in lower case) for every child of the current element; `read` consumes it.
template <class Read>
Result<void> for_each_child(FeedReader& reader, Read&& read) {
  for (;;) {
    const auto token = reader.next_tag();
    if (!token) return std::unexpected(token.error());
    if (*token == XmlReader::Token::end) return {};
    if (const Result<void> done = read(reader.lowered()); !done) return done;
  }
}

}  // namespace ropewalk::codec
