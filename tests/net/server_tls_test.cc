#include "dataplane/net/server_tls.h"

#include "dataplane/net/reserved_names.h"
#include "tests/fakes/certificates.h"
#include "tests/net/handshake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>

namespace ropewalk::net {
namespace {

using fakes::Pair;
using testing::HasSubstr;

config::v1::TlsSecret secret_of(const Pair& pair, std::vector<std::string> hostnames = {},
                                bool is_default = false) {
  config::v1::TlsSecret secret;
  secret.set_certificate_pem(pair.certificate_pem);
  secret.set_private_key_pem(pair.private_key_pem);
  for (auto& name : hostnames) secret.add_hostnames(std::move(name));
  secret.set_is_default(is_default);
  return secret;
}

// A client that trusts anybody and tells whose certificate it was shown.
struct Client {
  OpensslPtr<SSL_CTX> context{SSL_CTX_new(TLS_client_method())};
  std::string server_name;
  std::string shown;
  std::string error;
  std::string server_error;
  std::string alpn;
  int version = 0;
  std::string suite;
  bool resumed = false;
  OpensslPtr<SSL_SESSION> session;

  Client() { SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0"); }

  bool connect(const ServerTls& tls, std::string_view offered_alpn = "") {
    Handshake handshake(context.get(), tls.context());
    SSL* ssl = handshake.client.get();
    if (!server_name.empty()) SSL_set_tlsext_host_name(ssl, server_name.c_str());
    if (!offered_alpn.empty())
      SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(offered_alpn.data()),
                          static_cast<unsigned>(offered_alpn.size()));
    if (session) SSL_set_session(ssl, session.get());
    const bool ok = handshake.run();
    error = handshake.client_error;
    server_error = handshake.server_error;
    const X509* peer = SSL_get0_peer_certificate(ssl);
    shown = peer ? common_name(peer) : "";
    const unsigned char* name = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(ssl, &name, &length);
    alpn.assign(reinterpret_cast<const char*>(name), length);
    version = SSL_version(ssl);
    if (const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl)) suite = SSL_CIPHER_get_name(cipher);
    resumed = SSL_session_reused(ssl) == 1;
    session.reset(SSL_get1_session(ssl));
    SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    return ok;
  }
};

std::shared_ptr<const ServerTls> build(const config::v1::ServerTls& settings,
                                       const std::vector<config::v1::TlsSecret>& secrets,
                                       bool files = true) {
  std::vector<ServerTls::Secret> named;
  for (const auto& secret : secrets) named.push_back({"tls/shop/s", &secret});
  auto made = ServerTls::build(settings, named, files);
  EXPECT_TRUE(made.has_value()) << made.error().message;
  return made.value_or(nullptr);
}

TEST(CheckTlsSecret, SaysExactlyWhatIsWrong) {
  const Pair good = fakes::self_signed({.common_name = "a"});
  const Pair other = fakes::self_signed({.common_name = "b"});
  const Pair ca = fakes::make_ca("ca");
  const Pair leaf = fakes::issue(ca, {.common_name = "leaf"});
  const std::string cut = good.certificate_pem.substr(0, good.certificate_pem.size() / 2);
  std::string garbled = good.certificate_pem;
  garbled.replace(garbled.find('\n') + 1, 4, "AAAA");
  struct Case {
    std::string certificate, key, message;
  };
  const Case cases[] = {
      {"", good.private_key_pem, "no certificate"},
      {" \n", good.private_key_pem, "no certificate"},
      {"hello", good.private_key_pem, "no PEM block CERTIFICATE"},
      {good.private_key_pem, good.private_key_pem, "no PEM block CERTIFICATE"},
      {cut, good.private_key_pem, "certificate 1 cannot be parsed"},
      {garbled, good.private_key_pem, "certificate 1 cannot be parsed"},
      {good.certificate_pem + cut, good.private_key_pem, "certificate 2 cannot be parsed"},
      {good.certificate_pem, "", "no private key"},
      {good.certificate_pem, "hello", "no PEM block PRIVATE KEY"},
      {good.certificate_pem, good.certificate_pem, "no PEM block PRIVATE KEY"},
      {good.certificate_pem, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
       "the private key cannot be parsed"},
      {good.certificate_pem, fakes::encrypt_key(good.private_key_pem, "secret"), "is encrypted"},
      {good.certificate_pem, other.private_key_pem, "does not belong to the certificate"},
      {ca.certificate_pem + leaf.certificate_pem, leaf.private_key_pem,
       "belongs to certificate 2, which must come first"},
  };
  for (const Case& c : cases) {
    config::v1::TlsSecret secret;
    secret.set_certificate_pem(c.certificate);
    secret.set_private_key_pem(c.key);
    const auto checked = check_tls_secret("tls/shop/front", secret);
    ASSERT_FALSE(checked.has_value()) << c.message;
    EXPECT_EQ(checked.error().kind, Kind::config);
    EXPECT_THAT(checked.error().message, HasSubstr(c.message));
    EXPECT_THAT(checked.error().message, testing::StartsWith("tls/shop/front: "));
  }
}

TEST(CheckTlsSecret, GivesNameAndExpiry) {
  const Pair pair = fakes::self_signed({.common_name = "a", .valid_to_days = 10});
  const auto checked = check_tls_secret("tls/shop/front", secret_of(pair));
  ASSERT_TRUE(checked.has_value());
  EXPECT_EQ(checked->name, "tls/shop/front");
  EXPECT_NEAR(static_cast<double>(checked->not_after),
              static_cast<double>(std::time(nullptr) + 10 * 86400), 60);
}

TEST(CheckTlsSecret, TakesChainsAndOtherBlocksAndExpiredCertificates) {
  const Pair ca = fakes::make_ca("ca");
  const Pair leaf =
      fakes::issue(ca, {.common_name = "leaf", .valid_from_days = -20, .valid_to_days = -10});
  Pair bundle = leaf;
  bundle.certificate_pem = leaf.private_key_pem + leaf.certificate_pem + ca.certificate_pem;
  EXPECT_TRUE(check_tls_secret("x", secret_of(bundle)).has_value());
}

TEST(ServerTls, ChoosesByServerName) {
  const auto by_name = secret_of(fakes::self_signed({.common_name = "n", .dns_names = {"a.org"}}));
  const auto by_cn = secret_of(fakes::self_signed({.common_name = "b.org"}));
  const auto wild =
      secret_of(fakes::self_signed({.common_name = "wild", .dns_names = {"*.c.org"}}));
  const auto given = secret_of(
      fakes::self_signed({.common_name = "given", .dns_names = {"not-this.org"}}), {"d.org"});
  const auto tls = build({}, {by_name, by_cn, wild, given});
  struct Case {
    std::string asked, shown;
  };
  for (const Case& c : {Case{"a.org", "n"},
                        {"A.ORG", "n"},
                        {"b.org", "b.org"},
                        {"x.c.org", "wild"},
                        {"x.y.c.org", "n"},
                        {"d.org", "given"},
                        {"not-this.org", "n"},
                        {"", "n"}}) {
    Client client;
    client.server_name = c.asked;
    EXPECT_TRUE(client.connect(*tls)) << client.error;
    EXPECT_EQ(client.shown, c.shown) << c.asked;
  }
}

TEST(ServerTls, KubernetesRefusesUnknownNames) {
  const auto known = secret_of(fakes::self_signed({.common_name = "known"}), {"a.org"});
  const auto tls = build({}, {known}, false);
  Client client;
  client.server_name = "a.org";
  EXPECT_TRUE(client.connect(*tls));
  for (const char* name : {"b.org", ""}) {
    Client other;
    other.server_name = name;
    EXPECT_FALSE(other.connect(*tls));
    EXPECT_EQ(other.error, "tlsv1 unrecognized name");
    EXPECT_EQ(other.shown, "");
  }
  const auto rest = secret_of(fakes::self_signed({.common_name = "rest"}), {}, true);
  const auto with_default = build({}, {known, rest}, false);
  client.server_name = "b.org";
  client.session.reset();
  EXPECT_TRUE(client.connect(*with_default));
  EXPECT_EQ(client.shown, "rest");
}

TEST(ServerTls, ABrokenSecretIsNeverServedWithAnotherCertificate) {
  const auto wild = secret_of(fakes::self_signed({.common_name = "wild"}), {"*.a.org"});
  const auto rest = secret_of(fakes::self_signed({.common_name = "rest"}), {}, true);
  config::v1::TlsSecret broken;
  broken.add_hostnames("shop.a.org");
  EXPECT_TRUE(only_reserves(broken));
  const auto tls = build({}, {wild, rest, broken}, false);
  EXPECT_EQ(tls->certificates().size(), 2u);
  Client client;
  client.server_name = "shop.a.org";
  EXPECT_FALSE(client.connect(*tls));
  EXPECT_EQ(client.error, "tlsv1 unrecognized name");
  EXPECT_EQ(client.shown, "");
  for (const auto& [name, shown] :
       {std::pair("other.a.org", "wild"), std::pair("b.org", "rest"), std::pair("", "rest")}) {
    Client other;
    other.server_name = name;
    EXPECT_TRUE(other.connect(*tls)) << other.error;
    EXPECT_EQ(other.shown, shown) << name;
  }
}

TEST(ServerTls, ABrokenDefaultServesNobody) {
  const auto known = secret_of(fakes::self_signed({.common_name = "known"}), {"a.org"});
  config::v1::TlsSecret broken;
  broken.set_is_default(true);
  const auto tls = build({}, {broken, known}, false);
  Client client;
  client.server_name = "b.org";
  EXPECT_FALSE(client.connect(*tls));
  EXPECT_EQ(client.shown, "");
  client.server_name = "a.org";
  EXPECT_TRUE(client.connect(*tls));
}

TEST(ServerTls, KubernetesMayHaveNoCertificateYetFilesMayNot) {
  const auto tls = build({}, {}, false);
  Client client;
  EXPECT_FALSE(client.connect(*tls));
  const auto refused = ServerTls::build({}, {}, true);
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, HasSubstr("no certificate"));
}

TEST(ServerTls, RsaBesideEcdsaForOneNameFollowsTheClient) {
  const auto ecdsa = secret_of(fakes::self_signed({.common_name = "ec", .dns_names = {"a.org"}}));
  const auto rsa = secret_of(fakes::self_signed(
      {.common_name = "rsa", .dns_names = {"a.org"}, .key = fakes::KeyType::rsa2048}));
  const auto tls = build({}, {ecdsa, rsa});
  for (const char* name : {"a.org", ""}) {
    Client modern;
    modern.server_name = name;
    EXPECT_TRUE(modern.connect(*tls));
    EXPECT_EQ(modern.shown, "ec");
    Client only_rsa;
    only_rsa.server_name = name;
    SSL_CTX_set1_sigalgs_list(only_rsa.context.get(), "RSA-PSS+SHA256");
    EXPECT_TRUE(only_rsa.connect(*tls)) << only_rsa.error;
    EXPECT_EQ(only_rsa.shown, "rsa");
  }
}

TEST(ServerTls, Versions) {
  const auto pair = secret_of(fakes::self_signed({.common_name = "a"}));
  struct Case {
    std::uint32_t min, max;
    int client_min, client_max, expected;  // 0: no handshake
  };
  const Case cases[] = {
      {0, 0, TLS1_2_VERSION, TLS1_2_VERSION, 0},  // KrakenD's default is TLS 1.3 alone
      {0, 0, TLS1_2_VERSION, TLS1_3_VERSION, TLS1_3_VERSION},
      {0x0303, 0, TLS1_2_VERSION, TLS1_2_VERSION, TLS1_2_VERSION},
      {0x0303, 0, TLS1_2_VERSION, TLS1_3_VERSION, TLS1_3_VERSION},
      {0x0303, 0, TLS1_VERSION, TLS1_1_VERSION, 0},
      {0x0303, 0x0303, TLS1_2_VERSION, TLS1_3_VERSION, TLS1_2_VERSION},
      {0, 0x0303, TLS1_2_VERSION, TLS1_3_VERSION, 0},  // nothing left between the ends
      {0x0301, 0x0302, TLS1_2_VERSION, TLS1_3_VERSION, 0},
      {0x0300, 0x0300, TLS1_VERSION, TLS1_3_VERSION, 0},
      {0x0300, 0, TLS1_2_VERSION, TLS1_2_VERSION, TLS1_2_VERSION},
  };
  for (const Case& c : cases) {
    config::v1::ServerTls settings;
    settings.set_min_version(c.min);
    settings.set_max_version(c.max);
    const auto tls = build(settings, {pair});
    Client client;
    SSL_CTX_set_min_proto_version(client.context.get(), c.client_min);
    SSL_CTX_set_max_proto_version(client.context.get(), c.client_max);
    EXPECT_EQ(client.connect(*tls), c.expected != 0)
        << std::hex << c.min << '-' << c.max << " with " << c.client_min << '-' << c.client_max;
    if (c.expected != 0) {
      EXPECT_EQ(client.version, c.expected);
    }
  }
}

TEST(ServerTls, OldVersionsWorkWithSuitesThatTheyKnow) {
  config::v1::ServerTls settings;
  settings.set_min_version(0x0301);
  settings.set_max_version(0x0302);
  settings.add_cipher_suites(49161);  // ECDHE-ECDSA-AES128-SHA
  const auto tls = build(settings, {secret_of(fakes::self_signed({.common_name = "a"}))});
  Client client;
  SSL_CTX_set_min_proto_version(client.context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(client.context.get(), TLS1_1_VERSION);
  EXPECT_TRUE(client.connect(*tls)) << client.error << client.server_error;
  EXPECT_EQ(client.version, TLS1_1_VERSION);
}

TEST(ServerTls, SuitesAndCurves) {
  const auto pair = secret_of(fakes::self_signed({.common_name = "a"}));
  config::v1::ServerTls settings;
  settings.set_min_version(0x0303);
  settings.set_max_version(0x0303);
  settings.add_cipher_suites(49196);
  settings.add_curves(24);
  const auto tls = build(settings, {pair});
  Client client;
  EXPECT_TRUE(client.connect(*tls));
  EXPECT_EQ(client.suite, "ECDHE-ECDSA-AES256-GCM-SHA384");
  Client other_suite;
  SSL_CTX_set_cipher_list(other_suite.context.get(), "ECDHE-ECDSA-AES128-GCM-SHA256");
  EXPECT_FALSE(other_suite.connect(*tls));
  Client other_curve;
  SSL_CTX_set1_groups_list(other_curve.context.get(), "P-256");
  EXPECT_FALSE(other_curve.connect(*tls));
}

TEST(ServerTls, OnlySuitesOfTls13LeaveTls13) {
  config::v1::ServerTls settings;
  settings.set_min_version(0x0303);
  settings.add_cipher_suites(0x1301);
  const auto tls = build(settings, {secret_of(fakes::self_signed({.common_name = "a"}))});
  Client client;
  EXPECT_TRUE(client.connect(*tls));
  EXPECT_EQ(client.version, TLS1_3_VERSION);
  SSL_CTX_set_max_proto_version(client.context.get(), TLS1_2_VERSION);
  client.session.reset();
  EXPECT_FALSE(client.connect(*tls));
}

TEST(ServerTls, UnknownNumbersAreRefused) {
  const auto pair = secret_of(fakes::self_signed({.common_name = "a"}));
  const auto message = [&](auto change) {
    config::v1::ServerTls settings;
    change(settings);
    const auto made = ServerTls::build(settings, {{"s", &pair}}, true);
    return made ? std::string("accepted") : made.error().message;
  };
  EXPECT_THAT(message([](auto& s) { s.add_cipher_suites(0xfefe); }),
              HasSubstr("cipher suite 65278 "));
  EXPECT_THAT(message([](auto& s) { s.add_cipher_suites(1); }),  // TLS_RSA_WITH_NULL_MD5
              HasSubstr("cipher suite 1 "));
  EXPECT_THAT(message([](auto& s) { s.add_cipher_suites(0xc018); }),  // anonymous
              HasSubstr("cipher suite 49176 "));
  EXPECT_THAT(message([](auto& s) { s.add_cipher_suites(0x1c02f); }), HasSubstr("cipher suite"));
  EXPECT_THAT(message([](auto& s) { s.add_curves(4588); }), HasSubstr("curve 4588"));
  EXPECT_THAT(message([](auto& s) { s.set_min_version(1); }), HasSubstr("TLS version 1 "));
}

TEST(ServerTls, AlpnIsHttp11) {
  const auto tls = build({}, {secret_of(fakes::self_signed({.common_name = "a"}))});
  Client client;
  EXPECT_TRUE(client.connect(*tls, "\x02h2\x08http/1.1"));
  EXPECT_EQ(client.alpn, "http/1.1");
  client.session.reset();
  EXPECT_TRUE(client.connect(*tls));
  EXPECT_EQ(client.alpn, "");
  client.session.reset();
  EXPECT_FALSE(client.connect(*tls, "\x02h2"));
  EXPECT_EQ(client.error, "tlsv1 alert no application protocol");
}

TEST(ServerTls, SessionsResumeUntilTheSettingsAreReplaced) {
  config::v1::ServerTls settings;
  settings.set_min_version(0x0303);
  const auto pair = secret_of(fakes::self_signed({.common_name = "a"}));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto tls = build(settings, {pair});
    Client client;
    SSL_CTX_set_max_proto_version(client.context.get(), version);
    ASSERT_TRUE(client.connect(*tls));
    EXPECT_FALSE(client.resumed);
    ASSERT_TRUE(client.connect(*tls));
    EXPECT_TRUE(client.resumed);
    const auto replaced = build(settings, {pair});
    ASSERT_TRUE(client.connect(*replaced));
    EXPECT_FALSE(client.resumed);
  }
}

TEST(ServerTls, RenegotiationIsOff) {
  config::v1::ServerTls settings;
  settings.set_min_version(0x0303);
  settings.set_max_version(0x0303);
  const auto tls = build(settings, {secret_of(fakes::self_signed({.common_name = "a"}))});
  Client client;
  Handshake handshake(client.context.get(), tls->context());
  ASSERT_TRUE(handshake.run());
  ASSERT_EQ(SSL_renegotiate(handshake.client.get()), 1);
  handshake.run();
  EXPECT_EQ(handshake.client_error, "no renegotiation");
}

TEST(ServerTls, OutlivesItselfWhileAHandshakeRuns) {
  auto tls = build({}, {secret_of(fakes::self_signed({.common_name = "a"}))});
  Client client;
  Handshake handshake(client.context.get(), tls->context());
  tls.reset();
  EXPECT_TRUE(handshake.run());
}

TEST(ServerTls, ClientCertificates) {
  const Pair ca = fakes::make_ca("clients");
  const Pair client_pair = fakes::issue(ca, {.common_name = "client"});
  const Pair stranger = fakes::self_signed({.common_name = "stranger"});
  const Pair own = fakes::issue(fakes::make_ca("own"), {.common_name = "server"});
  config::v1::ServerTls settings;
  settings.set_min_version(0x0303);
  settings.set_require_client_certificate(true);
  settings.set_client_ca_pem(ca.certificate_pem);
  settings.set_disable_system_ca_pool(true);
  const auto tls = build(settings, {secret_of(own)});
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto connects = [&](const Pair* shown) {
      Client client;
      SSL_CTX_set_max_proto_version(client.context.get(), version);
      auto pair = shown ? parse_key_pair(shown->certificate_pem, shown->private_key_pem)
                        : Result<KeyPair>(KeyPair{});
      if (shown)
        SSL_CTX_use_cert_and_key(client.context.get(), pair->leaf.get(), pair->key.get(), nullptr,
                                 1);
      const bool first = client.connect(*tls);
      return first && client.connect(*tls) && client.resumed;  // a resumed one needs no second look
    };
    EXPECT_TRUE(connects(&client_pair));
    EXPECT_FALSE(connects(&stranger));
    EXPECT_FALSE(connects(nullptr));
    EXPECT_FALSE(connects(&own));  // the listener's own certificate is no client authority
  }
}

TEST(ServerTls, ABrokenClientAuthorityIsNamed) {
  config::v1::ServerTls settings;
  settings.set_require_client_certificate(true);
  settings.set_client_ca_pem("nonsense");
  const auto pair = secret_of(fakes::self_signed({.common_name = "a"}));
  const auto made = ServerTls::build(settings, {{"s", &pair}}, true);
  ASSERT_FALSE(made.has_value());
  EXPECT_THAT(made.error().message, HasSubstr("tls.ca_certs: "));
}

}  // namespace
}  // namespace ropewalk::net
