#include "common/files.h"
#include "tests/fakes/certificates.h"
#include "tests/sync/grpc_world.h"

#include <gmock/gmock.h>

#include <atomic>

namespace ropewalk::sync_test {
namespace {

using configsync::SyncClient;
using configsync::SyncOptions;
using controller::PushServer;
using testing::HasSubstr;

class GrpcTlsTest : public GrpcTest {
 protected:
  // Writes `pair` and the CA as the files of one side.
  TlsFiles write(const std::string& side, const fakes::Pair& pair, const std::string& ca) {
    const TlsFiles files{directory_.path() + "/" + side + ".crt",
                         directory_.path() + "/" + side + ".key",
                         directory_.path() + "/" + side + ".ca"};
    EXPECT_TRUE(write_file_atomically(files.certificate, pair.certificate_pem, 0600));
    EXPECT_TRUE(write_file_atomically(files.private_key, pair.private_key_pem, 0600));
    EXPECT_TRUE(write_file_atomically(files.ca, ca, 0600));
    return files;
  }

  fakes::Pair server_pair(const fakes::Pair& ca) {
    return fakes::issue(ca, {.common_name = "controller", .dns_names = {kServerName}});
  }
  fakes::Pair client_pair(const fakes::Pair& ca) {
    return fakes::issue(ca, {.common_name = "data plane", .dns_names = {"dataplane"}});
  }

  std::unique_ptr<PushServer> serve_tls(const TlsFiles& files) {
    PushServer::Options options;
    options.tls = tls_from_files(files);
    auto server = serve(options);
    if (server) server->publish(translation({host_set("hosts/a")}));
    return server;
  }
  SyncOptions tls_options(std::uint16_t port, const TlsFiles& files,
                          const std::string& id = "pod-1") {
    SyncOptions out = client_options(port, id);
    out.tls = tls_from_files(files);
    out.server_name = kServerName;
    return out;
  }
  static constexpr const char* kServerName = "ropewalk-controller.shop.svc";
  const TemporaryDirectory directory_;
  const fakes::Pair ca_ = fakes::make_ca("ca 1");
  const fakes::Pair other_ca_ = fakes::make_ca("ca 2");
};

TEST_F(GrpcTlsTest, BothSidesVerifyEachOther) {
  const auto server = serve_tls(write("server", server_pair(ca_), ca_.certificate_pem));
  ASSERT_TRUE(server);
  FakeApplier applier(changes_);
  SyncClient client(
      tls_options(server->port(), write("client", client_pair(ca_), ca_.certificate_pem)), applier);
  ASSERT_TRUE(client.start());
  ASSERT_TRUE(settled(*server));
  EXPECT_TRUE(applier.serves(host_set("hosts/a")));
}

TEST_F(GrpcTlsTest, StrangersGetNothing) {
  const auto server = serve_tls(write("server", server_pair(ca_), ca_.certificate_pem));
  ASSERT_TRUE(server);
  const auto good = write("client", client_pair(ca_), ca_.certificate_pem);
  struct Case {
    std::string name;
    SyncOptions options;
  };
  std::vector<Case> cases;
  cases.push_back(
      {"a certificate of another CA",
       tls_options(server->port(), write("other", client_pair(other_ca_), ca_.certificate_pem))});
  cases.push_back({"the controller's CA is not trusted",
                   tls_options(server->port(),
                               write("distrust", client_pair(ca_), other_ca_.certificate_pem))});
  cases.push_back({"the controller's name is another", tls_options(server->port(), good)});
  cases.back().options.server_name = "other-controller.shop.svc";
  cases.push_back({"no TLS", client_options(server->port())});
  for (Case& input : cases) {
    SCOPED_TRACE(input.name);
    std::atomic<int> attempts = 0;
    if (input.options.tls)
      input.options.tls = [this, source = input.options.tls, &attempts] {
        ++attempts;
        changes_.notify();
        return source();
      };
    FakeApplier applier(changes_);
    SyncClient client(input.options, applier);
    ASSERT_TRUE(client.start());
    // start() asks once, each connection once more: a second one means that the first failed.
    if (input.options.tls) ASSERT_TRUE(changes_.wait([&] { return attempts >= 3; }));
    FakeApplier welcome(changes_);
    SyncClient other(tls_options(server->port(), good, "welcome"), welcome);
    ASSERT_TRUE(other.start());
    ASSERT_TRUE(changes_.wait([&] { return welcome.serves(host_set("hosts/a")); }));
    EXPECT_FALSE(client.connected());
    EXPECT_EQ(applier.applies(), 0);
  }
  for (const auto& node : server->report()) EXPECT_EQ(node.id, "welcome");
}

TEST_F(GrpcTlsTest, ARotatedCaAndCertificatesAreUsedWithoutRestart) {
  const std::string both = ca_.certificate_pem + other_ca_.certificate_pem;
  const auto server = serve_tls(write("server", server_pair(ca_), ca_.certificate_pem));
  ASSERT_TRUE(server);
  FakeApplier first(changes_);
  SyncClient client(
      tls_options(server->port(), write("client", client_pair(ca_), ca_.certificate_pem), "first"),
      first);
  ASSERT_TRUE(client.start());
  ASSERT_TRUE(settled(*server));

  // Only the new CA is known to the second client, and its certificate comes from it.
  write("server", server_pair(other_ca_), both);
  FakeApplier second(changes_);
  SyncClient rotated(
      tls_options(server->port(),
                  write("rotated", client_pair(other_ca_), other_ca_.certificate_pem), "rotated"),
      second);
  ASSERT_TRUE(rotated.start());
  ASSERT_TRUE(changes_.wait([&] { return second.serves(host_set("hosts/a")); }));
  EXPECT_TRUE(client.connected()) << "the stream that was there stays";
  ASSERT_TRUE(changes_.wait([&] {
    const auto nodes = server->report();
    return nodes.size() == 2 && nodes[0].connected && nodes[1].connected;
  }));
}

TEST_F(GrpcTlsTest, ADataPlaneComesBackWithItsNewCertificate) {
  const auto server_files = write("server", server_pair(ca_), ca_.certificate_pem);
  auto server = serve_tls(server_files);
  ASSERT_TRUE(server);
  const std::uint16_t port = server->port();
  FakeApplier applier(changes_);
  const auto client_files = write("client", client_pair(ca_), ca_.certificate_pem);
  SyncClient client(tls_options(port, client_files), applier);
  ASSERT_TRUE(client.start());
  ASSERT_TRUE(settled(*server));
  server.reset();
  ASSERT_TRUE(changes_.wait([&] { return !client.connected(); }));
  write("client", client_pair(other_ca_), other_ca_.certificate_pem);
  write("server", server_pair(other_ca_), other_ca_.certificate_pem);
  PushServer::Options again;
  again.listen = "127.0.0.1:" + std::to_string(port);
  again.tls = tls_from_files(server_files);
  server = serve(again);
  ASSERT_TRUE(server);
  EXPECT_TRUE(changes_.wait([&] { return client.connected(); }));
}

TEST_F(GrpcTlsTest, BrokenFilesKeepTheEarlierCertificates) {
  const auto files = write("server", server_pair(ca_), ca_.certificate_pem);
  const auto server = serve_tls(files);
  ASSERT_TRUE(server);
  ASSERT_TRUE(write_file_atomically(files.private_key, "rubbish", 0600));
  FakeApplier applier(changes_);
  SyncClient client(
      tls_options(server->port(), write("client", client_pair(ca_), ca_.certificate_pem)), applier);
  ASSERT_TRUE(client.start());
  EXPECT_TRUE(settled(*server));
}

TEST_F(GrpcTlsTest, UnusableFilesAtStartAreOneLine) {
  const auto good = write("good", server_pair(ca_), ca_.certificate_pem);
  const auto foreign_key = write("foreign", server_pair(ca_), "not a certificate");
  const auto encrypted = directory_.path() + "/encrypted.key";
  ASSERT_TRUE(write_file_atomically(
      encrypted, fakes::encrypt_key(server_pair(ca_).private_key_pem, "secret"), 0600));
  const std::vector<std::pair<TlsFiles, std::string>> cases = {
      {{"", good.private_key, good.ca}, "--tls-cert is missing"},
      {{good.certificate, "/nowhere.key", good.ca},
       "--tls-key: cannot read /nowhere.key: No such file or directory"},
      {{good.private_key, good.private_key, good.ca},
       "--tls-cert " + good.private_key + ": expected a certificate in PEM form"},
      {{good.certificate, good.certificate, good.ca},
       "--tls-key " + good.certificate + ": expected a private key in PEM form, not encrypted"},
      {{good.certificate, encrypted, good.ca},
       "--tls-key " + encrypted + ": expected a private key in PEM form, not encrypted"},
      {{good.certificate, foreign_key.private_key, good.ca},
       "--tls-key " + foreign_key.private_key + ": does not belong to the certificate in " +
           good.certificate},
      {{good.certificate, good.private_key, foreign_key.ca},
       "--tls-ca " + foreign_key.ca + ": expected one or more certificates in PEM form"},
  };
  FakeApplier applier(changes_);
  for (const auto& [files, expected] : cases) {
    PushServer::Options options;
    options.listen = "127.0.0.1:0";
    options.tls = tls_from_files(files);
    const auto server = PushServer::start(options);
    ASSERT_FALSE(server) << expected;
    EXPECT_THAT(server.error().message, HasSubstr(expected));
    const auto client = SyncClient(tls_options(1, files), applier).start();
    ASSERT_FALSE(client) << expected;
    EXPECT_THAT(client.error().message, HasSubstr(expected));
  }
}

TEST(Loopback, Addresses) {
  for (const char* inside : {"127.0.0.1:1", "127.9.9.9:80", "[::1]:9181", "localhost:9181"})
    EXPECT_TRUE(is_loopback(inside)) << inside;
  for (const char* outside : {"0.0.0.0:1", "[::]:1", ":9181", "10.0.0.1:1", "128.0.0.1:1",
                              "localhost.example:1", "127.0.0.1.example:1", ""})
    EXPECT_FALSE(is_loopback(outside)) << outside;
}

}  // namespace
}  // namespace ropewalk::sync_test
