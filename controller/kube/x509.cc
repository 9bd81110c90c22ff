#include "controller/kube/x509.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>

namespace ropewalk::controller::kube {
namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* value) const {
    Free(value);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Deleter<GENERAL_NAMES_free>>;

Bio reader(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string text_of(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

Certificate read_certificate(const std::string& pem) {
  return Certificate(PEM_read_bio_X509(reader(pem).get(), nullptr, nullptr, nullptr));
}

// A passphrase is never asked for on the terminal.
Key read_key(const std::string& pem) {
  const auto none = [](char*, int, int, void*) { return 0; };
  return Key(PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, none, nullptr));
}

std::unexpected<Error> failed(const char* what) {
  return fail(Kind::internal, std::string("cannot make a certificate: ") + what, Origin::control);
}

bool add(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool add_extensions(X509* certificate, X509* issuer, const CertificateRequest& request) {
  if (request.usage == Usage::ca) {
    return add(certificate, issuer, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
           add(certificate, issuer, NID_key_usage, "critical,keyCertSign,cRLSign") &&
           add(certificate, issuer, NID_subject_key_identifier, "hash");
  }
  std::string names;
  for (const std::string& name : request.dns_names) {
    names += (names.empty() ? "DNS:" : ",DNS:") + name;
  }
  return add(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
         add(certificate, issuer, NID_key_usage, "critical,digitalSignature") &&
         add(certificate, issuer, NID_ext_key_usage,
             request.usage == Usage::server ? "serverAuth" : "clientAuth") &&
         add(certificate, issuer, NID_authority_key_identifier, "keyid:always") &&
         (names.empty() || add(certificate, issuer, NID_subject_alt_name, names));
}

bool set_time(ASN1_TIME* target, WallTime time) {
  return ASN1_TIME_set(target, std::chrono::system_clock::to_time_t(time)) != nullptr;
}

bool set_subject(X509* certificate, const std::string& common_name) {
  const std::string name = common_name.substr(0, 64);
  return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(name.data()),
                                    static_cast<int>(name.size()), -1, 0) == 1;
}

bool set_serial(X509* certificate) {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof bytes) != 1) return false;
  bytes[0] &= 0x7f;
  const std::unique_ptr<BIGNUM, Deleter<BN_free>> number(BN_bin2bn(bytes, sizeof bytes, nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate));
}

WallTime to_wall_time(const ASN1_TIME* time) {
  std::tm parts{};
  ASN1_TIME_to_tm(time, &parts);
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

}  // namespace

Result<KeyPair> issue(const CertificateRequest& request, const KeyPair* issuer) {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate(X509_new());
  if (!key || !certificate) return failed("no key");
  Certificate issuer_certificate;
  Key issuer_key;
  if (issuer) {
    issuer_certificate = read_certificate(issuer->certificate_pem);
    issuer_key = read_key(issuer->key_pem);
    if (!issuer_certificate || !issuer_key) return failed("the CA is not readable");
  }
  X509* signer = issuer ? issuer_certificate.get() : certificate.get();
  const bool ok =
      X509_set_version(certificate.get(), X509_VERSION_3) == 1 && set_serial(certificate.get()) &&
      set_subject(certificate.get(), request.common_name) &&
      X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer)) == 1 &&
      set_time(X509_getm_notBefore(certificate.get()), request.validity.from) &&
      set_time(X509_getm_notAfter(certificate.get()), request.validity.to) &&
      X509_set_pubkey(certificate.get(), key.get()) == 1 &&
      add_extensions(certificate.get(), signer, request) &&
      X509_sign(certificate.get(), issuer ? issuer_key.get() : key.get(), EVP_sha256()) > 0;
  if (!ok) return failed("signing failed");
  const Bio certificate_out(BIO_new(BIO_s_mem()));
  const Bio key_out(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(certificate_out.get(), certificate.get()) != 1 ||
      PEM_write_bio_PKCS8PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                    nullptr) != 1) {
    return failed("writing failed");
  }
  return KeyPair{text_of(certificate_out), text_of(key_out)};
}

Result<Inspected> inspect(const KeyPair& pair) {
  const Certificate certificate = read_certificate(pair.certificate_pem);
  if (!certificate) return fail(Kind::config, "not a PEM certificate", Origin::control);
  const Key key = read_key(pair.key_pem);
  if (!key) return fail(Kind::config, "not a PEM private key", Origin::control);
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return fail(Kind::config, "the key does not match the certificate", Origin::control);
  }
  Inspected out;
  out.validity = {to_wall_time(X509_get0_notBefore(certificate.get())),
                  to_wall_time(X509_get0_notAfter(certificate.get()))};
  out.is_ca = X509_check_ca(certificate.get()) == 1;
  const Names names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS) continue;
    out.dns_names.emplace_back(
        reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
        static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
  }
  return out;
}

bool signed_by(const std::string& certificate_pem, const std::string& issuer_pem) {
  const Certificate certificate = read_certificate(certificate_pem);
  const Certificate issuer = read_certificate(issuer_pem);
  return certificate && issuer &&
         X509_verify(certificate.get(), X509_get0_pubkey(issuer.get())) == 1;
}

}  // namespace ropewalk::controller::kube
