#include "config/extra/jwk_source.h"

#include "common/jose/base64.h"
#include "common/jose/jwk.h"
#include "config/certificates.h"
#include "config/host.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace ropewalk::config {
namespace {

using nlohmann::json;

constexpr std::string_view kInsecureHint =
    "expected an address that begins with https://, or disable_jwk_security: true";

std::optional<std::string> read_file_of(StrictReader& reader, Files* files, std::string_view key,
                                        const std::string& name) {
  if (files) return files->read(name, reader.path_of(key), reader.diagnostics());
  reader.refuse(key, "no file can be read here");
  return std::nullopt;
}

void check_url(StrictReader& reader, std::string_view key, const std::string& url, bool insecure) {
  if (!insecure && !url.starts_with("https://"))
    reader.refuse(key, std::string(kInsecureHint));
  else if (const auto host = parse_host(url.substr(0, url.find_first_of("?#"))); !host)
    reader.refuse(key, host.error().message);
}

void read_urls(StrictReader& reader, bool insecure, json& out) {
  std::vector<std::string> urls;
  if (std::string url = reader.text("jwk_url"); !url.empty()) {
    check_url(reader, "jwk_url", url, insecure);
    urls.push_back(std::move(url));
  }
  for (std::string& url : reader.texts("jwk_urls")) {
    check_url(reader, "jwk_urls", url, insecure);
    if (std::ranges::find(urls, url) == urls.end()) urls.push_back(std::move(url));
  }
  if (!urls.empty()) out["urls"] = std::move(urls);
}

void read_local_keys(StrictReader& reader, Files* files, JwkSource& source, json& out) {
  const std::string name = reader.text("jwk_local_path");
  if (name.empty()) return;
  source.local = true;
  auto text = read_file_of(reader, files, "jwk_local_path", name);
  if (!text) return;
  auto keys = jose::parse_key_set(*text);
  if (!keys) {
    reader.refuse("jwk_local_path", name + ": " + keys.error().message);
    return;
  }
  source.keys = std::move(*keys);
  out["keys"] = std::move(*text);
}

void read_pins(StrictReader& reader, json& out) {
  constexpr std::size_t kSha256 = 32;
  std::vector<std::string> pins;
  for (const std::string& pin : reader.texts("jwk_fingerprints")) {
    const auto bytes = jose::from_base64url(pin);
    if (!bytes || pin.size() % 4 != 0 || bytes->size() != kSha256)
      reader.refuse(
          "jwk_fingerprints",
          "expected SHA-256 of a public key in base64url with padding, got " + shown(json(pin)));
    else
      pins.push_back(jose::base64url(*bytes));
  }
  if (!pins.empty()) out["pins"] = std::move(pins);
}

void read_authority(StrictReader& reader, Files* files, json& out) {
  const std::string name = reader.text("jwk_local_ca");
  if (name.empty()) return;
  auto pem = read_file_of(reader, files, "jwk_local_ca", name);
  if (!pem) return;
  if (const auto good = check_certificates(*pem); !good)
    reader.refuse("jwk_local_ca", name + ": " + good.error().message);
  out["ca"] = std::move(*pem);
}

void read_ciphers(StrictReader& reader, json& out) {
  const json* list = reader.find("cipher_suites");
  if (!list) return;
  const bool numbers = list->is_array() && std::ranges::all_of(*list, [](const json& suite) {
                         return suite.is_number_unsigned() && suite.get<std::uint64_t>() <= 0xFFFF;
                       });
  if (!numbers)
    reader.refuse_value("cipher_suites", "a list of IANA numbers", *list);
  else if (!list->empty())
    out["ciphers"] = *list;
}

}  // namespace

JwkSource read_jwk_source(StrictReader& reader, Files* files, json& out) {
  JwkSource source;
  const bool insecure = reader.flag("disable_jwk_security");
  if (insecure) out["insecure"] = true;
  read_urls(reader, insecure, out);
  read_local_keys(reader, files, source, out);
  if (!source.local && !out.contains("urls"))
    reader.refuse("jwk_url", "expected jwk_url or jwk_local_path");
  if (source.local && !insecure && !out.contains("urls"))
    reader.refuse("jwk_local_path", "needs disable_jwk_security: true as well");
  read_authority(reader, files, out);
  read_pins(reader, out);
  read_ciphers(reader, out);
  for (const std::string_view key : {"secret_url", "cypher_key"})
    if (reader.find(key)) reader.refuse(key, "encrypted key files are not supported yet");
  return source;
}

}  // namespace ropewalk::config
