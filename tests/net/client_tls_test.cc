#include "dataplane/net/client_tls.h"

#include "common/files.h"
#include "tests/fakes/certificates.h"
#include "tests/net/handshake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <cstdlib>
#include <filesystem>

namespace ropewalk::net {
namespace {

using config::v1::BackendTls;
using fakes::Pair;
using testing::AllOf;
using testing::HasSubstr;

// A backend of its own making, not ServerTls: versions and client authorities are free here.
struct Backend {
  OpensslPtr<SSL_CTX> context{SSL_CTX_new(TLS_server_method())};

  explicit Backend(const Pair& pair) {
    const auto parsed = parse_key_pair(pair.certificate_pem, pair.private_key_pem);
    SSL_CTX_use_cert_and_key(context.get(), parsed->leaf.get(), parsed->key.get(),
                             parsed->chain.get(), 1);
    SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0");
    SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>("t"), 1);
  }
  void ask_for_client(const std::string& ca_pem, bool name_authorities) {
    const auto authorities = parse_certificates(ca_pem);
    for (const auto& authority : *authorities) {
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), authority.get());
      if (name_authorities) SSL_CTX_add_client_CA(context.get(), authority.get());
    }
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
};

struct Outcome {
  bool ok = false;
  std::string explanation;
  std::string server_name;  // as the backend saw it
  std::string client_shown;
  bool alpn_offered = false;
  bool resumed = false;
  int version = 0;
};

Outcome call(const ClientTls& tls, Backend& backend, const std::string& host) {
  Outcome outcome;
  SSL_CTX_set_alpn_select_cb(
      backend.context.get(),
      [](SSL*, const unsigned char**, unsigned char*, const unsigned char*, unsigned, void* seen) {
        *static_cast<bool*>(seen) = true;
        return SSL_TLSEXT_ERR_NOACK;
      },
      &outcome.alpn_offered);
  Handshake handshake(tls.context(), backend.context.get());
  tls.prepare(handshake.client.get(), host);
  outcome.ok = handshake.run();
  if (!outcome.ok)
    outcome.explanation = tls.explain(handshake.client.get(), host, handshake.client_error);
  const char* name = SSL_get_servername(handshake.server.get(), TLSEXT_NAMETYPE_host_name);
  outcome.server_name = name ? name : "";
  if (const X509* shown = SSL_get0_peer_certificate(handshake.server.get()))
    outcome.client_shown = common_name(shown);
  outcome.resumed = SSL_session_reused(handshake.client.get()) == 1;
  outcome.version = SSL_version(handshake.client.get());
  return outcome;
}

std::shared_ptr<const ClientTls> build(const BackendTls& settings) {
  auto made = ClientTls::build(&settings);
  EXPECT_TRUE(made.has_value()) << made.error().message;
  return made.value_or(nullptr);
}

BackendTls trusting(const std::string& ca_pem) {
  BackendTls settings;
  settings.set_ca_pem(ca_pem);
  settings.set_disable_system_ca_pool(true);
  return settings;
}

const Pair& authority() {
  static const Pair pair = fakes::make_ca("test authority");
  return pair;
}

TEST(ClientTls, VerifiesTheHostCalledAndTheChain) {
  Backend backend(fakes::issue(authority(), {.common_name = "common.org",
                                             .dns_names = {"a.org", "*.w.org", "f*.p.org"},
                                             .addresses = {"127.0.0.1", "::1"}}));
  const auto tls = build(trusting(authority().certificate_pem));
  struct Case {
    std::string host, server_name;
    bool ok;
  };
  const Case cases[] = {
      {"a.org", "a.org", true},
      {"A.org", "A.org", true},
      {"a.org.", "a.org", true},
      {"x.w.org", "x.w.org", true},
      {"x.y.w.org", "x.y.w.org", false},
      {"w.org", "w.org", false},
      {"foo.p.org", "foo.p.org", false},
      {"common.org", "common.org", false},  // a common name is no host name
      {"b.org", "b.org", false},
      {"127.0.0.1", "", true},
      {"127.0.0.2", "", false},
      {"::1", "", true},
      {"[::1]", "", true},
  };
  for (const Case& c : cases) {
    const Outcome outcome = call(*tls, backend, c.host);
    EXPECT_EQ(outcome.ok, c.ok) << c.host << ": " << outcome.explanation;
    EXPECT_EQ(outcome.server_name, c.server_name);
    EXPECT_FALSE(outcome.alpn_offered);
    if (!c.ok) {
      EXPECT_THAT(outcome.explanation,
                  AllOf(HasSubstr("certificate of " + c.host + " is for another name (a.org, "),
                        HasSubstr("tls-server-name"), HasSubstr("allow-insecure-connections")));
    }
  }
}

TEST(ClientTls, ServerNameGoesBeforeTheHost) {
  Backend backend(
      fakes::issue(authority(), {.common_name = "x", .dns_names = {"products.shop.svc"}}));
  BackendTls settings = trusting(authority().certificate_pem);
  settings.set_server_name("products.shop.svc");
  const Outcome outcome = call(*build(settings), backend, "10.1.2.3");
  EXPECT_TRUE(outcome.ok) << outcome.explanation;
  EXPECT_EQ(outcome.server_name, "products.shop.svc");
}

std::string public_key_digest(const Pair& pair) {
  const auto certificates = parse_certificates(pair.certificate_pem);
  unsigned char* der = nullptr;
  const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificates->front().get()), &der);
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  SHA256(der, static_cast<std::size_t>(length), reinterpret_cast<unsigned char*>(out.data()));
  OPENSSL_free(der);
  return out;
}

TEST(ClientTls, PinnedKeys) {
  const Pair pair = fakes::issue(authority(), {.common_name = "x", .dns_names = {"a.org"}});
  Backend backend(pair);
  const std::string right = public_key_digest(pair);
  const std::string wrong(SHA256_DIGEST_LENGTH, 'x');
  BackendTls trusted = trusting(authority().certificate_pem);
  BackendTls anybody;
  anybody.set_allow_insecure_connections(true);
  const auto reaches = [&](const BackendTls& settings, const std::vector<std::string>& pins,
                           const std::string& host) {
    const auto tls = ClientTls::build(&settings, pins);
    return call(**tls, backend, host).ok;
  };
  EXPECT_TRUE(reaches(trusted, {wrong, right}, "a.org"));
  EXPECT_FALSE(reaches(trusted, {wrong}, "a.org"));
  EXPECT_FALSE(reaches(trusted, {right}, "b.org"));
  EXPECT_TRUE(reaches(anybody, {right}, "b.org"));
  EXPECT_FALSE(reaches(anybody, {wrong}, "b.org"));
  EXPECT_FALSE(reaches(BackendTls(), {right}, "a.org"));
  EXPECT_TRUE(reaches(trusted, {public_key_digest(authority())}, "a.org"));

  // Somebody on the way who shows the pinned certificate behind one of his own.
  Pair forged = fakes::self_signed({.common_name = "x", .dns_names = {"a.org"}});
  forged.certificate_pem += pair.certificate_pem;
  Backend forger(forged);
  const std::vector<std::string> pins = {right};
  EXPECT_FALSE(call(**ClientTls::build(&anybody, pins), forger, "a.org").ok);
  Pair issued = fakes::issue(authority(), {.common_name = "x", .dns_names = {"a.org"}});
  issued.certificate_pem += pair.certificate_pem;
  Backend other(issued);
  EXPECT_FALSE(call(**ClientTls::build(&trusted, pins), other, "a.org").ok);
}

TEST(ClientTls, ExplainsWhatIsWrongWithACertificate) {
  const Pair other = fakes::make_ca("other");
  const fakes::CertificateSpec named{.common_name = "x", .dns_names = {"products.shop.svc"}};
  auto expired = named;
  expired.valid_from_days = -20;
  expired.valid_to_days = -10;
  auto future = named;
  future.valid_from_days = 10;
  struct Case {
    Pair pair;
    std::string says;
    std::vector<std::string> keys;
  };
  const Case cases[] = {
      {fakes::self_signed(named),
       "certificate of products.shop.svc is not trusted: self-signed certificate; give its CA",
       {"client_tls.ca_certs", "ca-secret", "client_tls.allow_insecure_connections",
        "allow-insecure-connections"}},
      {fakes::issue(other, named),
       "certificate of products.shop.svc is not trusted: unable to get local issuer certificate",
       {"client_tls.ca_certs", "ca-secret", "allow-insecure-connections"}},
      {fakes::issue(authority(), expired),
       "certificate of products.shop.svc has expired on 20",
       {"renew", "allow-insecure-connections"}},
      {fakes::issue(authority(), future),
       "certificate of products.shop.svc is not valid yet",
       {"allow-insecure-connections"}},
      {fakes::issue(authority(), {.common_name = "products.shop.svc"}),
       "certificate of products.shop.svc is for another name (it has no DNS name in its "
       "subjectAltName)",
       {"tls-server-name"}},
  };
  const auto tls = build(trusting(authority().certificate_pem));
  for (const Case& c : cases) {
    Backend backend(c.pair);
    const Outcome outcome = call(*tls, backend, "products.shop.svc");
    EXPECT_FALSE(outcome.ok);
    EXPECT_THAT(outcome.explanation, testing::StartsWith(c.says));
    for (const std::string& key : c.keys) EXPECT_THAT(outcome.explanation, HasSubstr(key));
    EXPECT_THAT(outcome.explanation, testing::Not(HasSubstr("\n")));
  }
}

TEST(ClientTls, NamesFromThePeerCannotForgeLogLines) {
  Backend backend(fakes::issue(authority(), {.common_name = "x", .dns_names = {"evil\nline.org"}}));
  const Outcome outcome = call(*build(trusting(authority().certificate_pem)), backend, "a.org");
  EXPECT_THAT(outcome.explanation, HasSubstr("(evil?line.org)"));
}

TEST(ClientTls, InsecureAcceptsAnyCertificateAndAnyName) {
  Backend backend(fakes::self_signed({.common_name = "x", .dns_names = {"b.org"}}));
  BackendTls settings;
  settings.set_allow_insecure_connections(true);
  const auto tls = build(settings);
  EXPECT_TRUE(call(*tls, backend, "a.org").ok);
  EXPECT_TRUE(call(*tls, backend, "127.0.0.2").ok);
}

TEST(ClientTls, ASelfSignedCertificateMayBeItsOwnAuthority) {
  const Pair pair = fakes::self_signed({.common_name = "x", .dns_names = {"a.org"}});
  Backend backend(pair);
  const auto tls = build(trusting(pair.certificate_pem));
  EXPECT_TRUE(call(*tls, backend, "a.org").ok);
  EXPECT_FALSE(call(*tls, backend, "b.org").ok);
}

TEST(ClientTls, WhatIsGivenIsTrustedThoughItsIssuerIsUnknown) {
  const fakes::CertificateSpec named{.common_name = "x", .dns_names = {"a.org"}};
  const Pair leaf = fakes::issue(authority(), named);
  Backend backend(leaf);
  EXPECT_TRUE(call(*build(trusting(leaf.certificate_pem)), backend, "a.org").ok);

  const Pair intermediate = fakes::issue(authority(), {.common_name = "intermediate", .ca = true});
  Backend below(fakes::issue(intermediate, named));
  EXPECT_TRUE(call(*build(trusting(intermediate.certificate_pem)), below, "a.org").ok);
}

TEST(ClientTls, WithoutAuthoritiesNothingIsTrusted) {
  Backend backend(fakes::issue(authority(), {.common_name = "x", .dns_names = {"a.org"}}));
  EXPECT_FALSE(call(*build(trusting("")), backend, "a.org").ok);
}

class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) {
    ::setenv(name, value.c_str(), 1);
  }
  ~Environment() { ::unsetenv(name_); }

 private:
  const char* name_;
};

TEST(ClientTls, TheSystemPoolComesFromTheEnvironmentAndCountsBesideOwnAuthorities) {
  std::string folder = (std::filesystem::temp_directory_path() / "client_tls_XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const Pair in_folder = fakes::make_ca("in folder");
  const Pair own = fakes::make_ca("own");
  std::filesystem::create_directory(folder + "/certs");
  ASSERT_TRUE(write_file_atomically(folder + "/ca.pem", authority().certificate_pem, 0600));
  ASSERT_TRUE(write_file_atomically(folder + "/certs/one.crt", in_folder.certificate_pem, 0600));
  ASSERT_TRUE(write_file_atomically(folder + "/certs/two.txt", "no certificate", 0600));
  {
    const Environment file("SSL_CERT_FILE", folder + "/ca.pem");
    const Environment folders("SSL_CERT_DIR", folder + "/none:" + folder + "/certs");
    BackendTls settings;
    settings.set_ca_pem(own.certificate_pem);
    const auto with_own = build(settings);
    const auto plain = ClientTls::build(nullptr);
    settings.set_disable_system_ca_pool(true);
    const auto only_own = build(settings);
    const fakes::CertificateSpec spec{.common_name = "x", .dns_names = {"a.org"}};
    Backend of_file(fakes::issue(authority(), spec));
    Backend of_folder(fakes::issue(in_folder, spec));
    Backend of_own(fakes::issue(own, spec));
    EXPECT_TRUE(call(**plain, of_file, "a.org").ok);
    EXPECT_TRUE(call(**plain, of_folder, "a.org").ok);
    EXPECT_FALSE(call(**plain, of_own, "a.org").ok);
    EXPECT_TRUE(call(*with_own, of_file, "a.org").ok);
    EXPECT_TRUE(call(*with_own, of_own, "a.org").ok);
    EXPECT_FALSE(call(*only_own, of_file, "a.org").ok);
    EXPECT_TRUE(call(*only_own, of_own, "a.org").ok);
  }
  std::filesystem::remove_all(folder);
}

TEST(ClientTls, Versions) {
  const Pair pair = fakes::issue(authority(), {.common_name = "x", .dns_names = {"a.org"}});
  BackendTls with_12 = trusting(authority().certificate_pem);
  with_12.set_min_version(0x0303);
  BackendTls only_12 = with_12;
  only_12.set_max_version(0x0303);
  BackendTls none = trusting(authority().certificate_pem);
  none.set_max_version(0x0303);  // the lower end is TLS 1.3 unless set
  struct Case {
    BackendTls settings;
    int backend_max;
    int expected;  // 0: no handshake
  };
  const Case cases[] = {
      {trusting(authority().certificate_pem), TLS1_3_VERSION, TLS1_3_VERSION},
      {trusting(authority().certificate_pem), TLS1_2_VERSION, 0},
      {with_12, TLS1_2_VERSION, TLS1_2_VERSION},
      {with_12, TLS1_3_VERSION, TLS1_3_VERSION},
      {only_12, TLS1_3_VERSION, TLS1_2_VERSION},
      {none, TLS1_3_VERSION, 0},
  };
  for (const Case& c : cases) {
    Backend backend(pair);
    SSL_CTX_set_max_proto_version(backend.context.get(), c.backend_max);
    const Outcome outcome = call(*build(c.settings), backend, "a.org");
    EXPECT_EQ(outcome.ok ? outcome.version : 0, c.expected);
    if (c.expected == 0) {
      EXPECT_THAT(outcome.explanation, AllOf(HasSubstr("TLS handshake with a.org failed: "),
                                             HasSubstr("client_tls.min_version")));
    }
  }
}

TEST(ClientTls, WithoutSettingsTls12IsEnough) {
  const Environment file("SSL_CERT_FILE", "/nowhere");
  const Environment folder("SSL_CERT_DIR", "/nowhere");
  const auto tls = ClientTls::build(nullptr);
  ASSERT_TRUE(tls.has_value());
  Backend backend(fakes::self_signed({.common_name = "x", .dns_names = {"a.org"}}));
  SSL_CTX_set_max_proto_version(backend.context.get(), TLS1_2_VERSION);
  const Outcome outcome = call(**tls, backend, "a.org");
  EXPECT_EQ(outcome.version, TLS1_2_VERSION);
  EXPECT_THAT(outcome.explanation, HasSubstr("self-signed certificate"));
}

TEST(ClientTls, SuitesMustFitTheKeyOfTheBackend) {
  Backend backend(fakes::issue(authority(), {.common_name = "x", .dns_names = {"a.org"}}));
  BackendTls settings = trusting(authority().certificate_pem);
  settings.set_min_version(0x0303);
  settings.set_max_version(0x0303);
  BackendTls rsa = settings;
  rsa.add_cipher_suites(49199);
  EXPECT_FALSE(call(*build(rsa), backend, "a.org").ok);
  settings.add_cipher_suites(49195);
  settings.add_curves(23);
  EXPECT_TRUE(call(*build(settings), backend, "a.org").ok);
  rsa.clear_min_version();
  rsa.clear_max_version();
  EXPECT_TRUE(call(*build(rsa), backend, "a.org").ok);  // no matter for TLS 1.3
}

TEST(ClientTls, ClientCertificateFollowsTheAuthoritiesNamed) {
  const Pair one = fakes::make_ca("one");
  const Pair two = fakes::make_ca("two");
  const Pair of_one = fakes::issue(one, {.common_name = "client of one"});
  const Pair of_two = fakes::issue(two, {.common_name = "client of two"});
  const Pair server = fakes::issue(authority(), {.common_name = "x", .dns_names = {"a.org"}});
  BackendTls settings = trusting(authority().certificate_pem);
  settings.set_min_version(0x0303);
  for (const Pair* pair : {&of_one, &of_two}) {
    auto* certificate = settings.add_client_certificates();
    certificate->set_certificate_pem(pair->certificate_pem);
    certificate->set_private_key_pem(pair->private_key_pem);
  }
  const auto tls = build(settings);
  struct Case {
    const Pair* trusted;
    bool named;
    std::string shown;  // "": no handshake
  };
  for (const Case& c : {Case{&one, false, "client of one"},
                        {&two, false, ""},
                        {&one, true, "client of one"},
                        {&two, true, "client of two"},
                        {&authority(), true, ""}}) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      Backend backend(server);
      SSL_CTX_set_max_proto_version(backend.context.get(), version);
      backend.ask_for_client(c.trusted->certificate_pem, c.named);
      const Outcome outcome = call(*tls, backend, "a.org");
      EXPECT_EQ(outcome.ok, !c.shown.empty()) << outcome.explanation;
      if (outcome.ok) {
        EXPECT_EQ(outcome.client_shown, c.shown);
      }
    }
  }
}

TEST(ClientTls, ARefusedClientCertificateIsExplained) {
  Backend backend(fakes::issue(authority(), {.common_name = "x", .dns_names = {"a.org"}}));
  backend.ask_for_client(authority().certificate_pem, true);
  const Outcome outcome = call(*build(trusting(authority().certificate_pem)), backend, "a.org");
  EXPECT_FALSE(outcome.ok);
  EXPECT_THAT(outcome.explanation,
              AllOf(HasSubstr("asks for a client certificate"), HasSubstr("client-cert-secret")));
}

TEST(ClientTls, BrokenMaterialIsNamed) {
  const Pair pair = fakes::self_signed({.common_name = "x"});
  BackendTls settings;
  auto* certificate = settings.add_client_certificates();
  certificate->set_certificate_pem(pair.certificate_pem);
  certificate->set_private_key_pem(fakes::self_signed({.common_name = "y"}).private_key_pem);
  const auto mismatch = ClientTls::build(&settings);
  ASSERT_FALSE(mismatch.has_value());
  EXPECT_EQ(mismatch.error().message,
            "client_tls.client_certs: the private key does not belong to the certificate");
  const BackendTls nonsense = trusting("nonsense");
  const auto authorities = ClientTls::build(&nonsense);
  ASSERT_FALSE(authorities.has_value());
  EXPECT_THAT(authorities.error().message, HasSubstr("client_tls.ca_certs: no certificate"));
}

TEST(ClientTls, EqualSettingsShareOneContextOthersDoNot) {
  const auto one = build(trusting(authority().certificate_pem));
  const auto same = build(trusting(authority().certificate_pem));
  BackendTls other = trusting(authority().certificate_pem);
  other.set_server_name("x");
  const auto different = build(other);
  EXPECT_EQ(one->context(), same->context());
  EXPECT_EQ(one->identity(), same->identity());
  EXPECT_NE(one->context(), different->context());
  EXPECT_NE(one->identity(), different->identity());
}

TEST(ClientTls, TheSystemsAuthoritiesAreReadOnce) {
  BackendTls settings;
  settings.set_server_name("a.org");
  const auto one = build(settings);
  settings.set_server_name("b.org");
  const auto other = build(settings);
  EXPECT_NE(one->context(), other->context());
  EXPECT_EQ(SSL_CTX_get_cert_store(one->context()), SSL_CTX_get_cert_store(other->context()));
}

TEST(ClientTls, SessionsResumePerName) {
  Backend backend(fakes::issue(authority(), {.common_name = "x", .dns_names = {"a.org", "b.org"}}));
  BackendTls settings = trusting(authority().certificate_pem);
  settings.set_min_version(0x0303);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    settings.set_max_version(static_cast<std::uint32_t>(version));
    const auto tls = build(settings);
    EXPECT_FALSE(call(*tls, backend, "a.org").resumed);
    EXPECT_TRUE(call(*tls, backend, "a.org").resumed);
    EXPECT_FALSE(call(*tls, backend, "b.org").resumed);
  }
}

TEST(ClientTls, OutlivesItselfWhileAHandshakeRuns) {
  Backend backend(fakes::issue(authority(), {.common_name = "x", .dns_names = {"a.org"}}));
  auto tls = build(trusting(authority().certificate_pem));
  Handshake handshake(tls->context(), backend.context.get());
  tls->prepare(handshake.client.get(), "a.org");
  tls.reset();
  EXPECT_TRUE(handshake.run());
}

}  // namespace
}  // namespace ropewalk::net
