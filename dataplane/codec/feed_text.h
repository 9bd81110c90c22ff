// Texts of feeds. Pure.
#pragma once

#include "dataplane/codec/feed_model.h"

#include <string>
#include <string_view>

namespace ropewalk::codec {

// HTML entities and character references resolved; what is none stays as it is.
std::string decode_entities(std::string_view text);
// The inside of an element as a text: trimmed, CDATA sections as they are, entities resolved
// outside of them. Markup stays.
std::string feed_text(std::string_view raw);
// "mail@host (Name)", "Name (mail@host)", "Name", "mail@host"; neither in any other form.
FeedPerson parse_person(std::string_view text);
// A date in one of the many forms that feeds use, as RFC 3339; "" for anything else. Names of time
// zones count as UTC, as in KrakenD. With `utc` in UTC, else in its own zone.
std::string parse_feed_date(std::string_view text, bool utc);

}  // namespace ropewalk::codec
