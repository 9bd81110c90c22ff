#include "dataplane/codec/xml_characters.h"

#include <algorithm>
#include <span>

namespace ropewalk::codec {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

constexpr Range kNameStarts[] = {
    {':', ':'},       {'A', 'Z'},       {'_', '_'},       {'a', 'z'},
    {0xc0, 0xd6},     {0xd8, 0xf6},     {0xf8, 0x2ff},    {0x370, 0x37d},
    {0x37f, 0x1fff},  {0x200c, 0x200d}, {0x2070, 0x218f}, {0x2c00, 0x2fef},
    {0x3001, 0xd7ff}, {0xf900, 0xfdcf}, {0xfdf0, 0xfffd}, {0x10000, 0xeffff},
};
constexpr Range kNameOthers[] = {
    {'-', '.'}, {'0', '9'}, {0xb7, 0xb7}, {0x300, 0x36f}, {0x203f, 0x2040}};

bool within(std::span<const Range> ranges, char32_t c) {
  return std::ranges::any_of(
      ranges, [c](const Range& range) { return c >= range.first && c <= range.last; });
}

}  // namespace

bool xml_character(char32_t c) {
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0xd800) ||
         (c >= 0xe000 && c < 0xfffe) || (c >= 0x10000 && c < 0x110000);
}

bool xml_name_start(char32_t c) { return within(kNameStarts, c); }

bool xml_name_character(char32_t c) { return xml_name_start(c) || within(kNameOthers, c); }

}  // namespace ropewalk::codec
