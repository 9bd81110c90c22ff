#include "config/certificates.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
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

}  // namespace ropewalk::config
