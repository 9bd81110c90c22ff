// The exporter against fake collectors: HTTP on a socket of its own, and senders that fail.
#include "dataplane/telemetry/otlp/exporter.h"
#include "dataplane/telemetry/otlp/http_sender.h"

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

// Waits for as long as it may, as one that does not answer.
class HangingSender final : public OtlpSender {
 public:
  explicit HangingSender(std::atomic<int>& calls) : calls_(calls) {}
  Result<void> send(Signal, const std::string&, std::chrono::milliseconds timeout) override {
    ++calls_;
    calls_.notify_all();
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable never;
    never.wait_for(lock, timeout, [] { return false; });
    return fail(Kind::timeout, "no answer");
  }

 private:
  std::atomic<int>& calls_;
};

TEST(Exporter, OneThatHangsIsNotAskedForEachBatchAndDoesNotHoldUpTheEnd) {
  std::atomic<int> calls = 0;
  const auto tracer = std::make_shared<Tracer>(TracerSettings{});
  const std::uint64_t random[3] = {1, 2, 3};
  constexpr int kSpans = 5000;  // ten batches
  for (int i = 0; i < kSpans; ++i)
    tracer->finish(tracer->begin("/a", "", "", 0, random), some_record());
  OtlpExporter::Options options;
  options.targets.push_back({"hangs", std::make_unique<HangingSender>(calls), true, false, 30s});
  options.tracer = tracer;
  options.trace_period = 1ms;
  options.send_timeout = 20ms;
  {
    const OtlpExporter exporter(std::move(options));
    while (exporter.counters().lost_spans < kSpans) std::this_thread::yield();
    EXPECT_EQ(exporter.counters().lost_spans, std::uint64_t{kSpans});
  }
  EXPECT_EQ(calls, 1);
}

// A sender that outlives its exporter, as one that waits for a name server.
class StuckSender final : public OtlpSender {
 public:
  explicit StuckSender(std::shared_ptr<std::atomic<int>> state) : state_(std::move(state)) {}
  ~StuckSender() override {
    *state_ = 3;
    state_->notify_all();
  }
  Result<void> send(Signal, const std::string&, std::chrono::milliseconds) override {
    *state_ = 1;
    state_->notify_all();
    state_->wait(1);
    return {};
  }

 private:
  std::shared_ptr<std::atomic<int>> state_;
};

TEST(Exporter, OneThatIgnoresItsTimeoutIsLeftBehind) {
  const auto state = std::make_shared<std::atomic<int>>(0);
  std::atomic<int> collected = 0;
  const auto tracer = std::make_shared<Tracer>(TracerSettings{});
  const std::uint64_t random[3] = {1, 2, 3};
  tracer->finish(tracer->begin("/a", "", "", 0, random), some_record());
  OtlpExporter::Options options;
  options.targets.push_back({"stuck", std::make_unique<StuckSender>(state), true, true, 3600s});
  options.tracer = tracer;
  options.trace_period = 1ms;
  options.send_timeout = 1ms;
  options.collect = [&collected] {
    ++collected;
    return std::vector<Metric>();
  };
  {
    const OtlpExporter exporter(std::move(options));
    state->wait(0);
  }
  *state = 2;  // the end of the sender's wait
  state->notify_all();
  state->wait(2);
  EXPECT_EQ(*state, 3);
  EXPECT_EQ(collected, 0);  // its owner has gone
}

}  // namespace
}  // namespace ropewalk::telemetry
