#include "config/certificates.h"
#include "helpers.h"

#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace ropewalk::config {
namespace {

using ::testing::ElementsAre;
using testing::find;
using ::testing::HasSubstr;
using testing::load;
using testing::message;
using testing::service;
using testing::warning_at;

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  std::string out(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return out;
}

struct Pem {
  std::string certificate;
  std::string key;
};

Pem self_signed(long begin = 0, long end = 3600) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), begin);
  X509_gmtime_adj(X509_getm_notAfter(certificate), end);
  X509_set_pubkey(certificate, key);
  X509_sign(certificate, key, EVP_sha256());
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, certificate);
  Pem pem{.certificate = text_of(out)};
  out = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  pem.key = text_of(out);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return pem;
}

class Tls : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "ropewalk-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    options_.working_directory = name;
    write("a.pem", a_.certificate);
    write("a.key", a_.key);
    write("b.pem", b_.certificate);
    write("b.key", b_.key);
    write("both.pem", a_.certificate + b_.certificate);
    write("broken.pem", a_.certificate.substr(0, a_.certificate.size() / 2));
    write("empty.pem", "");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
  }
  Result<Loaded> with(std::string_view keys) {
    return load(R"({"version":3,)" + std::string(keys) + "}", options_);
  }

  const Pem a_ = self_signed();
  const Pem b_ = self_signed();
  std::filesystem::path folder_;
  LoadOptions options_;
};

TEST_F(Tls, ListenerKeysTravelInOrderTheFirstIsTheDefault) {
  const auto loaded = with(R"("tls":{"keys":[{"public_key":"a.pem","private_key":"a.key"}],
    "public_key":"b.pem","private_key":"b.key"})");
  ASSERT_TRUE(loaded) << message(loaded);
  EXPECT_THAT(service(*loaded).tls().secrets(), ElementsAre("tls/file/a.pem", "tls/file/b.pem"));
  const auto* first = find(*loaded, "tls/file/a.pem");
  const auto* second = find(*loaded, "tls/file/b.pem");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->tls_secret().certificate_pem(), a_.certificate);
  EXPECT_EQ(first->tls_secret().private_key_pem(), a_.key);
  EXPECT_TRUE(first->tls_secret().is_default());
  EXPECT_FALSE(second->tls_secret().is_default());
  EXPECT_EQ(service(*loaded).tls().min_version(), 0x0304U);
  EXPECT_EQ(service(*loaded).tls().max_version(), 0x0304U);
  EXPECT_THAT(loaded->files, ElementsAre("krakend.json", (folder_ / "a.pem").string(),
                                         (folder_ / "a.key").string(), (folder_ / "b.pem").string(),
                                         (folder_ / "b.key").string()));
}

TEST_F(Tls, ListenerIsRefusedWithoutAUsablePair) {
  const std::pair<const char*, const char*> table[] = {
      {R"("tls":{})", "tls.keys: expected at least one pair"},
      {R"("tls":{"keys":[]})", "tls.keys: expected at least one pair"},
      {R"("tls":{"keys":[{"public_key":"a.pem"}]})",
       "tls.keys[0].private_key: expected the name of a file"},
      {R"("tls":{"keys":[{"public_key":"a.pem","private_key":"b.key"}]})",
       "tls.keys[0]: a.pem, b.key: the private key does not belong to the certificate"},
      {R"("tls":{"keys":[{"public_key":"none.pem","private_key":"a.key"}]})",
       "tls.keys[0].public_key: cannot read"},
      {R"("tls":{"keys":[{"public_key":"a.key","private_key":"a.key"}]})",
       "expected certificates in PEM form"},
      {R"("tls":{"keys":[{"public_key":"a.pem","private_key":"a.pem"}]})",
       "expected an unencrypted private key"},
      {R"("tls":{"keys":[{"public_key":"broken.pem","private_key":"a.key"}]})",
       "a certificate in it is broken"},
      {R"("tls":"on")", "tls: expected an object"},
      {R"("tls":{"keys":[{"public_key":"a.pem","private_key":"a.key"}],"enable_mtls":true,
          "ca_certs":["none.pem"]})",
       "tls.ca_certs[0]: cannot read"},
      {R"("tls":{"keys":[{"public_key":"a.pem","private_key":"a.key"}],"cipher_suites":[70000]})",
       "tls.cipher_suites[0]: expected a number from 0 to 65535"},
  };
  for (const auto& [keys, expected] : table)
    EXPECT_THAT(message(with(keys)), HasSubstr(expected)) << keys;
}

TEST_F(Tls, DisabledReadsNothing) {
  const auto loaded =
      with(R"("tls":{"disabled":true,"keys":[{"public_key":"x","private_key":"y"}]})");
  ASSERT_TRUE(loaded) << message(loaded);
  EXPECT_FALSE(service(*loaded).has_tls());
}

TEST_F(Tls, ListenerOptions) {
  const auto loaded = with(R"("tls":{"keys":[{"public_key":"a.pem","private_key":"a.key"}],
    "min_version":"TLS12","max_version":"TLS13","cipher_suites":[49195],"curve_preferences":[23],
    "prefer_server_cipher_suites":true,"enable_mtls":true,"ca_certs":["both.pem"],
    "disable_system_ca_pool":true})");
  ASSERT_TRUE(loaded) << message(loaded);
  const v1::ServerTls& tls = service(*loaded).tls();
  EXPECT_EQ(tls.min_version(), 0x0303U);
  EXPECT_EQ(tls.max_version(), 0x0304U);
  EXPECT_THAT(tls.cipher_suites(), ElementsAre(49195U));
  EXPECT_THAT(tls.curves(), ElementsAre(23U));
  EXPECT_TRUE(tls.require_client_certificate());
  EXPECT_TRUE(tls.disable_system_ca_pool());
  EXPECT_EQ(tls.client_ca_pem(), a_.certificate + b_.certificate);
  EXPECT_TRUE(loaded->warnings.empty());
}

TEST_F(Tls, WhatOnlyGoOffersIsLeftOut) {
  const auto loaded = with(R"("tls":{"keys":[{"public_key":"a.pem","private_key":"a.key"}],
    "cipher_suites":[5,10,47,49159,49169,49170,49195],"curve_preferences":[4588,29]},
    "client_tls":{"cipher_suites":[49195,5],"curve_preferences":[4588]})");
  ASSERT_TRUE(loaded) << message(loaded);
  EXPECT_THAT(service(*loaded).tls().cipher_suites(), ElementsAre(47U, 49195U));
  EXPECT_THAT(service(*loaded).tls().curves(), ElementsAre(29U));
  EXPECT_THAT(service(*loaded).client_tls().cipher_suites(), ElementsAre(49195U));
  EXPECT_THAT(service(*loaded).client_tls().curves(), ElementsAre(4588U)) << "refused later";
  EXPECT_THAT(warning_at(*loaded, "tls.cipher_suites"), HasSubstr("RC4 and 3DES"));
  EXPECT_THAT(warning_at(*loaded, "tls.curve_preferences"), HasSubstr("4588"));
}

TEST_F(Tls, UnknownVersionsMeanTls13) {
  const auto loaded = with(R"("client_tls":{"min_version":"tls12","max_version":"TLS12"})");
  ASSERT_TRUE(loaded) << message(loaded);
  EXPECT_EQ(service(*loaded).client_tls().min_version(), 0x0304U);
  EXPECT_THAT(warning_at(*loaded, "client_tls.min_version"), HasSubstr("TLS13 is used"));
  EXPECT_THAT(warning_at(*loaded, "client_tls.max_version"), HasSubstr("below min_version"));
}

TEST_F(Tls, ClientContentsTravel) {
  const auto loaded = with(R"("client_tls":{"ca_certs":["a.pem","b.pem"],
    "client_certs":[{"certificate":"b.pem","private_key":"b.key"}],"disable_system_ca_pool":true})");
  ASSERT_TRUE(loaded) << message(loaded);
  const v1::BackendTls& tls = service(*loaded).client_tls();
  EXPECT_EQ(tls.ca_pem(), a_.certificate + b_.certificate);
  ASSERT_EQ(tls.client_certificates_size(), 1);
  EXPECT_EQ(tls.client_certificates(0).certificate_pem(), b_.certificate);
  EXPECT_EQ(tls.client_certificates(0).private_key_pem(), b_.key);
  EXPECT_TRUE(tls.disable_system_ca_pool());
  EXPECT_FALSE(tls.allow_insecure_connections());
  EXPECT_EQ(loaded->files.size(), 4U);
}

TEST_F(Tls, ClientIsRefusedForUnusableFiles) {
  const std::pair<const char*, const char*> table[] = {
      {R"("client_tls":{"ca_certs":["none.pem"]})", "client_tls.ca_certs[0]: cannot read"},
      {R"("client_tls":{"ca_certs":["empty.pem"]})", "expected certificates in PEM form"},
      {R"("client_tls":{"ca_certs":["broken.pem"]})", "a certificate in it is broken"},
      {R"("client_tls":{"client_certs":[{"certificate":"a.pem","private_key":"b.key"}]})",
       "client_tls.client_certs[0]: a.pem, b.key: the private key does not belong"},
      {R"("client_tls":true)", "client_tls: expected an object"},
  };
  for (const auto& [keys, expected] : table)
    EXPECT_THAT(message(with(keys)), HasSubstr(expected)) << keys;
}

TEST_F(Tls, BothSpellingsOfTheInsecureSwitch) {
  struct Row {
    const char* keys;
    bool insecure;
  };
  const Row table[] = {
      {R"("client_tls":{"allow_insecure_connections":true})", true},
      {R"("allow_insecure_connections":true)", true},
      {R"("allow_insecure_connections":true,"client_tls":{"allow_insecure_connections":false})",
       true},
      {R"("allow_insecure_connections":false,"client_tls":{"allow_insecure_connections":true})",
       true},
      {R"("client_tls":{"allow_insecure_connections":false})", false},
  };
  for (const Row& row : table) {
    const auto loaded = with(row.keys);
    ASSERT_TRUE(loaded) << message(loaded);
    EXPECT_EQ(service(*loaded).client_tls().allow_insecure_connections(), row.insecure) << row.keys;
    EXPECT_EQ(service(*loaded).client_tls().min_version(), 0x0304U) << row.keys;
  }
  EXPECT_FALSE(service(*with(R"("allow_insecure_connections":false)")).has_client_tls());
}

TEST_F(Tls, CertificatesAreChecked) {
  EXPECT_TRUE(check_certificates(a_.certificate + "comment\n" + b_.certificate));
  EXPECT_TRUE(check_key_pair(a_.certificate + b_.certificate, a_.key));
  EXPECT_FALSE(check_key_pair(b_.certificate + a_.certificate, a_.key));
  EXPECT_FALSE(check_certificates("text"));
  EXPECT_FALSE(check_key_pair("", ""));
}

TEST_F(Tls, ACertificateThatIsNotValidNowIsSaid) {
  const auto now = std::chrono::system_clock::now();
  EXPECT_EQ(validity_remark(a_.certificate, now), "");
  EXPECT_THAT(validity_remark(a_.certificate, now + std::chrono::hours(2)),
              HasSubstr("expired on 2"));
  EXPECT_THAT(validity_remark(a_.certificate, now - std::chrono::hours(2)),
              HasSubstr("not valid before 2"));
  EXPECT_EQ(validity_remark("text", now), "");

  const Pem past = self_signed(-7200, -3600);
  const Pem future = self_signed(3600, 7200);
  write("past.pem", past.certificate);
  write("past.key", past.key);
  write("future.pem", future.certificate);
  write("future.key", future.key);
  const auto loaded = with(
      R"("tls":{"keys":[{"public_key":"past.pem","private_key":"past.key"}]},
         "client_tls":{"client_certs":[{"certificate":"future.pem","private_key":"future.key"}]})");
  ASSERT_TRUE(loaded) << message(loaded);
  EXPECT_THAT(warning_at(*loaded, "tls.keys[0].public_key"), HasSubstr("past.pem: expired on 2"));
  EXPECT_THAT(warning_at(*loaded, "client_tls.client_certs[0].certificate"),
              HasSubstr("future.pem: not valid before 2"));
}

}  // namespace
}  // namespace ropewalk::config
