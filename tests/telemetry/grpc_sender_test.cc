// OTLP over gRPC against a collector that is a generic service.
#include "dataplane/telemetry/otlp_grpc/grpc_sender.h"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <mutex>
#include <string>
#include <vector>

namespace ropewalk::telemetry {
namespace {

using namespace std::chrono_literals;

// Takes any unary call and remembers its method and its size.
class FakeGrpc final : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    class Reactor final : public grpc::ServerGenericBidiReactor {
     public:
      Reactor(FakeGrpc& service, std::string method)
          : service_(service), method_(std::move(method)) {
        StartRead(&message_);
      }
      void OnReadDone(bool ok) override {
        {
          const std::lock_guard lock(service_.mutex);
          service_.calls.push_back(method_ + " " + std::to_string(ok ? message_.Length() : 0));
        }
        if (method_.contains("Metrics"))
          return Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "full"));
        StartWriteAndFinish(&message_, {}, grpc::Status::OK);
      }
      void OnDone() override { delete this; }

     private:
      FakeGrpc& service_;
      std::string method_;
      grpc::ByteBuffer message_;
    };
    return new Reactor(*this, context->method());
  }

  std::mutex mutex;
  std::vector<std::string> calls;
};

TEST(GrpcSender, CallsTheServicesOfACollector) {
  FakeGrpc service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterCallbackGenericService(&service);
  const auto server = builder.BuildAndStart();
  ASSERT_TRUE(server);
  const auto sender = make_grpc_sender("127.0.0.1", static_cast<std::uint16_t>(port));
  const auto sent = sender->send(Signal::traces, "12345", 10s);
  EXPECT_TRUE(sent) << (sent ? "" : sent.error().message);
  const auto refused = sender->send(Signal::metrics, "1", 10s);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "the collector answered gRPC status 14: full");
  const std::lock_guard lock(service.mutex);
  EXPECT_EQ(service.calls,
            (std::vector<std::string>{
                "/opentelemetry.proto.collector.trace.v1.TraceService/Export 5",
                "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export 1"}));
}

}  // namespace
}  // namespace ropewalk::telemetry
