#include "common/strings.h"
#include "dataplane/codec/base64.h"
#include "dataplane/codec/feed_parts.h"
#include "dataplane/codec/feed_text.h"

namespace ropewalk::codec {
namespace {

struct Link {
  std::string href, rel, length, type;
};

// <div>...</div> that wraps all of a text.
std::string_view without_div(std::string_view text) {
  constexpr std::string_view kEnd = "</div>";
  const bool wrapped = text.starts_with("<div>") || text.starts_with("<div ");
  const std::size_t open = text.find('>');
  if (!wrapped || !text.ends_with(kEnd) || open + 1 > text.size() - kEnd.size()) return text;
  const std::string_view inside = text.substr(open + 1, text.size() - open - 1 - kEnd.size());
  int depth = 0;
  for (std::size_t at = 0; (at = inside.find("div", at)) != std::string_view::npos; at += 3) {
    if (at >= 1 && inside[at - 1] == '<') ++depth;
    if (at >= 2 && inside.substr(at - 2, 2) == "</" && --depth < 0) return text;
  }
  return inside;
}

// A text construct (RFC 4287 3.1) or content: plain, HTML as text, XHTML as markup, or base64.
Result<void> read_text(FeedReader& reader, std::string& out) {
  const std::string type = to_lower(reader.attribute("type"));
  const bool mode = !reader.attribute("mode").empty();
  const auto inside = reader.raw();
  if (!inside) return std::unexpected(inside.error());
  const std::string_view raw = trim(*inside, " \t\r\n");
  if (raw.find("<![CDATA[") != std::string_view::npos || type == "text" ||
      type.starts_with("text/") || (type.empty() && !mode)) {
    out = feed_text(raw);
  } else if (type.find("xhtml") != std::string::npos) {
    out = without_div(raw);
  } else if (type == "html") {
    out = decode_entities(without_div(raw));
  } else {
    auto decoded = decode_base64(raw);
    out = decoded ? std::move(*decoded) : std::string(raw);
  }
  return {};
}

Result<void> read_person(FeedReader& reader, std::vector<FeedPerson>& people) {
  FeedPerson& person = people.emplace_back();
  return for_each_child(reader, [&](const std::string& name) -> Result<void> {
    if (name == "name") return read_text(reader, person.name);
    if (name == "email") return read_text(reader, person.email);
    return reader.skip();
  });
}

Result<void> read_link(FeedReader& reader, std::vector<Link>& links) {
  Link& link = links.emplace_back(reader.attribute("href"), reader.attribute("rel"),
                                  reader.attribute("length"), reader.attribute("type"));
  if (link.rel.empty()) link.rel = "alternate";
  return reader.skip();
}

Result<void> read_category(FeedReader& reader, std::vector<std::string>& categories) {
  categories.push_back(reader.attribute("term"));
  return reader.skip();
}

struct EntryReader {
  FeedReader& reader;
  FeedItem item;
  std::vector<Link> links;
  Extensions extensions;

  Result<void> child(const std::string& name) {
    if (reader.is_extension()) return add_extension(extensions, reader);
    if (name == "title") return read_text(reader, item.title);
    if (name == "id") return read_text(reader, item.guid);
    if (name == "summary") return read_text(reader, item.description);
    if (name == "content") return read_text(reader, item.content);
    if (name == "updated" || name == "modified") return read_text(reader, item.updated);
    if (name == "published" || name == "issued") return read_text(reader, item.published);
    if (name == "author") return read_person(reader, item.authors);
    if (name == "category") return read_category(reader, item.categories);
    if (name == "link") return read_link(reader, links);
    return reader.skip();
  }

  FeedItem finish() {
    for (const Link& link : links) {
      if (link.rel == "alternate" && item.link.empty()) item.link = link.href;
      if (link.rel == "alternate" || link.rel == "self") item.links.push_back(link.href);
      if (link.rel == "enclosure") item.enclosures.push_back({link.href, link.length, link.type});
    }
    item.updated_parsed = parse_feed_date(item.updated, true);
    item.published_parsed = parse_feed_date(item.published, true);
    if (item.published.empty()) item.published = item.updated;
    if (item.published_parsed.empty()) item.published_parsed = item.updated_parsed;
    if (!item.authors.empty()) item.author = item.authors.front();
    item.extensions = to_value(std::move(extensions));
    return std::move(item);
  }
};

}  // namespace

Result<Feed> parse_atom(FeedReader& reader) {
  Feed feed;
  feed.type = "atom";
  feed.language = reader.attribute("lang");
  std::vector<FeedPerson> authors;
  const auto read = for_each_child(reader, [&](const std::string& name) -> Result<void> {
    if (reader.is_extension()) return reader.skip();
    if (name == "title") return read_text(reader, feed.title);
    if (name == "updated" || name == "modified") return read_text(reader, feed.updated);
    if (name == "subtitle" || name == "tagline") return read_text(reader, feed.description);
    if (name == "logo") return read_text(reader, feed.image.emplace());
    if (name == "rights" || name == "copyright") return read_text(reader, feed.copyright);
    if (name == "author") return read_person(reader, authors);
    if (name == "category") return read_category(reader, feed.categories);
    if (name != "entry") return reader.skip();
    EntryReader entry{reader};
    const auto done =
        for_each_child(reader, [&](const std::string& child) { return entry.child(child); });
    if (done) feed.items.push_back(entry.finish());
    return done;
  });
  if (!read) return std::unexpected(read.error());
  if (!authors.empty()) feed.author = authors.front();
  if (feed.image && feed.image->empty()) feed.image.reset();
  return feed;
}

}  // namespace ropewalk::codec
