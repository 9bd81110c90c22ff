#include "tests/fakes/certificates.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <memory>

namespace ropewalk::fakes {
namespace {

template <auto free>
struct Free {
  void operator()(auto* object) const { free(object); }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;

void require(bool ok) {
  if (ok) return;
  ERR_print_errors_fp(stderr);
  std::abort();
}

std::string text_of(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Bio memory(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Key make_key(KeyType type) {
  Key key(type == KeyType::p256 ? EVP_EC_gen("P-256") : EVP_RSA_gen(2048));
  require(key != nullptr);
  return key;
}

Key read_key(const std::string& pem) {
  Key key(PEM_read_bio_PrivateKey(memory(pem).get(), nullptr, nullptr, nullptr));
  require(key != nullptr);
  return key;
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

Pair make(const CertificateSpec& spec, const Pair* issuer) {
  const Key key = make_key(spec.key);
  const Certificate certificate(X509_new());
  X509* x = certificate.get();
  require(X509_set_version(x, X509_VERSION_3) == 1);

  unsigned char serial[15];
  require(RAND_bytes(serial, sizeof serial) == 1);
  serial[0] &= 0x7f;
  BIGNUM* number = BN_bin2bn(serial, sizeof serial, nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x));
  BN_free(number);

  constexpr long kDay = 24 * 60 * 60;
  X509_gmtime_adj(X509_getm_notBefore(x), spec.valid_from_days * kDay);
  X509_gmtime_adj(X509_getm_notAfter(x), spec.valid_to_days * kDay);
  X509_set_pubkey(x, key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(spec.common_name.c_str()), -1,
                             -1, 0);

  Certificate issuer_certificate;
  Key issuer_key;
  if (issuer) {
    issuer_certificate.reset(
        PEM_read_bio_X509(memory(issuer->certificate_pem).get(), nullptr, nullptr, nullptr));
    issuer_key = read_key(issuer->private_key_pem);
  }
  X509* signer = issuer ? issuer_certificate.get() : x;
  X509_set_issuer_name(x, X509_get_subject_name(signer));

  add_extension(x, signer, NID_basic_constraints, spec.ca ? "critical,CA:TRUE" : "CA:FALSE");
  if (spec.ca) add_extension(x, signer, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(x, signer, NID_subject_key_identifier, "hash");
  std::string names;
  for (const std::string& name : spec.dns_names) names += (names.empty() ? "DNS:" : ",DNS:") + name;
  for (const std::string& name : spec.addresses) names += (names.empty() ? "IP:" : ",IP:") + name;
  if (!names.empty()) add_extension(x, signer, NID_subject_alt_name, names);
  require(X509_sign(x, issuer ? issuer_key.get() : key.get(), EVP_sha256()) > 0);

  Pair pair;
  const Bio certificate_out(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(certificate_out.get(), x) == 1);
  pair.certificate_pem = text_of(certificate_out);
  const Bio key_out(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_PKCS8PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                        nullptr) == 1);
  pair.private_key_pem = text_of(key_out);
  return pair;
}

}  // namespace

Pair self_signed(const CertificateSpec& spec) { return make(spec, nullptr); }

Pair make_ca(const std::string& common_name) {
  return self_signed({.common_name = common_name, .ca = true});
}

Pair issue(const Pair& issuer, const CertificateSpec& spec) { return make(spec, &issuer); }

std::string encrypt_key(const std::string& private_key_pem, const std::string& passphrase) {
  const Key key = read_key(private_key_pem);
  const Bio out(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), EVP_aes_256_cbc(), passphrase.c_str(),
                                        static_cast<int>(passphrase.size()), nullptr,
                                        nullptr) == 1);
  return text_of(out);
}

}  // namespace ropewalk::fakes
