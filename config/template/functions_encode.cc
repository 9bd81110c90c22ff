// JSON, base64, base32, checksums.
#include "config/document.h"
#include "config/template/functions.h"
#include "config/template/print.h"

#include <openssl/evp.h>
#include <zlib.h>
#include <nlohmann/json.hpp>

#include <array>

namespace ropewalk::config::templates {
namespace {

Answer json_of(Context& context, Arguments& a) {
  return Value::of(to_json(a[0], true, "", context.budget));
}
Answer raw_json(Context& context, Arguments& a) {
  return Value::of(to_json(a[0], false, "", context.budget));
}
Answer pretty_json(Context& context, Arguments& a) {
  return Value::of(to_json(a[0], true, "  ", context.budget));
}
// A value takes two bytes of JSON at least.
bool parse_affords(Context& context, const std::string& text) {
  return context.budget.spend(text.size() / 2 * sizeof(Value));
}
Answer parse_json_strictly(Context& context, Arguments& a) {
  if (!parse_affords(context, a[0].text())) return refuse("the text is too large");
  const auto document = parse_json(a[0].text(), "text");
  if (!document) return refuse(document.error().message);
  return from_json(*document, context.heap);
}
Answer parse_json_or_nil(Context& context, Arguments& a) {
  if (!parse_affords(context, a[0].text())) return refuse("the text is too large");
  const auto document = parse_json(a[0].text(), "text");
  return document ? from_json(*document, context.heap) : Value::nil();
}

constexpr std::string_view k64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view k32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

std::string encode(std::string_view bytes, std::string_view digits, unsigned width,
                   std::size_t block) {
  std::string out;
  unsigned held = 0;
  std::uint32_t bits = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    held += 8;
    while (held >= width) {
      held -= width;
      out += digits[(bits >> held) & ((1U << width) - 1)];
    }
  }
  if (held > 0) out += digits[(bits << (width - held)) & ((1U << width) - 1)];
  while (out.size() % block != 0) out += '=';
  return out;
}

// As in Sprig, the answer to broken input is the text of the error.
std::string decode(std::string_view text, std::string_view digits, unsigned width,
                   std::size_t block) {
  const std::string wrong =
      "illegal base" + std::string(width == 6 ? "64" : "32") + " data at input byte ";
  std::string out;
  unsigned held = 0;
  std::uint32_t bits = 0;
  std::size_t at = 0;
  for (; at < text.size() && text[at] != '='; ++at) {
    if (text[at] == '\n' || text[at] == '\r') continue;
    const auto digit = digits.find(text[at]);
    if (digit == std::string_view::npos) return wrong + std::to_string(at);
    bits = (bits << width) | static_cast<std::uint32_t>(digit);
    held += width;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>((bits >> held) & 0xff);
    }
  }
  if (text.size() % block != 0) return wrong + std::to_string(text.size());
  const auto stray = text.find_first_not_of('=', at);
  return stray == std::string_view::npos ? out : wrong + std::to_string(stray);
}

Answer to_base64(Context&, Arguments& a) { return Value::of(encode(a[0].text(), k64, 6, 4)); }
Answer from_base64(Context&, Arguments& a) { return Value::of(decode(a[0].text(), k64, 6, 4)); }
Answer to_base32(Context&, Arguments& a) { return Value::of(encode(a[0].text(), k32, 5, 8)); }
Answer from_base32(Context&, Arguments& a) { return Value::of(decode(a[0].text(), k32, 5, 8)); }

std::string digest(std::string_view bytes, const EVP_MD* algorithm) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), raw.data(), &size, algorithm, nullptr) != 1) return {};
  std::string out;
  for (unsigned i = 0; i < size; ++i) {
    out += kHex[raw[i] >> 4];
    out += kHex[raw[i] & 15];
  }
  return out;
}
Answer sha1(Context&, Arguments& a) { return Value::of(digest(a[0].text(), EVP_sha1())); }
Answer sha256(Context&, Arguments& a) { return Value::of(digest(a[0].text(), EVP_sha256())); }
Answer sha512(Context&, Arguments& a) { return Value::of(digest(a[0].text(), EVP_sha512())); }
Answer adler(Context&, Arguments& a) {
  const std::string& text = a[0].text();
  const auto sum = adler32_z(1, reinterpret_cast<const Bytef*>(text.data()), text.size());
  return Value::of(std::to_string(sum));
}

constexpr auto kEncodeFunctions = std::to_array<Function>({
    {"adler32sum", "s", adler},
    {"b32dec", "s", from_base32},
    {"b32enc", "s", to_base32},
    {"b64dec", "s", from_base64},
    {"b64enc", "s", to_base64},
    {"fromJson", "s", parse_json_or_nil},
    {"marshal", "a", json_of},
    {"mustFromJson", "s", parse_json_strictly},
    {"mustToJson", "a", json_of},
    {"mustToPrettyJson", "a", pretty_json},
    {"mustToRawJson", "a", raw_json},
    {"sha1sum", "s", sha1},
    {"sha256sum", "s", sha256},
    {"sha512sum", "s", sha512},
    {"toJson", "a", json_of},
    {"toPrettyJson", "a", pretty_json},
    {"toRawJson", "a", raw_json},
});

}  // namespace

std::span<const Function> encode_functions() { return kEncodeFunctions; }

}  // namespace ropewalk::config::templates
