#include "config/tls.h"

#include "config/certificates.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <utility>

namespace ropewalk::config {
namespace {

constexpr std::uint32_t kTls13 = 0x0304;

// KrakenD takes TLS 1.3 for absent and for unknown names.
std::uint32_t version(Reader& reader, std::string_view key) {
  constexpr auto kNames =
      std::to_array<std::pair<std::string_view, std::uint32_t>>({{"SSL3.0", 0x0300},
                                                                 {"TLS10", 0x0301},
                                                                 {"TLS11", 0x0302},
                                                                 {"TLS12", 0x0303},
                                                                 {"TLS13", kTls13},
                                                                 {"", kTls13}});
  const std::string name = reader.text(key);
  for (const auto& [known, number] : kNames)
    if (known == name) return number;
  reader.diagnostics().warn(reader.path_of(key),
                            "expected TLS10, TLS11, TLS12 or TLS13; TLS13 is used");
  return kTls13;
}

// Without the numbers in `gone`, which Go knows and OpenSSL does not offer. A list of nothing else
// stays, and is refused where it is used.
std::vector<std::int64_t> offered(Reader& reader, std::string_view key,
                                  std::span<const std::int64_t> gone, std::string_view what) {
  std::vector<std::int64_t> all = reader.integers(key, 0, 0xffff);
  std::vector<std::int64_t> out;
  std::ranges::copy_if(all, std::back_inserter(out), [&](std::int64_t number) {
    return std::ranges::find(gone, number) == gone.end();
  });
  if (out.empty() || out.size() == all.size()) return all;
  reader.diagnostics().warn(reader.path_of(key), std::string(what) + ", left out");
  return out;
}

template <class Message>
void read_versions(Reader& reader, Message& out) {
  out.set_min_version(version(reader, "min_version"));
  out.set_max_version(version(reader, "max_version"));
  if (out.min_version() > out.max_version())
    reader.diagnostics().warn(reader.path_of("max_version"),
                              "below min_version (default TLS13): no TLS connection will succeed");
  constexpr std::array<std::int64_t, 5> kBrokenSuites{5, 10, 49159, 49169, 49170};
  constexpr std::array<std::int64_t, 1> kHybrid{4588};
  for (const auto number :
       offered(reader, "cipher_suites", kBrokenSuites, "RC4 and 3DES are broken"))
    out.add_cipher_suites(static_cast<std::uint32_t>(number));
  for (const auto number :
       offered(reader, "curve_preferences", kHybrid, "X25519MLKEM768 (4588) is not built in"))
    out.add_curves(static_cast<std::uint32_t>(number));
}

std::string read_authorities(Reader& reader, Files& files) {
  std::string out;
  const std::vector<std::string> names = reader.texts("ca_certs");
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string at = child(reader.path_of("ca_certs"), i);
    const auto pem = files.read(names[i], at, reader.diagnostics());
    if (!pem) continue;
    if (const auto done = check_certificates(*pem); !done)
      reader.diagnostics().refuse(at, names[i] + ": " + done.error().message);
    out += *pem;
    if (!out.ends_with('\n')) out += '\n';
  }
  return out;
}

struct Pair {
  std::string certificate;
  std::string key;
};

std::optional<Pair> read_pair(Reader& reader, Files& files, std::string_view certificate_key,
                              std::string_view private_key) {
  Diagnostics& diagnostics = reader.diagnostics();
  const std::string certificate_name = reader.text(certificate_key);
  const std::string key_name = reader.text(private_key);
  const auto certificate =
      files.read(certificate_name, reader.path_of(certificate_key), diagnostics);
  const auto key = files.read(key_name, reader.path_of(private_key), diagnostics);
  if (!certificate || !key) return std::nullopt;
  if (const auto done = check_key_pair(*certificate, *key); !done) {
    diagnostics.refuse(reader.path(),
                       certificate_name + ", " + key_name + ": " + done.error().message);
    return std::nullopt;
  }
  if (const std::string remark = validity_remark(*certificate, std::chrono::system_clock::now());
      !remark.empty())
    diagnostics.advise(reader.path_of(certificate_key), certificate_name + ": " + remark);
  return Pair{*certificate, *key};
}

void add_secret(const std::string& file, Pair pair, v1::Service& service,
                std::vector<v1::Resource>& secrets) {
  const std::string name = "tls/file/" + file;
  const auto same = [&](const v1::Resource& other) { return other.name() == name; };
  if (std::ranges::any_of(secrets, same)) return;
  v1::Resource resource;
  resource.set_name(name);
  auto* secret = resource.mutable_tls_secret();
  secret->set_certificate_pem(std::move(pair.certificate));
  secret->set_private_key_pem(std::move(pair.key));
  secret->set_is_default(secrets.empty());
  service.mutable_tls()->add_secrets(name);
  secrets.push_back(std::move(resource));
}

void read_keys(Reader& reader, Files& files, v1::Service& service,
               std::vector<v1::Resource>& secrets) {
  for (const auto& [object, at] : reader.objects("keys")) {
    Reader entry(*object, at, reader.diagnostics());
    if (auto pair = read_pair(entry, files, "public_key", "private_key"))
      add_secret(entry.text("public_key"), std::move(*pair), service, secrets);
    entry.finish();
  }
  // The older spelling of one pair; last in the list.
  if (!reader.text("public_key").empty() || !reader.text("private_key").empty())
    if (auto pair = read_pair(reader, files, "public_key", "private_key"))
      add_secret(reader.text("public_key"), std::move(*pair), service, secrets);
  if (secrets.empty())
    reader.diagnostics().refuse(reader.path_of("keys"),
                                "expected at least one pair of public_key and private_key");
}

}  // namespace

void read_server_tls(Reader& root, Files& files, v1::Service& service,
                     std::vector<v1::Resource>& secrets) {
  const nlohmann::json* object = root.find("tls");
  if (!object) return;
  Reader reader(*object, root.path_of("tls"), root.diagnostics());
  if (reader.flag("disabled")) return;
  auto& tls = *service.mutable_tls();
  read_keys(reader, files, service, secrets);
  read_versions(reader, tls);
  tls.set_require_client_certificate(reader.flag("enable_mtls"));
  tls.set_disable_system_ca_pool(reader.flag("disable_system_ca_pool"));
  tls.set_client_ca_pem(read_authorities(reader, files));
  if (!tls.require_client_certificate() && !tls.client_ca_pem().empty())
    reader.diagnostics().warn(reader.path_of("ca_certs"),
                              "no client certificate is asked for without enable_mtls");
  reader.ignore("prefer_server_cipher_suites");
  reader.finish();
}

void read_backend_tls(const nlohmann::json& object, std::string path, Files& files,
                      v1::BackendTls& tls, Diagnostics& diagnostics) {
  Reader reader(object, std::move(path), diagnostics);
  read_versions(reader, tls);
  tls.set_allow_insecure_connections(reader.flag("allow_insecure_connections"));
  tls.set_disable_system_ca_pool(reader.flag("disable_system_ca_pool"));
  tls.set_ca_pem(read_authorities(reader, files));
  for (const auto& [entry, at] : reader.objects("client_certs")) {
    Reader pair_reader(*entry, at, reader.diagnostics());
    if (auto pair = read_pair(pair_reader, files, "certificate", "private_key")) {
      auto* certificate = tls.add_client_certificates();
      certificate->set_certificate_pem(std::move(pair->certificate));
      certificate->set_private_key_pem(std::move(pair->key));
    }
    pair_reader.finish();
  }
  reader.finish();
}

void read_client_tls(Reader& root, Files& files, v1::Service& service) {
  const bool insecure = root.flag("allow_insecure_connections");
  static const nlohmann::json empty = nlohmann::json::object();
  const nlohmann::json* object = root.find("client_tls");
  if (!object && !insecure) return;
  v1::BackendTls& tls = *service.mutable_client_tls();
  read_backend_tls(object ? *object : empty, root.path_of("client_tls"), files, tls,
                   root.diagnostics());
  if (insecure) tls.set_allow_insecure_connections(true);
}

}  // namespace ropewalk::config
