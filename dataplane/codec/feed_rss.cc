#include "common/strings.h"
#include "dataplane/codec/feed_parts.h"
#include "dataplane/codec/feed_text.h"

namespace ropewalk::codec {
namespace {

using json::Value;

// The text of the current element; an error ends the feed.
Result<void> read_text(FeedReader& reader, std::string& out) {
  const auto raw = reader.raw();
  if (!raw) return std::unexpected(raw.error());
  out = feed_text(*raw);
  return {};
}

std::optional<FeedPerson> person_of(const std::string& own, const Value& dublin_core,
                                    const Value& itunes) {
  for (const std::string& text : {own, first_text(dublin_core, "author"),
                                  first_text(dublin_core, "creator"), first_text(itunes, "author")})
    if (!text.empty()) return parse_person(text);
  return std::nullopt;
}

void add_categories(std::vector<std::string>& out, const Value& dublin_core, const Value& itunes) {
  if (const std::string keywords = first_text(itunes, "keywords"); !keywords.empty())
    for (const std::string_view word : split(keywords, ',')) out.emplace_back(word);
  if (const Value* categories = itunes.find("categories"))
    for (const Value& one : categories->elements()) {
      out.push_back(first_text(one, "text"));
      if (const Value* below = one.find("subcategory")) out.push_back(first_text(*below, "text"));
    }
  if (const Value* subjects = dublin_core.find("subject"))
    for (const Value& one : subjects->elements()) out.push_back(one.string());
}

void or_else(std::string& out, std::string other) {
  if (out.empty()) out = std::move(other);
}

struct ItemReader {
  FeedReader& reader;
  FeedItem item;
  std::string author;
  Extensions extensions;
  std::map<std::string, std::string> custom;

  Result<void> child(const std::string& name) {
    if (reader.is_extension()) return add_extension(extensions, reader);
    if (name == "title") return read_text(reader, item.title);
    if (name == "description") return read_text(reader, item.description);
    if (name == "encoded") return read_text(reader, item.content);
    if (name == "link") return read_text(reader, item.link);
    if (name == "author") return read_text(reader, author);
    if (name == "pubdate") return read_text(reader, item.published);
    if (name == "guid") return read_text(reader, item.guid);
    if (name == "category") return read_text(reader, item.categories.emplace_back());
    if (name == "comments" || name == "source") return reader.skip();
    if (name == "enclosure") {
      item.enclosures = {
          {reader.attribute("url"), reader.attribute("length"), reader.attribute("type")}};
      return reader.skip();
    }
    return read_text(reader, custom[name]);
  }

  FeedItem finish() {
    item.dublin_core = dublin_core_of(extensions);
    item.itunes = itunes_of(extensions, ItunesLevel::item);
    or_else(item.title, first_text(item.dublin_core, "title"));
    or_else(item.description, first_text(item.dublin_core, "description"));
    if (!item.link.empty()) item.links = {item.link};
    item.published_parsed = parse_feed_date(item.published, true);
    const std::string date = first_text(item.dublin_core, "date");
    or_else(item.published, date);
    or_else(item.published_parsed, parse_feed_date(date, false));
    item.author = person_of(author, item.dublin_core, item.itunes);
    if (item.author) item.authors = {*item.author};
    item.image = first_text(item.itunes, "image");
    add_categories(item.categories, item.dublin_core, item.itunes);
    item.extensions = to_value(std::move(extensions));
    if (!custom.empty()) {
      Value::Object members;
      for (auto& [name, text] : custom) members.push_back({name, std::move(text)});
      item.custom = std::move(members);
    }
    return std::move(item);
  }
};

Result<void> read_item(FeedReader& reader, std::vector<FeedItem>& items) {
  ItemReader item{reader};
  const auto read =
      for_each_child(reader, [&](const std::string& name) { return item.child(name); });
  if (read) items.push_back(item.finish());
  return read;
}

Result<void> read_image(FeedReader& reader, std::optional<std::string>& url) {
  url.emplace();
  return for_each_child(reader, [&](const std::string& name) -> Result<void> {
    return name == "url" ? read_text(reader, *url) : reader.skip();
  });
}

struct ChannelReader {
  FeedReader& reader;
  Feed& feed;
  std::string editor;
  Extensions extensions;

  Result<void> child(const std::string& name) {
    if (reader.is_extension()) return add_extension(extensions, reader);
    if (name == "title") return read_text(reader, feed.title);
    if (name == "description") return read_text(reader, feed.description);
    if (name == "language") return read_text(reader, feed.language);
    if (name == "copyright") return read_text(reader, feed.copyright);
    if (name == "managingeditor") return read_text(reader, editor);
    if (name == "pubdate") return read_text(reader, feed.published);
    if (name == "lastbuilddate") return read_text(reader, feed.updated);
    if (name == "category") return read_text(reader, feed.categories.emplace_back());
    if (name == "image") return read_image(reader, feed.image);
    if (name == "item") return read_item(reader, feed.items);
    return reader.skip();
  }

  void finish() {
    const Value dublin_core = dublin_core_of(extensions);
    const Value itunes = itunes_of(extensions, ItunesLevel::feed);
    or_else(feed.title, first_text(dublin_core, "title"));
    or_else(feed.language, first_text(dublin_core, "language"));
    or_else(feed.copyright, first_text(dublin_core, "rights"));
    or_else(feed.updated, first_text(dublin_core, "date"));
    feed.author = person_of(editor, dublin_core, itunes);
    add_categories(feed.categories, dublin_core, itunes);
    const std::string image = first_text(itunes, "image");
    if (!feed.image && !image.empty()) feed.image = image;
  }
};

}  // namespace

Result<Feed> parse_rss(FeedReader& reader) {
  Feed feed;
  std::vector<FeedItem> outside;  // RSS 1.0 has its items beside the channel
  std::optional<std::string> image;
  const auto read = for_each_child(reader, [&](const std::string& name) -> Result<void> {
    if (reader.is_extension()) return reader.skip();
    if (name == "item") return read_item(reader, outside);
    if (name == "image") return read_image(reader, image);
    if (name != "channel") return reader.skip();
    feed = {};
    ChannelReader channel{reader, feed};
    const auto done =
        for_each_child(reader, [&](const std::string& child) { return channel.child(child); });
    if (done) channel.finish();
    return done;
  });
  if (!read) return std::unexpected(read.error());
  for (FeedItem& item : outside) feed.items.push_back(std::move(item));
  if (image) feed.image = std::move(image);
  feed.type = "rss";
  return feed;
}

}  // namespace ropewalk::codec
