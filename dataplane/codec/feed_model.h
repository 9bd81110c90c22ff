// What feeds of all formats come down to.
#pragma once

#include "common/json/value.h"

#include <optional>
#include <string>
#include <vector>

namespace ropewalk::codec {

struct FeedPerson {
  std::string name;
  std::string email;
};

struct FeedEnclosure {
  std::string url;
  std::string length;
  std::string type;
};

// Times are RFC 3339 texts, "" where the feed's text is no date.
struct FeedItem {
  std::string title, description, content, link;
  std::vector<std::string> links;
  std::string updated, updated_parsed, published, published_parsed;
  std::optional<FeedPerson> author;
  std::vector<FeedPerson> authors;
  std::string guid;
  std::string image;
  std::vector<std::string> categories;
  std::vector<FeedEnclosure> enclosures;
  json::Value dublin_core, itunes, extensions, custom;  // null: none
};

struct Feed {
  std::string type;  // rss, atom, json
  std::string title, description, language, copyright, published, updated;
  std::optional<FeedPerson> author;
  std::vector<std::string> categories;
  std::optional<std::string> image;
  std::vector<FeedItem> items;
};

}  // namespace ropewalk::codec
