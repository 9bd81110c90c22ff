// The exporter against fake collectors: HTTP on a socket of its own, gRPC with a generic service.
#include "dataplane/telemetry/otlp/exporter.h"
#include "dataplane/telemetry/otlp/http_sender.h"
#include "dataplane/telemetry/otlp_grpc/grpc_sender.h"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace ropewalk::telemetry {
namespace {

using namespace std::chrono_literals;

// Answers each request of each connection with `status`; `close` ends the connection after it.
class FakeCollector {
 public:
  FakeCollector(std::string status, bool close) : status_(std::move(status)), close_(close) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~FakeCollector() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  std::uint16_t port() const { return port_; }
  // First lines with the length of the body, after at least `count` requests.
  std::vector<std::string> requests(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(arrived_.wait_for(lock, 10s, [&] { return requests_.size() >= count; }));
    return requests_;
  }

 private:
  void run() {
    for (int socket = 0; (socket = ::accept(listener_, nullptr, nullptr)) >= 0;) {
      serve(socket);
      ::close(socket);
    }
  }

  void serve(int socket) {
    std::string in;
    char piece[4096];
    for (;;) {
      const auto head = in.find("\r\n\r\n");
      const auto mark = in.find("Content-Length: ");
      if (head != std::string::npos && mark < head) {
        const std::size_t length = std::stoul(in.substr(mark + 16));
        if (in.size() >= head + 4 + length) {
          {
            const std::lock_guard lock(mutex_);
            requests_.push_back(in.substr(0, in.find('\r')) + " " +
                                (length > 0 ? "body" : "nothing"));
          }
          arrived_.notify_all();
          in.erase(0, head + 4 + length);
          const std::string answer = "HTTP/1.1 " + status_ + "\r\nContent-Length: 2\r\n\r\n{}";
          ::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL);
          if (close_) return;
          continue;
        }
      }
      const ssize_t n = ::recv(socket, piece, sizeof piece, 0);
      if (n <= 0) return;
      in.append(piece, static_cast<std::size_t>(n));
    }
  }

  const std::string status_;
  const bool close_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

TEST(HttpSender, KeepsItsConnectionAndReplacesADeadOne) {
  for (const bool close : {false, true}) {
    FakeCollector collector("200 OK", close);
    const auto sender = make_http_sender("127.0.0.1", collector.port());
    for (int i = 0; i < 3; ++i) {
      const auto sent = sender->send(Signal::traces, "x", 5s);
      EXPECT_TRUE(sent) << (sent ? "" : sent.error().message);
    }
    EXPECT_EQ(collector.requests(3)[2], "POST /v1/traces HTTP/1.1 body");
  }
}

TEST(HttpSender, SaysWhyItWasNotTaken) {
  FakeCollector collector("503 Busy", false);
  const auto sender = make_http_sender("127.0.0.1", collector.port());
  EXPECT_EQ(sender->send(Signal::metrics, "x", 5s).error().message, "the collector answered 503");
  const auto nobody = make_http_sender("host.invalid", 4318);
  EXPECT_TRUE(nobody->send(Signal::metrics, "x", 5s).error().message.starts_with("host.invalid: "));
}

AccessRecord some_record() {
  AccessRecord record;
  record.method = "GET";
  record.target = "/a";
  record.status = 200;
  return record;
}

TEST(Exporter, SendsSpansAndMetricsAndWhatWaitsAtTheEnd) {
  FakeCollector collector("200 OK", false);
  const auto tracer = std::make_shared<Tracer>(TracerSettings{});
  const std::uint64_t random[3] = {1, 2, 3};
  tracer->finish(tracer->begin("/a", "", "", 0, random), some_record());
  OtlpExporter::Options options;
  options.resource.service_name = "shop";
  options.targets.push_back(
      {"one", make_http_sender("127.0.0.1", collector.port()), true, true, 3600s});
  options.tracer = tracer;
  options.trace_period = 3600s;
  options.collect = [] {
    WorkerMetrics sum;
    sum.endpoint("GET /a").latency.record(5);
    return metric_points(sum, {});
  };
  {
    const OtlpExporter exporter(std::move(options));
  }
  const auto requests = collector.requests(2);
  EXPECT_EQ(requests[0], "POST /v1/traces HTTP/1.1 body");
  EXPECT_EQ(requests[1], "POST /v1/metrics HTTP/1.1 body");
}

class CountingSender final : public OtlpSender {
 public:
  explicit CountingSender(std::atomic<int>& calls) : calls_(calls) {}
  Result<void> send(Signal, const std::string&, std::chrono::milliseconds) override {
    ++calls_;
    calls_.notify_all();
    return fail(Kind::connect, "away");
  }

 private:
  std::atomic<int>& calls_;
};

TEST(Exporter, CountsWhatIsLost) {
  std::atomic<int> calls = 0;
  const auto tracer = std::make_shared<Tracer>(TracerSettings{.most_waiting = 1});
  const std::uint64_t random[3] = {1, 2, 3};
  for (int i = 0; i < 3; ++i) tracer->finish(tracer->begin("/a", "", "", 0, random), some_record());
  OtlpExporter::Options options;
  options.targets.push_back({"away", std::make_unique<CountingSender>(calls), true, false, 30s});
  options.tracer = tracer;
  options.trace_period = 1ms;
  const OtlpExporter exporter(std::move(options));
  calls.wait(0);
  while (exporter.counters().lost_spans < 3) std::this_thread::yield();
  EXPECT_EQ(exporter.counters().lost_spans, 3u);  // two dropped, one not taken
  EXPECT_EQ(exporter.counters().failures, 1u);
  EXPECT_EQ(exporter.counters().sent_spans, 0u);
}

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
