#include "controller/translate/pem.h"

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

// Reads every certificate, keeps the first.
Certificate first_certificate(std::string_view pem, std::string& wrong) {
  const Bio bio = memory(pem);
  Certificate first(PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr));
  if (!first) {
    wrong = "no certificate in PEM format";
    return first;
  }
  while (Certificate next{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)}) {
  }
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
    wrong = "a certificate after the first one cannot be read";
  return first;
}

}  // namespace

std::string check_certificates(std::string_view pem) {
  std::string wrong;
  first_certificate(pem, wrong);
  ERR_clear_error();
  return wrong;
}

std::string check_key_pair(std::string_view certificate_pem, std::string_view key_pem) {
  std::string wrong;
  const Certificate leaf = first_certificate(certificate_pem, wrong);
  if (wrong.empty()) {
    const Bio bio = memory(key_pem);
    const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
    if (!key)
      wrong = "the private key cannot be read (PEM without a password is expected)";
    else if (X509_check_private_key(leaf.get(), key.get()) != 1)
      wrong = "the private key does not belong to the certificate";
  } else {
    wrong = "tls.crt: " + wrong;
  }
  ERR_clear_error();
  return wrong;
}

std::string expired_on(std::string_view certificate_pem, std::int64_t now) {
  std::string wrong;
  const Certificate leaf = first_certificate(certificate_pem, wrong);
  ERR_clear_error();
  auto time = static_cast<std::time_t>(now);
  std::tm end{};
  if (!leaf || X509_cmp_time(X509_get0_notAfter(leaf.get()), &time) >= 0 ||
      ASN1_TIME_to_tm(X509_get0_notAfter(leaf.get()), &end) != 1)
    return {};
  std::array<char, 16> day{};
  return {day.data(), std::strftime(day.data(), day.size(), "%Y-%m-%d", &end)};
}

bool serves_host(std::string_view certificate_pem, const std::string& host) {
  std::string wrong;
  const Certificate leaf = first_certificate(certificate_pem, wrong);
  ERR_clear_error();
  // What no certificate names but by a wildcard stands for all that the wildcard covers.
  const std::string name =
      host.starts_with("*.") ? "any-label-that-nobody-has" + host.substr(1) : host;
  return leaf && X509_check_host(leaf.get(), name.data(), name.size(),
                                 X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr) == 1;
}

}  // namespace ropewalk::controller
