#include "dataplane/telemetry/otlp_grpc/grpc_sender.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/byte_buffer.h>

namespace ropewalk::telemetry {
namespace {

class GrpcSender final : public OtlpSender {
 public:
  explicit GrpcSender(const std::string& target)
      : stub_(grpc::CreateChannel(target, grpc::InsecureChannelCredentials())) {}

  Result<void> send(Signal signal, const std::string& message,
                    std::chrono::milliseconds timeout) override {
    const std::string method =
        signal == Signal::traces
            ? "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
            : "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + timeout);
    const grpc::Slice slice(message);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::CompletionQueue queue;
    const auto call = stub_.PrepareUnaryCall(&context, method, request, &queue);
    call->StartCall();
    grpc::ByteBuffer answer;
    grpc::Status status;
    call->Finish(&answer, &status, this);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    queue.Shutdown();
    while (queue.Next(&tag, &ok)) {
    }
    if (status.ok()) return {};
    return fail(Kind::status, "the collector answered gRPC status " +
                                  std::to_string(status.error_code()) + ": " +
                                  status.error_message());
  }

 private:
  grpc::GenericStub stub_;
};

}  // namespace

std::unique_ptr<OtlpSender> make_grpc_sender(const std::string& host, std::uint16_t port) {
  return std::make_unique<GrpcSender>(host + ":" + std::to_string(port));
}

}  // namespace ropewalk::telemetry
