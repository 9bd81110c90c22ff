// RSS (0.9x, 1.0, 2.0), Atom and JSON feeds as one tree, by KrakenD's rules (the gofeed library).
// Pure.
#pragma once

#include "common/error.h"
#include "common/json/value.h"

#include <cstddef>
#include <string_view>

namespace ropewalk::codec {

// {title, description, items, author, categories, custom, copyright, language, type, published,
// updated, img_url}; items hold only what the feed has. xml:base is not applied.
// Errors: Kind::decode, Origin::backend: no feed, or a broken document.
Result<json::Value> decode_feed(std::string_view body, std::size_t max_depth);

}  // namespace ropewalk::codec
