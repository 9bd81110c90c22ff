#include "dataplane/codec/feed_parts.h"
#include "dataplane/codec/feed_text.h"

namespace ropewalk::codec {
namespace {

using json::Value;

// Reads members by their types; the first of a wrong one is the error of the feed.
class Members {
 public:
  Members(const Value& object, std::optional<Error>& error) : object_(object), error_(error) {
    if (!object.is_object() && !object.is_null()) wrong("object");
  }

  std::string text(std::string_view key) {
    const Value* value = find(key);
    if (!value) return {};
    if (value->is_string()) return value->string();
    wrong(key);
    return {};
  }
  const Value::List& list(std::string_view key) {
    static const Value::List kNone;
    const Value* value = find(key);
    if (!value) return kNone;
    if (value->is_list()) return value->elements();
    wrong(key);
    return kNone;
  }
  // Null without it.
  const Value* find(std::string_view key) const {
    const Value* value = object_.find(key);
    return value && !value->is_null() ? value : nullptr;
  }

 private:
  void wrong(std::string_view what) {
    if (!error_)
      error_ = Error{Kind::decode, Origin::backend, Retry::no,
                     "the JSON feed has a value of the wrong type: " + std::string(what)};
  }

  const Value& object_;
  std::optional<Error>& error_;
};

class Reader {
 public:
  std::optional<Error> error;

  Feed feed(const Value& document) {
    Members members(document, error);
    Feed out;
    out.type = "json";
    out.title = members.text("title");
    out.description = members.text("description");
    out.language = members.text("language");
    if (std::string icon = members.text("icon"); !icon.empty()) out.image = std::move(icon);
    if (const Value* author = members.find("author")) out.author = person(*author);
    for (const Value& one : members.list("items")) out.items.push_back(item(one));
    if (!out.items.empty()) {
      out.updated = out.items.front().updated;
      out.published = out.items.front().published;
    }
    return out;
  }

 private:
  FeedPerson person(const Value& value) { return parse_person(Members(value, error).text("name")); }

  FeedItem item(const Value& value) {
    Members members(value, error);
    FeedItem out;
    out.guid = members.text("id");
    out.link = members.text("url");
    for (const std::string_view key : {"url", "external_url"})
      if (std::string link = members.text(key); !link.empty()) out.links.push_back(std::move(link));
    out.title = members.text("title");
    out.content = members.text("content_html");
    if (out.content.empty()) out.content = members.text("content_text");
    out.description = members.text("summary");
    out.image = members.text("image");
    if (out.image.empty()) out.image = members.text("banner_image");
    out.published = members.text("date_published");
    out.published_parsed = parse_feed_date(out.published, false);
    out.updated = members.text("date_modified");
    out.updated_parsed = parse_feed_date(out.updated, false);
    if (const Value* author = members.find("author")) out.author = person(*author);
    for (const Value& one : members.list("authors")) out.authors.push_back(person(one));
    if (!members.find("authors") && out.author) out.authors = {*out.author};
    for (const Value& one : members.list("tags"))
      if (one.is_string()) out.categories.push_back(one.string());
    for (const Value& one : members.list("attachments")) out.enclosures.push_back(attachment(one));
    return out;
  }

  FeedEnclosure attachment(const Value& value) {
    Members members(value, error);
    const Value* seconds = members.find("duration_in_seconds");
    return {members.text("url"), std::to_string(seconds ? seconds->as_integer().value_or(0) : 0),
            members.text("mime_type")};
  }
};

}  // namespace

Result<Feed> parse_json_feed(const Value& document) {
  Reader reader;
  Feed feed = reader.feed(document);
  if (reader.error) return std::unexpected(std::move(*reader.error));
  return feed;
}

}  // namespace ropewalk::codec
