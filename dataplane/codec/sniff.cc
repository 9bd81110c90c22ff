#include "dataplane/codec/sniff.h"

#include "common/strings.h"

#include <array>
#include <cstddef>

namespace ropewalk::codec {
namespace {

using namespace std::string_view_literals;

struct Exact {
  std::string_view prefix;
  std::string_view type;
};

constexpr std::array kTags = {"<!DOCTYPE HTML"sv,
                              "<HTML"sv,
                              "<HEAD"sv,
                              "<SCRIPT"sv,
                              "<IFRAME"sv,
                              "<H1"sv,
                              "<DIV"sv,
                              "<FONT"sv,
                              "<TABLE"sv,
                              "<A"sv,
                              "<STYLE"sv,
                              "<TITLE"sv,
                              "<B"sv,
                              "<BODY"sv,
                              "<BR"sv,
                              "<P"sv,
                              "<!--"sv};

constexpr std::array kExact = {
    Exact{"%PDF-"sv, "application/pdf"sv},
    Exact{"%!PS-Adobe-"sv, "application/postscript"sv},
    Exact{"\xFE\xFF"sv, "text/plain; charset=utf-16be"sv},
    Exact{"\xFF\xFE"sv, "text/plain; charset=utf-16le"sv},
    Exact{"\xEF\xBB\xBF"sv, "text/plain; charset=utf-8"sv},
    Exact{"\x00\x00\x01\x00"sv, "image/x-icon"sv},
    Exact{"\x00\x00\x02\x00"sv, "image/x-icon"sv},
    Exact{"BM"sv, "image/bmp"sv},
    Exact{"GIF87a"sv, "image/gif"sv},
    Exact{"GIF89a"sv, "image/gif"sv},
    Exact{"\x89PNG\x0D\x0A\x1A\x0A"sv, "image/png"sv},
    Exact{"\xFF\xD8\xFF"sv, "image/jpeg"sv},
    Exact{"ID3"sv, "audio/mpeg"sv},
    Exact{"OggS\x00"sv, "application/ogg"sv},
    Exact{"MThd\x00\x00\x00\x06"sv, "audio/midi"sv},
    Exact{"\x1A\x45\xDF\xA3"sv, "video/webm"sv},
    Exact{"\x00\x01\x00\x00"sv, "font/ttf"sv},
    Exact{"OTTO"sv, "font/otf"sv},
    Exact{"ttcf"sv, "font/collection"sv},
    Exact{"wOFF"sv, "font/woff"sv},
    Exact{"wOF2"sv, "font/woff2"sv},
    Exact{"\x1F\x8B\x08"sv, "application/x-gzip"sv},
    Exact{"PK\x03\x04"sv, "application/zip"sv},
    Exact{"Rar!\x1A\x07\x00"sv, "application/x-rar-compressed"sv},
    Exact{"Rar!\x1A\x07\x01\x00"sv, "application/x-rar-compressed"sv},
    Exact{"\x00\x61\x73\x6D"sv, "application/wasm"sv},
};

bool is_tag(std::string_view body, std::string_view tag) {
  if (body.size() <= tag.size() || !iequals(body.substr(0, tag.size()), tag)) return false;
  return tag == "<!--" || body[tag.size()] == ' ' || body[tag.size()] == '>';
}

bool is_riff(std::string_view body, std::string_view kind) {
  return body.size() >= 8 + kind.size() && body.starts_with("RIFF") &&
         body.substr(8).starts_with(kind);
}

}  // namespace

std::string_view sniff_content_type(std::string_view body) {
  body = body.substr(0, 512);
  const std::size_t first = body.find_first_not_of("\t\n\x0C\r "sv);
  const std::string_view text =
      first == std::string_view::npos ? std::string_view{} : body.substr(first);
  for (const std::string_view tag : kTags)
    if (is_tag(text, tag)) return "text/html; charset=utf-8";
  if (text.starts_with("<?xml")) return "text/xml; charset=utf-8";
  for (const Exact& exact : kExact)
    if (body.starts_with(exact.prefix)) return exact.type;
  if (is_riff(body, "WEBPVP")) return "image/webp";
  if (is_riff(body, "WAVE")) return "audio/wave";
  if (is_riff(body, "AVI ")) return "video/avi";
  if (body.size() >= 12 && body.substr(4, 4) == "ftyp" && body.substr(8, 3) == "mp4")
    return "video/mp4";
  for (const unsigned char c : text)
    if (c <= 0x08 || c == 0x0B || (c >= 0x0E && c <= 0x1A) || (c >= 0x1C && c <= 0x1F))
      return "application/octet-stream";
  return "text/plain; charset=utf-8";
}

}  // namespace ropewalk::codec
