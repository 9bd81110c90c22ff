#include "dataplane/codec/feed_reader.h"

#include "common/strings.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ropewalk::codec {
namespace {

constexpr std::string_view kXmlBlanks = " \t\r\n";
constexpr std::size_t kMostBindings = 256;  // each element looks through them

// Prefixes by which the extensions of well-known modules are known, whatever a feed calls them.
constexpr auto kCanonical = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"http://purl.org/dc/elements/1.1/", "dc"},
    {"http://purl.org/dc/terms/", "dcterms"},
    {"http://www.itunes.com/DTDs/PodCast-1.0.dtd", "itunes"},
    {"http://example.com/DTDs/PodCast-1.0.dtd", "itunes"},
    {"http://search.yahoo.com/mrss", "media"},
    {"http://search.yahoo.com/mrss/", "media"},
    {"http://purl.org/rss/1.0/modules/content/", "content"},
    {"http://purl.org/rss/1.0/modules/syndication/", "sy"},
    {"http://purl.org/rss/1.0/modules/slash/", "slash"},
    {"http://purl.org/rss/1.0/modules/threading/", "thr"},
    {"http://purl.org/rss/1.0/modules/taxonomy/", "taxo"},
    {"http://purl.org/rss/1.0/modules/event/", "ev"},
    {"http://purl.org/rss/1.0/modules/image/", "image"},
    {"http://purl.org/rss/1.0/modules/link/", "l"},
    {"http://purl.org/rss/1.0/modules/annotate/", "annotate"},
    {"http://purl.org/rss/1.0/modules/aggregation/", "ag"},
    {"http://purl.org/rss/1.0/modules/wiki/", "wiki"},
    {"http://purl.org/rss/1.0/modules/company", "co"},
    {"http://purl.org/rss/1.0/modules/email/", "email"},
    {"http://purl.org/rss/1.0/modules/reference/", "ref"},
    {"http://purl.org/rss/1.0/modules/richequiv/", "reqv"},
    {"http://purl.org/rss/1.0/modules/search/", "search"},
    {"http://purl.org/rss/1.0/modules/servicestatus/", "ss"},
    {"http://purl.org/rss/1.0/modules/subscription/", "sub"},
    {"http://purl.org/rss/1.0/modules/textinput/", "ti"},
    {"http://wellformedweb.org/commentAPI/", "wfw"},
    {"http://rssnamespace.org/feedburner/ext/1.0", "feedburner"},
    {"http://web.resource.org/cc/", "cc"},
    {"http://creativecommons.org/ns#license", "cc"},
    {"http://backend.userland.com/creativeCommonsRssModule", "creativeCommons"},
    {"http://cyber.law.harvard.edu/rss/creativeCommonsRssModule.html", "creativeCommons"},
    {"http://backend.userland.com/blogChannelModule", "blogChannel"},
    {"http://webns.net/mvcb/", "admin"},
    {"http://media.tangent.org/rss/1.0/", "audio"},
    {"http://my.theinfo.org/changed/1.0/rss/", "cp"},
    {"http://freshmeat.net/rss/fm/", "fm"},
    {"http://xmlns.com/foaf/0.1/", "foaf"},
    {"http://www.w3.org/2003/01/geo/wgs84_pos#", "geo"},
    {"http://www.georss.org/georss", "georss"},
    {"http://www.opengis.net/gml", "gml"},
    {"http://postneo.com/icbm/", "icbm"},
    {"http://madskills.com/public/xml/rss/module/pingback/", "pingback"},
    {"http://madskills.com/public/xml/rss/module/trackback/", "trackback"},
    {"http://prismstandard.org/namespaces/1.2/basic/", "prism"},
    {"http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdf"},
    {"http://www.w3.org/2000/01/rdf-schema#", "rdfs"},
    {"http://schemas.xmlsoap.org/soap/envelope/", "soap"},
    {"http://hacks.benhammersley.com/rss/streaming/", "str"},
    {"http://schemas.pocketsoap.com/rss/myDescModule/", "szf"},
    {"http://www.w3.org/1999/xhtml", "xhtml"},
    {"http://www.w3.org/1999/xlink", "xlink"},
    {"http://www.w3.org/XML/1998/namespace", "xml"},
    {"http://podlove.org/simple-chapters", "psc"},
});

}  // namespace

FeedReader::FeedReader(std::string_view document, std::size_t max_depth)
    : document_(document), xml_(document, XmlRules::lenient, max_depth) {}

Result<XmlReader::Token> FeedReader::track(Result<XmlReader::Token> token) {
  if (!token) return token;
  if (*token == XmlReader::Token::start) {
    for (const XmlAttribute& one : xml_.attributes()) {
      if (one.name.prefix == "xmlns")
        bindings_.push_back(
            {to_lower(one.name.local), std::string(trim(one.value, kXmlBlanks)), xml_.depth()});
      else if (one.name.prefix.empty() && one.name.local == "xmlns")
        bindings_.push_back({"", std::string(trim(one.value, kXmlBlanks)), xml_.depth()});
    }
    if (bindings_.size() > kMostBindings)
      return fail(Kind::decode, "the feed declares too many namespaces", Origin::backend);
  } else if (*token == XmlReader::Token::end) {
    while (!bindings_.empty() && bindings_.back().depth > xml_.depth()) bindings_.pop_back();
  }
  return token;
}

Result<XmlReader::Token> FeedReader::next_tag() {
  for (;;) {
    auto token = next();
    if (!token || *token == XmlReader::Token::start) return token;
    if (*token != XmlReader::Token::text) return XmlReader::Token::end;
  }
}

std::string FeedReader::lowered() const { return to_lower(xml_.name().local); }

std::string FeedReader::attribute(std::string_view local) const {
  for (const XmlAttribute& one : xml_.attributes())
    if (one.name.local == local) return one.value;
  return {};
}

std::string FeedReader::space() const {
  const std::string prefix = to_lower(xml_.name().prefix);
  for (auto at = bindings_.rbegin(); at != bindings_.rend(); ++at)
    if (at->prefix == prefix) return at->url;
  return std::string(xml_.name().prefix);
}

const std::string* FeedReader::prefix_of(std::string_view url) const {
  for (auto at = bindings_.rbegin(); at != bindings_.rend(); ++at)
    if (at->url == url) return &at->prefix;
  return nullptr;
}

bool FeedReader::is_extension() const {
  const std::string url = space();
  if (const std::string* prefix = prefix_of(url))
    return !prefix->empty() && *prefix != "rss" && *prefix != "rdf" && *prefix != "content";
  return !url.empty();
}

bool FeedReader::has_content_prefix() const {
  const std::string* prefix = prefix_of(space());
  return prefix && *prefix == "content";
}

std::string FeedReader::extension_prefix() const {
  const std::string url = space();
  for (const auto& [known, prefix] : kCanonical)
    if (known == url) return std::string(prefix);
  const std::string* prefix = prefix_of(url);
  return prefix ? *prefix : url;
}

Result<std::string_view> FeedReader::raw() {
  const std::size_t from = xml_.position();
  const std::size_t depth = xml_.depth();
  for (;;) {
    const auto token = next();
    if (!token) return std::unexpected(token.error());
    if (*token != XmlReader::Token::end || xml_.depth() >= depth) continue;
    return document_.substr(from, xml_.begin() - from);
  }
}

Result<void> FeedReader::skip() {
  if (const auto inside = raw(); !inside) return std::unexpected(inside.error());
  return {};
}

}  // namespace ropewalk::codec
