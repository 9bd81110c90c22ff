// XML bodies as JSON trees and back, by KrakenD's rules (the mxj library). Pure.
#pragma once

#include "common/error.h"
#include "common/json/value.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace ropewalk::codec {

// The first root of the document as {name: value}; what follows it is not read. Attributes are
// members "-name"; an element without attributes and children is its text (trimmed), "" when
// empty; text beside attributes or children is the member "#text", its runs joined by blanks.
// Repeated elements become a list; prefixes are dropped; all values are texts.
// Errors: Kind::decode, Origin::backend.
Result<json::Value> decode_xml(std::string_view body, std::size_t max_depth);

struct XmlWriting {
  std::size_t max_bytes = std::size_t{64} << 20;
  // Top-level keys whose objects keep the order of their members; all others are sorted.
  std::span<const std::string_view> in_order;
};

// An object (or null) as a document. One member is the root, several stand in <doc>, and so does a
// list under the only key; none gives <doc/>. Lists repeat their element, nested ones too. Members
// "-name" with a scalar are attributes, "#text" is the text; null and what is empty closes itself.
// Always well formed: characters that a name cannot hold become _, those that a document cannot
// hold U+FFFD. Error: Kind::too_large, also when nested deeper than 2000 levels.
Result<std::string> encode_xml(const json::Value& data, const XmlWriting& writing);

}  // namespace ropewalk::codec
