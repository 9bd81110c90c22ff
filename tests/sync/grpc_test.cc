#include "common/files.h"
#include "tests/sync/grpc_world.h"

#include <gmock/gmock.h>

namespace ropewalk::sync_test {
namespace {

using configsync::SyncClient;
using configsync::SyncOptions;
using controller::PushServer;
using testing::HasSubstr;

const Resource kHosts = host_set("hosts/a");
const Resource kBackend = backend("backend/a", "hosts/a");
const Resource kEndpoint = endpoint("/a", {"backend/a"});
const std::vector<Resource> kSet = {kBackend, kEndpoint, kHosts};

TEST_F(GrpcTest, ConfigurationArrivesAndIsReported) {
  const auto server = serve();
  FakeApplier applier(changes_);
  SyncClient client(client_options(server->port()), applier);
  ASSERT_TRUE(client.start());
  ASSERT_TRUE(changes_.wait([&] { return client.connected(); }));
  EXPECT_FALSE(client.ready());
  EXPECT_EQ(applier.applies(), 0) << "nothing is sent before the first publication";

  server->publish(translation(kSet));
  ASSERT_TRUE(settled(*server));
  ASSERT_TRUE(changes_.wait([&] { return client.ready(); }));
  EXPECT_TRUE(client.complete_received());
  EXPECT_TRUE(applier.serves(kEndpoint));
  const auto node = only_node(*server);
  EXPECT_EQ(node.id, "pod-1");
  EXPECT_EQ(node.build, "test");
  EXPECT_EQ(node.schema_version, 1u);
  EXPECT_TRUE(node.connected);
  EXPECT_EQ(node.applied.at(kEndpoint.name()), kEndpoint.hash());
  EXPECT_EQ(node.applied.size(), 3u);

  server->publish(translation({kBackend, kEndpoint, host_set("hosts/a", 2)}));
  ASSERT_TRUE(changes_.wait([&] { return applier.serves(host_set("hosts/a", 2)); }));
  EXPECT_EQ(applier.host_set_applies(), 1);
  EXPECT_EQ(applier.applies(), 1);
}

TEST_F(GrpcTest, ARejectionIsReportedWithItsMessage) {
  const auto server = serve();
  server->publish(translation(kSet));
  FakeApplier applier(changes_);
  SyncClient client(client_options(server->port()), applier);
  ASSERT_TRUE(client.start());
  ASSERT_TRUE(settled(*server));
  const Resource bad = endpoint("/a", {"backend/a"}, 666);
  server->publish(translation({kBackend, bad, kHosts}));
  ASSERT_TRUE(changes_.wait([&] { return !only_node(*server).rejected.empty(); }));
  const controller::RejectedVersion expected{bad.hash(), "timeout: expected another one", true};
  EXPECT_EQ(only_node(*server).rejected.at(bad.name()), expected);
  EXPECT_EQ(only_node(*server).applied.at(bad.name()), kEndpoint.hash());
  EXPECT_TRUE(applier.serves(kEndpoint));
  ASSERT_TRUE(changes_.wait([&] { return !client.status().rejected.empty(); }));
  EXPECT_EQ(client.status().rejected.at(bad.name()), "timeout: expected another one");
}

TEST_F(GrpcTest, SeveralDataPlanesAndOneThatLeaves) {
  const auto server = serve();
  server->publish(translation(kSet));
  FakeApplier first(changes_);
  FakeApplier second(changes_);
  SyncClient client(client_options(server->port(), "pod-1"), first);
  ASSERT_TRUE(client.start());
  {
    SyncClient other(client_options(server->port(), "pod-2"), second);
    ASSERT_TRUE(other.start());
    ASSERT_TRUE(changes_.wait([&] {
      const auto nodes = server->report();
      return nodes.size() == 2 && nodes[0].settled && nodes[1].settled;
    }));
    EXPECT_TRUE(second.serves(kEndpoint));
  }
  ASSERT_TRUE(changes_.wait([&] {
    const auto nodes = server->report();
    return nodes.size() == 2 && nodes[0].connected && !nodes[1].connected;
  }));
  EXPECT_EQ(server->report()[1].id, "pod-2");
}

TEST_F(GrpcTest, AGoneDataPlaneIsForgotten) {
  PushServer::Options options;
  options.forget_after = std::chrono::seconds(0);
  const auto server = serve(options);
  server->publish(translation(kSet));
  FakeApplier applier(changes_);
  {
    SyncClient client(client_options(server->port()), applier);
    ASSERT_TRUE(client.start());
    ASSERT_TRUE(settled(*server));
  }
  EXPECT_TRUE(changes_.wait([&] { return server->report().empty(); }));
}

TEST_F(GrpcTest, AnotherControllerWithTheSameSetSendsNothing) {
  FakeApplier applier(changes_);
  auto server = serve();
  const std::uint16_t port = server->port();
  server->publish(translation(kSet));
  SyncClient client(client_options(port), applier);
  ASSERT_TRUE(client.start());
  ASSERT_TRUE(settled(*server));
  server.reset();
  ASSERT_TRUE(changes_.wait([&] { return !client.connected(); }));
  EXPECT_TRUE(client.ready()) << "it serves on";
  PushServer::Options again;
  again.listen = "127.0.0.1:" + std::to_string(port);
  server = serve(again);
  ASSERT_TRUE(server);
  server->publish(translation(kSet));
  ASSERT_TRUE(settled(*server));
  EXPECT_EQ(applier.applies() + applier.host_set_applies(), 1);
  EXPECT_EQ(only_node(*server).applied.size(), 3u);
}

TEST_F(GrpcTest, TheSnapshotServesWithoutController) {
  const TemporaryDirectory state;
  std::uint16_t port = 0;
  {
    const auto server = serve();
    port = server->port();
    server->publish(translation(kSet));
    FakeApplier applier(changes_);
    SyncOptions options = client_options(port);
    options.state_dir = state.path();
    SyncClient client(options, applier);
    ASSERT_TRUE(client.start());
    ASSERT_TRUE(settled(*server));
  }
  FakeApplier applier(changes_);
  SyncOptions options = client_options(port);  // nobody listens there now
  options.state_dir = state.path();
  options.patience = std::chrono::milliseconds(200);
  SyncClient client(options, applier);
  ASSERT_TRUE(client.start());
  ASSERT_TRUE(changes_.wait([&] { return client.ready(); }));
  EXPECT_TRUE(applier.serves(kEndpoint));
  EXPECT_TRUE(client.status().serves_snapshot);
  EXPECT_FALSE(client.complete_received());

  PushServer::Options again;
  again.listen = "127.0.0.1:" + std::to_string(port);
  const auto server = serve(again);
  ASSERT_TRUE(server);
  server->publish(translation(kSet));
  ASSERT_TRUE(settled(*server));
  EXPECT_EQ(applier.applies(), 1) << "what the snapshot holds is not sent again";
}

TEST_F(GrpcTest, ACorruptSnapshotIsIgnored) {
  const TemporaryDirectory state;
  ASSERT_TRUE(write_file_atomically(state.path() + "/snapshot", "ropewalk-state 1\nrubbish", 0600));
  const auto server = serve();
  server->publish(translation(kSet));
  FakeApplier applier(changes_);
  SyncOptions options = client_options(server->port());
  options.state_dir = state.path();
  SyncClient client(options, applier);
  ASSERT_TRUE(client.start());
  ASSERT_TRUE(settled(*server));
  EXPECT_FALSE(client.status().serves_snapshot);
  EXPECT_TRUE(applier.serves(kEndpoint));
}

TEST_F(GrpcTest, ADataPlaneOfAnotherGatewayIsTurnedAway) {
  const auto server = serve();
  server->publish(translation(kSet));
  FakeApplier other(changes_);
  FakeApplier ours(changes_);
  SyncOptions options = client_options(server->port(), "pod-of-another");
  options.gateway = "inner";
  SyncClient stranger(options, other);
  ASSERT_TRUE(stranger.start());
  SyncClient client(client_options(server->port()), ours);
  ASSERT_TRUE(client.start());
  ASSERT_TRUE(settled(*server));
  EXPECT_EQ(server->report().size(), 1u);
  EXPECT_FALSE(stranger.connected());
  EXPECT_EQ(other.applies(), 0);
}

TEST_F(GrpcTest, AReplicaThatStandsByTurnsDataPlanesAway) {
  const auto server = serve();
  server->publish(translation(kSet));
  FakeApplier applier(changes_);
  SyncClient client(client_options(server->port()), applier);
  ASSERT_TRUE(client.start());
  ASSERT_TRUE(settled(*server));
  server->stand(controller::Standing::stands_by);
  ASSERT_TRUE(changes_.wait([&] { return !client.connected(); }));
  ASSERT_TRUE(changes_.wait([&] { return server->report().empty(); }))
      << "it is not gone, it is with another replica";
  EXPECT_TRUE(client.ready());
  EXPECT_TRUE(applier.serves(kEndpoint));

  // It asks again and again; nobody who comes now is served either.
  FakeApplier second(changes_);
  SyncClient late(client_options(server->port(), "pod-2"), second);
  ASSERT_TRUE(late.start());
  server->publish(translation({kBackend, kEndpoint, host_set("hosts/a", 2)}));
  server->stand(controller::Standing::stands_by);
  EXPECT_TRUE(server->report().empty());

  server->stand(controller::Standing::unclear);  // who leads may be away: better two than none
  EXPECT_TRUE(changes_.wait([&] { return applier.serves(host_set("hosts/a", 2)); }));
  EXPECT_TRUE(changes_.wait([&] { return second.serves(kEndpoint); }));
}

TEST_F(GrpcTest, AHundredThousandResources) {
  std::vector<Resource> many;
  for (int i = 0; i < 100'000; ++i) {
    Resource resource;
    resource.set_name("hosts/shop/service-" + std::to_string(i));
    resource.mutable_host_set()->add_hosts()->set_address("10.1.2.3");
    resource.set_hash(std::to_string(i));
    many.push_back(std::move(resource));
  }
  const auto server = serve();
  server->publish(translation(many));
  FakeApplier applier(changes_);
  SyncClient client(client_options(server->port()), applier);
  ASSERT_TRUE(client.start());
  ASSERT_TRUE(settled(*server));
  EXPECT_EQ(applier.serving().size(), 100'000u);
  EXPECT_EQ(applier.applies(), 1) << "one transaction, put into force once";
  EXPECT_EQ(only_node(*server).applied.size(), 100'000u);
}

TEST_F(GrpcTest, StoppingIsPromptAndSafeAtAnyTime) {
  FakeApplier applier(changes_);
  SyncClient never_started(client_options(1), applier);
  never_started.stop();
  SyncClient client(client_options(1), applier);
  ASSERT_TRUE(client.start());
  client.stop();
  client.stop();
  const auto server = serve();
  server->publish(translation(kSet));
  SyncClient connecting(client_options(server->port()), applier);
  ASSERT_TRUE(connecting.start());
  connecting.stop();
  EXPECT_FALSE(connecting.connected());
}

TEST_F(GrpcTest, StartErrorsAreOneLine) {
  const auto server = serve();
  const std::string taken = "127.0.0.1:" + std::to_string(server->port());
  const auto listen = [](const std::string& address) {
    PushServer::Options options;
    options.listen = address;
    const auto started = PushServer::start(options);
    return started ? std::string("started") : started.error().message;
  };
  EXPECT_EQ(listen(taken), "--listen " + taken + ": Address already in use");
  EXPECT_EQ(listen("nonsense"), "--listen nonsense: expected HOST:PORT");
  EXPECT_THAT(listen("0.0.0.0:0"), HasSubstr("--insecure-stream"));
  EXPECT_THAT(listen(":0"), HasSubstr("--insecure-stream"));
  EXPECT_THAT(listen("192.0.2.1:0"), HasSubstr("--insecure-stream"));

  FakeApplier applier(changes_);
  const auto start = [&](const std::function<void(SyncOptions&)>& change) {
    SyncOptions options = client_options(server->port());
    change(options);
    const auto started = SyncClient(options, applier).start();
    return started ? std::string("started") : started.error().message;
  };
  EXPECT_EQ(start([](SyncOptions& o) { o.target = "controller"; }),
            "--controller controller: expected HOST:PORT");
  EXPECT_THAT(start([](SyncOptions& o) { o.target = "controller.example:9181"; }),
              HasSubstr("--insecure-stream"));
  EXPECT_EQ(start([](SyncOptions& o) { o.state_dir = "/nowhere/at/all"; }),
            "--state-dir /nowhere/at/all: expected a directory");
}

TEST_F(GrpcTest, PlaintextOffLoopbackOnlyWhenAsked) {
  PushServer::Options options;
  options.listen = ":0";
  options.insecure_stream = true;
  const auto server = serve(options);
  ASSERT_TRUE(server);
  EXPECT_NE(server->port(), 0);
}

}  // namespace
}  // namespace ropewalk::sync_test
