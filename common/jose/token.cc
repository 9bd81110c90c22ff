#include "common/jose/token.h"

#include "common/jose/base64.h"
#include "common/jose/jwk.h"
#include "common/jose/signature.h"
#include "common/jose/strict_json.h"
#include "common/strings.h"

#include <algorithm>
#include <array>

namespace ropewalk::jose {
namespace {

std::unexpected<Error> wrong(std::string message) { return fail(Kind::decode, std::move(message)); }

std::string without_blanks(std::string_view text) {
  std::string out(text);
  std::erase_if(out, [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); });
  return out;
}

const json::Value* present(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value && !value->is_null() ? value : nullptr;
}

Result<void> check_header(const json::Value& header) {
  for (const std::string_view name : {"alg", "kid", "nonce"})
    if (const json::Value* value = present(header, name); value && !value->is_string())
      return wrong("header " + std::string(name) + " is not a text");
  if (const json::Value* critical = present(header, "crit"))
    if (!critical->is_list() || !critical->elements().empty())
      return wrong("the header demands extensions (crit)");
  if (header.find("b64")) return wrong("the payload is not encoded (b64)");
  if (const json::Value* jwk = present(header, "jwk")) {
    const auto key = parse_jwk(*jwk);
    if (!key || key->is_private) return wrong("the key in the header is not a public one");
  }
  return {};
}

// The three parts as they are written; `unprotected` may add to the header.
Result<Token> assemble(std::string_view protected_part, std::string_view payload,
                       std::string_view signature, const json::Value* unprotected) {
  Token out;
  out.header = json::Value::object();
  if (!protected_part.empty()) {
    const auto text = from_base64url(protected_part);
    if (!text) return wrong("the header is not base64url");
    auto header = parse_unique(*text);
    if (!header || !header->is_object()) return wrong("the header is not a JSON object");
    out.header = std::move(*header);
  }
  if (unprotected) {
    if (!unprotected->is_object()) return wrong("the unprotected header is not an object");
    for (const auto& [name, value] : unprotected->members())
      if (!out.header.find(name)) out.header.set(name, value);
  }
  if (auto good = check_header(out.header); !good) return std::unexpected(good.error());
  if (const json::Value* alg = present(out.header, "alg")) out.alg = alg->string();
  auto decoded_payload = from_base64url(payload);
  auto decoded_signature = from_base64url(signature);
  if (!decoded_payload || !decoded_signature) return wrong("a part is not base64url");
  // KrakenD's library signs what it encodes anew: without padding.
  const auto bare = [](std::string_view part) {
    while (part.ends_with('=')) part.remove_suffix(1);
    return part;
  };
  out.signing_input = std::string(bare(protected_part)) + "." + std::string(bare(payload));
  out.payload = std::move(*decoded_payload);
  out.signature = std::move(*decoded_signature);
  return out;
}

Result<Token> parse_compact(std::string_view text) {
  const auto first = text.find('.');
  const auto second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos)
    return wrong("not three parts");
  if (first == 0) return wrong("no header");
  return assemble(text.substr(0, first), text.substr(first + 1, second - first - 1),
                  text.substr(second + 1), nullptr);
}

// A text member, "" when absent; nothing for another type.
std::optional<std::string_view> text_of(const json::Value& object, std::string_view name) {
  const json::Value* value = present(object, name);
  if (!value) return std::string_view();
  if (!value->is_string()) return std::nullopt;
  return value->string();
}

Result<Token> parse_json_form(std::string_view text) {
  const auto document = parse_unique(text);
  if (!document || !document->is_object()) return wrong("not a JSON object");
  const auto payload = text_of(*document, "payload");
  if (!payload || !document->find("payload")) return wrong("no payload");
  const json::Value* signed_part = &*document;
  if (const json::Value* list = present(*document, "signatures")) {
    if (!list->is_list()) return wrong("signatures is not a list");
    if (list->elements().size() > 1) return wrong("more than one signature");
    if (!list->elements().empty()) signed_part = &list->elements().front();
    if (!signed_part->is_object()) return wrong("a signature is not an object");
  }
  const auto protected_part = text_of(*signed_part, "protected");
  const auto signature = text_of(*signed_part, "signature");
  if (!protected_part || !signature) return wrong("a part is not a text");
  return assemble(*protected_part, *payload, *signature, present(*signed_part, "header"));
}

std::string header_text(const Token& token, std::string_view name) {
  const json::Value* value = token.header.find(name);
  return value && value->is_string() ? value->string() : std::string();
}

bool has_text(const Token& token, std::string_view name) {
  const json::Value* value = token.header.find(name);
  return value && value->is_string();
}

std::string thumbprint_or_kid(const Token& token, std::string_view name) {
  return header_text(token, has_text(token, name) ? name : "kid");
}

}  // namespace

Result<Token> parse_token(std::string_view text) {
  if (text.size() > kMostTokenBytes) return wrong("the token is too large");
  const std::string bare = without_blanks(text);
  return bare.starts_with('{') ? parse_json_form(bare) : parse_compact(bare);
}

KeyNaming parse_key_naming(std::string_view strategy) {
  if (strategy == "x5t") return KeyNaming::x5t;
  if (strategy == "x5t#S256") return KeyNaming::x5t_s256;
  if (strategy == "kid_x5t") return KeyNaming::kid_x5t;
  return KeyNaming::kid;
}

std::string key_name(const Token& token, KeyNaming naming) {
  switch (naming) {
    case KeyNaming::kid:
      break;
    case KeyNaming::x5t:
      return thumbprint_or_kid(token, "x5t");
    case KeyNaming::x5t_s256:
      return thumbprint_or_kid(token, "x5t#S256");
    case KeyNaming::kid_x5t:
      return header_text(token, "kid") + thumbprint_or_kid(token, "x5t");
  }
  return header_text(token, "kid");
}

std::string key_name(const Key& key, KeyNaming naming) {
  switch (naming) {
    case KeyNaming::kid:
      break;
    case KeyNaming::x5t:
      return key.x5t;
    case KeyNaming::x5t_s256:
      return key.x5t_s256;
    case KeyNaming::kid_x5t:
      return key.kid + key.x5t;
  }
  return key.kid;
}

Result<std::string> make_token(Algorithm algorithm, const Key& key, std::string_view typ,
                               std::string_view payload, bool full) {
  std::string header = "{\"alg\":";
  json::write_string(header, to_string(algorithm));
  header += ",\"kid\":";
  json::write_string(header, key.kid);
  header += ",\"typ\":";
  json::write_string(header, typ);
  header += '}';
  const std::string protected_part = base64url(header);
  const std::string body = base64url(payload);
  auto signature = sign(algorithm, key, protected_part + "." + body);
  if (!signature) return std::unexpected(signature.error());
  const std::string last = base64url(*signature);
  if (!full) return protected_part + "." + body + "." + last;
  return R"({"payload":")" + body + R"(","protected":")" + protected_part + R"(","signature":")" +
         last + "\"}";
}

}  // namespace ropewalk::jose
