#include "controller/translate/pem.h"

#include "common/strings.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>
#include <memory>

namespace ropewalk::controller {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Bio = std::unique_ptr<BIO, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;

Bio memory(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Without it OpenSSL asks the terminal for the password of an encrypted key.
int no_password(char*, int, int, void*) { return -1; }

Chain read_chain(std::string_view pem) {
  const Bio bio = memory(pem);
  Chain out;
  out.leaf.reset(PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr), X509_free);
  if (!out.leaf) {
    out.wrong = "no certificate in PEM format";
  } else {
    while (Certificate next{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)}) {
    }
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
      out.wrong = "a certificate after the first one cannot be read";
  }
  ERR_clear_error();
  return out;
}

std::string check_key(X509* leaf, std::string_view key_pem) {
  const Bio bio = memory(key_pem);
  const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  std::string wrong;
  if (!key)
    wrong = "the private key cannot be read (PEM without a password is expected)";
  else if (X509_check_private_key(leaf, key.get()) != 1)
    wrong = "the private key does not belong to the certificate";
  ERR_clear_error();
  return wrong;
}

// What is known under `digest`, else what `find_out` says.
template <class T, class FindOut>
const T& look_up(const std::map<std::string, T>& before, std::map<std::string, T>& now,
                 const std::string& digest, FindOut find_out) {
  if (const auto at = now.find(digest); at != now.end()) return at->second;
  const auto known = before.find(digest);
  return now.emplace(digest, known != before.end() ? known->second : find_out()).first->second;
}

}  // namespace

const Chain& PemReader::chain(std::string_view pem) {
  return look_up(before_.chains, now_.chains, sha256_hex(pem), [&] { return read_chain(pem); });
}

const std::string& PemReader::check_key_pair(std::string_view certificate_pem,
                                             std::string_view key_pem) {
  const std::string digest = sha256_hex(sha256_hex(certificate_pem) + sha256_hex(key_pem));
  return look_up(before_.pairs, now_.pairs, digest, [&] {
    const Chain& read = chain(certificate_pem);
    return read.wrong.empty() ? check_key(read.leaf.get(), key_pem) : "tls.crt: " + read.wrong;
  });
}

std::string expired_on(const X509& leaf, std::int64_t now) {
  auto time = static_cast<std::time_t>(now);
  std::tm end{};
  if (X509_cmp_time(X509_get0_notAfter(&leaf), &time) >= 0 ||
      ASN1_TIME_to_tm(X509_get0_notAfter(&leaf), &end) != 1)
    return {};
  std::array<char, 16> day{};
  return {day.data(), std::strftime(day.data(), day.size(), "%Y-%m-%d", &end)};
}

bool serves_host(X509& leaf, const std::string& host) {
  // What no certificate names but by a wildcard stands for all that the wildcard covers.
  const std::string name =
      host.starts_with("*.") ? "any-label-that-nobody-has" + host.substr(1) : host;
  return X509_check_host(&leaf, name.data(), name.size(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
                         nullptr) == 1;
}

}  // namespace ropewalk::controller
