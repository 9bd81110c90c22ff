#include "config/certificates.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>

namespace ropewalk::config {
namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;

constexpr std::size_t kLargest = 16U << 20U;

Bio open(std::string_view text) {
  const auto size = static_cast<int>(std::min(text.size(), kLargest));
  return Bio(BIO_new_mem_buf(text.data(), size));
}

// Without it OpenSSL would ask on the terminal.
int no_password(char*, int, int, void*) { return -1; }

std::string date_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "an unreadable date";
  std::array<char, 32> out{};
  return {out.data(), std::strftime(out.data(), out.size(), "%Y-%m-%d %H:%M:%S UTC", &parts)};
}

}  // namespace

Result<void> check_certificates(std::string_view pem) {
  const Bio bio = open(pem);
  int count = 0;
  while (const Certificate one{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)})
    ++count;
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  if (ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE)
    return fail(Kind::config, "a certificate in it is broken");
  if (count == 0) return fail(Kind::config, "expected certificates in PEM form");
  return {};
}

Result<void> check_key_pair(std::string_view certificate_pem, std::string_view key_pem) {
  if (auto done = check_certificates(certificate_pem); !done) return done;
  const Bio certificate_bio = open(certificate_pem);
  const Certificate leaf(PEM_read_bio_X509(certificate_bio.get(), nullptr, no_password, nullptr));
  const Bio key_bio = open(key_pem);
  const Key key(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, no_password, nullptr));
  const bool match = leaf && key && X509_check_private_key(leaf.get(), key.get()) == 1;
  ERR_clear_error();
  if (!key) return fail(Kind::config, "expected an unencrypted private key in PEM form");
  if (!match) return fail(Kind::config, "the private key does not belong to the certificate");
  return {};
}

std::string validity_remark(std::string_view certificate_pem,
                            std::chrono::system_clock::time_point now) {
  const Bio bio = open(certificate_pem);
  const Certificate leaf(PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr));
  ERR_clear_error();
  if (!leaf) return {};
  std::time_t time = std::chrono::system_clock::to_time_t(now);
  const ASN1_TIME* end = X509_get0_notAfter(leaf.get());
  if (X509_cmp_time(end, &time) < 0) return "expired on " + date_of(end);
  const ASN1_TIME* begin = X509_get0_notBefore(leaf.get());
  if (X509_cmp_time(begin, &time) > 0) return "not valid before " + date_of(begin);
  return {};
}

}  // namespace ropewalk::config
