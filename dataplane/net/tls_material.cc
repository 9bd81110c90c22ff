#include "dataplane/net/tls_material.h"

#include "common/files.h"
#include "common/strings.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <mutex>

namespace ropewalk::net {
namespace {

using Clock = std::chrono::steady_clock;

using CertificatePool = std::vector<OpensslPtr<X509>>;

constexpr auto kReadAgain = std::chrono::minutes(1);

// The newest reason in OpenSSL's queue; empties it.
std::string openssl_reason() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(code);
  return reason ? reason : "unknown error";
}

OpensslPtr<BIO> memory(std::string_view text) {
  return OpensslPtr<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

bool encrypted(std::string_view pem) {
  return pem.contains("BEGIN ENCRYPTED PRIVATE KEY") || pem.contains("Proc-Type: 4,ENCRYPTED");
}

int no_passphrase(char*, int, int, void*) { return -1; }

void read_authorities(CertificatePool& pool, const std::string& path) {
  const auto text = read_file(path);
  if (!text) return;
  auto certificates = parse_certificates(*text);
  if (!certificates) return;
  for (auto& certificate : *certificates) pool.push_back(std::move(certificate));
}

void read_authorities_of_folder(CertificatePool& pool, const std::string& path) {
  std::error_code ignored;
  std::filesystem::directory_iterator entries(path, ignored);
  for (; !ignored && entries != std::filesystem::directory_iterator(); entries.increment(ignored)) {
    // `openssl rehash` puts a link per hash beside each file.
    std::error_code unreadable;
    if (entries->is_symlink(unreadable) &&
        !std::filesystem::read_symlink(*entries, unreadable).has_parent_path())
      continue;
    if (entries->is_regular_file(unreadable)) read_authorities(pool, entries->path());
  }
}

std::string first_existing(std::initializer_list<const char*> paths) {
  std::error_code ignored;
  for (const char* path : paths)
    if (std::filesystem::exists(path, ignored)) return path;
  return {};
}

void add(X509_STORE* store, const CertificatePool& pool) {
  for (const auto& certificate : pool) X509_STORE_add_cert(store, certificate.get());
}

// Where the system's authorities are, by the environment or by custom.
struct SystemPlaces {
  std::string file, folders;
  bool usual = false;  // the file
  std::filesystem::file_time_type changed;
  bool operator==(const SystemPlaces&) const = default;
};

SystemPlaces system_places() {
  const char* file = std::getenv("SSL_CERT_FILE");
  const char* folders = std::getenv("SSL_CERT_DIR");
  SystemPlaces out{.file = file ? file : "", .folders = folders ? folders : "", .changed = {}};
  if (out.file.empty()) {
    out.file =
        first_existing({"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                        "/etc/ssl/ca-bundle.pem",
                        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem"});
    out.usual = !out.file.empty();
  }
  std::error_code ignored;
  out.changed = std::filesystem::last_write_time(out.file, ignored);
  return out;
}

CertificatePool read_system_authorities(const SystemPlaces& places) {
  CertificatePool pool;
  read_authorities(pool, places.file);
  if (!places.folders.empty()) {
    for (const auto folder : split(places.folders, ':'))
      read_authorities_of_folder(pool, std::string(folder));
  } else if (!places.usual) {
    // The usual file is the usual folder in one piece: reading both would only cost memory.
    read_authorities_of_folder(pool, first_existing({"/etc/ssl/certs", "/etc/pki/tls/certs"}));
  }
  return pool;
}

// Reading takes some 10 ms and 1 MB; with a Service each, thousands of contexts ask for it.
struct SystemTrust {
  explicit SystemTrust(SystemPlaces from)
      : places(std::move(from)), authorities(read_system_authorities(places)) {
    X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
    add(store.get(), authorities);
  }
  const SystemPlaces places;
  const Clock::time_point read = Clock::now();
  const CertificatePool authorities;
  const OpensslPtr<X509_STORE> store{X509_STORE_new()};
};

std::shared_ptr<const SystemTrust> system_trust() {
  static std::mutex mutex;
  static std::shared_ptr<const SystemTrust> newest;
  const std::lock_guard lock(mutex);
  SystemPlaces places = system_places();
  if (!newest || newest->places != places || Clock::now() - newest->read > kReadAgain)
    newest = std::make_shared<const SystemTrust>(std::move(places));
  return newest;
}

}  // namespace

Result<std::vector<OpensslPtr<X509>>> parse_certificates(std::string_view pem) {
  if (trim(pem, " \t\r\n").empty()) return fail(Kind::config, "no certificate");
  ERR_clear_error();
  std::vector<OpensslPtr<X509>> out;
  const auto bio = memory(pem);
  for (;;) {
    OpensslPtr<X509> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (certificate) {
      out.push_back(std::move(certificate));
      continue;
    }
    const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    const std::string reason = openssl_reason();
    if (!at_end)
      return fail(Kind::config,
                  "certificate " + std::to_string(out.size() + 1) + " cannot be parsed: " + reason);
    if (out.empty()) return fail(Kind::config, "no certificate: no PEM block CERTIFICATE in it");
    return out;
  }
}

Result<KeyPair> parse_key_pair(std::string_view certificate_pem, std::string_view private_key_pem) {
  auto certificates = parse_certificates(certificate_pem);
  if (!certificates) return std::unexpected(certificates.error());
  if (trim(private_key_pem, " \t\r\n").empty()) return fail(Kind::config, "no private key");
  if (encrypted(private_key_pem))
    return fail(Kind::config, "the private key is encrypted, give it without a passphrase");

  KeyPair pair;
  pair.key.reset(
      PEM_read_bio_PrivateKey(memory(private_key_pem).get(), nullptr, no_passphrase, nullptr));
  const std::string reason = openssl_reason();
  if (!pair.key) {
    if (!private_key_pem.contains("PRIVATE KEY-----"))
      return fail(Kind::config, "no private key: no PEM block PRIVATE KEY in it");
    return fail(Kind::config, "the private key cannot be parsed: " + reason);
  }
  for (std::size_t i = 0; i < certificates->size(); ++i) {
    const bool matches = X509_check_private_key((*certificates)[i].get(), pair.key.get()) == 1;
    ERR_clear_error();
    if (matches && i == 0) break;
    if (matches)
      return fail(Kind::config, "the private key belongs to certificate " + std::to_string(i + 1) +
                                    ", which must come first");
    if (i + 1 == certificates->size())
      return fail(Kind::config, "the private key does not belong to the certificate");
  }
  pair.leaf = std::move(certificates->front());
  pair.chain.reset(sk_X509_new_null());
  for (std::size_t i = 1; i < certificates->size(); ++i)
    sk_X509_push(pair.chain.get(), (*certificates)[i].release());
  return pair;
}

bool use_key_pair(SSL* ssl, const KeyPair& pair) {
  constexpr int kReplace = 1;
  return SSL_use_cert_and_key(ssl, pair.leaf.get(), pair.key.get(), pair.chain.get(), kReplace) ==
         1;
}

std::int64_t not_after(const X509* certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return 0;
  return timegm(&parts);
}

std::vector<std::string> dns_names(const X509* certificate) {
  std::vector<std::string> out;
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_DNS) continue;
    const auto* data = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
    out.push_back(to_lower({data, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName))}));
  }
  GENERAL_NAMES_free(names);
  return out;
}

std::string common_name(const X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  int at = -1;
  for (int next = -1; (next = X509_NAME_get_index_by_NID(subject, NID_commonName, next)) >= 0;)
    at = next;
  if (at < 0) return {};
  unsigned char* text = nullptr;
  const int length =
      ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (length < 0) return {};
  std::string out =
      to_lower({reinterpret_cast<const char*>(text), static_cast<std::size_t>(length)});
  OPENSSL_free(text);
  return out;
}

Result<void> trust(SSL_CTX* context, std::string_view pem, bool without_system) {
  if (pem.empty() && !without_system) {
    SSL_CTX_set1_cert_store(context, system_trust()->store.get());
    return {};
  }
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  if (!pem.empty()) {
    const auto certificates = parse_certificates(pem);
    if (!certificates) return std::unexpected(certificates.error());
    add(store, *certificates);
  }
  if (!without_system) add(store, system_trust()->authorities);
  ERR_clear_error();
  return {};
}

}  // namespace ropewalk::net
