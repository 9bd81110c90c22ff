// The formats of feeds. Each parses a whole document from its root on.
#pragma once

#include "common/error.h"
#include "common/json/value.h"
#include "dataplane/codec/feed_model.h"
#include "dataplane/codec/feed_reader.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace ropewalk::codec {

// The reader stands on the start tag of the root. Errors: Kind::decode, Origin::backend.
Result<Feed> parse_rss(FeedReader& reader);
Result<Feed> parse_atom(FeedReader& reader);
Result<Feed> parse_json_feed(const json::Value& document);

// Elements of other namespaces, by prefix and name: dc, creator, {name, value, attrs, children}.
using ExtensionModule = std::map<std::string, json::Value::List>;
using Extensions = std::map<std::string, ExtensionModule>;
Result<void> add_extension(Extensions& extensions, FeedReader& reader);
json::Value to_value(Extensions extensions);  // null without any
// Dublin Core and iTunes in their own shapes; null when the feed has none.
json::Value dublin_core_of(const Extensions& extensions);
enum class ItunesLevel : std::uint8_t { feed, item };
json::Value itunes_of(const Extensions& extensions, ItunesLevel level);
// The first text of a Dublin Core or iTunes member, "" without one.
std::string first_text(const json::Value& extension, std::string_view member);

}  // namespace ropewalk::codec
