#include "dataplane/codec/feed.h"

#include "dataplane/codec/charset.h"
#include "dataplane/codec/feed_parts.h"

#include <algorithm>
#include <array>

namespace ropewalk::codec {
namespace {

using json::Value;

constexpr std::size_t kMostExtensions = 500;  // bounds the stack: extensions nest

void put(Value& out, std::string_view key, const std::string& text) {
  if (!text.empty()) out.set(key, text);
}

void put(Value& out, std::string_view key, Value value) {
  if (!value.is_null()) out.set(key, std::move(value));
}

template <class T, class Make>
void put_list(Value& out, std::string_view key, const std::vector<T>& list, Make&& make) {
  if (list.empty()) return;
  Value::List values;
  values.reserve(list.size());
  for (const T& one : list) values.push_back(make(one));
  out.set(key, std::move(values));
}

Value text_value(const std::string& text) { return text; }

Value person_value(const FeedPerson& person) {
  Value out = Value::object();
  put(out, "name", person.name);
  put(out, "email", person.email);
  return out;
}

Value enclosure_value(const FeedEnclosure& enclosure) {
  Value out = Value::object();
  put(out, "url", enclosure.url);
  put(out, "length", enclosure.length);
  put(out, "type", enclosure.type);
  return out;
}

Value item_value(FeedItem& item) {
  Value out = Value::object();
  put(out, "title", item.title);
  put(out, "description", item.description);
  put(out, "content", item.content);
  put(out, "link", item.link);
  put_list(out, "links", item.links, text_value);
  put(out, "updated", item.updated);
  put(out, "updatedParsed", item.updated_parsed);
  put(out, "published", item.published);
  put(out, "publishedParsed", item.published_parsed);
  if (item.author) out.set("author", person_value(*item.author));
  put_list(out, "authors", item.authors, person_value);
  put(out, "guid", item.guid);
  if (!item.image.empty()) put(out.set("image", Value::object()), "url", item.image);
  put_list(out, "categories", item.categories, text_value);
  put_list(out, "enclosures", item.enclosures, enclosure_value);
  put(out, "dcExt", std::move(item.dublin_core));
  put(out, "itunesExt", std::move(item.itunes));
  put(out, "extensions", std::move(item.extensions));
  put(out, "custom", std::move(item.custom));
  return out;
}

Value feed_value(Feed& feed) {
  Value out = Value::object();
  Value::List items;
  items.reserve(feed.items.size());
  for (FeedItem& item : feed.items) items.push_back(item_value(item));
  out.set("items", std::move(items));
  out.set("author", feed.author ? person_value(*feed.author) : Value());
  out.set("categories", nullptr);
  put_list(out, "categories", feed.categories, text_value);
  out.set("custom", nullptr);
  out.set("copyright", feed.copyright);
  out.set("description", feed.description);
  out.set("type", feed.type);
  out.set("language", feed.language);
  out.set("title", feed.title);
  out.set("published", feed.published);
  out.set("updated", feed.updated);
  if (feed.image) out.set("img_url", *feed.image);
  return out;
}

Result<Feed> no_feed() { return fail(Kind::decode, "the body is no feed", Origin::backend); }

Result<Feed> parse_xml_feed(std::string_view document, std::size_t max_depth) {
  const auto converted = to_utf8(document);
  if (!converted) return std::unexpected(converted.error());
  FeedReader reader(converted->empty() ? document : std::string_view(*converted),
                    std::min(max_depth, kMostExtensions));
  const auto root = reader.next_tag();
  if (!root) return std::unexpected(root.error());
  const std::string name = *root == XmlReader::Token::start ? reader.lowered() : "";
  if (name == "rss" || name == "rdf") return parse_rss(reader);
  if (name == "feed") return parse_atom(reader);
  return no_feed();
}

}  // namespace

Result<Value> decode_feed(std::string_view body, std::size_t max_depth) {
  const std::size_t first = body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  const char kind = first == std::string_view::npos ? '\0' : body[first];
  Result<Feed> feed = no_feed();
  if (kind == '<') {
    feed = parse_xml_feed(body.substr(first), max_depth);
  } else if (kind == '{') {
    const auto document = json::parse(body.substr(first), max_depth);
    if (document) feed = parse_json_feed(*document);
  }
  if (!feed) return std::unexpected(feed.error());
  return feed_value(*feed);
}

}  // namespace ropewalk::codec
