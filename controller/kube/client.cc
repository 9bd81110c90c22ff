#include "controller/kube/client.h"

#include "controller/kube/connection.h"
#include "controller/kube/credentials.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace ropewalk::controller::kube {
namespace {

constexpr std::size_t kMaxIdle = 4;
constexpr std::uint64_t kMaxBody = 256ULL << 20;
// Objects end at about 1.5 MiB (etcd); managed fields and JSON escapes come on top.
constexpr std::size_t kMaxLine = 16U << 20;
constexpr std::size_t kMaxRefusal = 1U << 20;

class Stream final : public WatchStream {
 public:
  Stream(std::shared_ptr<Connection> connection, std::chrono::milliseconds silence)
      : connection_(std::move(connection)), silence_(silence) {
    parser_.body_limit(boost::none);
  }
  ~Stream() override { connection_->close(); }

  Connection::Parser& parser() { return parser_; }
  int status() const override { return static_cast<int>(parser_.get().result_int()); }
  const Response& refusal() const override { return refusal_; }
  void cancel() override { connection_->close(); }

  Task<Result<void>> read_refusal(std::chrono::milliseconds deadline) {
    while (!parser_.is_done() && parser_.get().body().size() < kMaxRefusal) {
      if (auto done = co_await connection_->read_some(parser_, deadline); !done) co_return done;
    }
    refusal_ = {.status = status(),
                .body = std::move(parser_.get().body()),
                .retry_after = std::string(parser_.get()["Retry-After"])};
    co_return Result<void>();
  }

  Task<Result<std::optional<std::string>>> line() override {
    for (;;) {
      const std::size_t end = pending_.find('\n', searched_);
      if (end != std::string::npos) {
        std::string out = pending_.substr(begin_, end - begin_);
        begin_ = searched_ = end + 1;
        if (out.empty()) continue;
        co_return std::optional(std::move(out));
      }
      searched_ = pending_.size();
      // Bytes behind the last newline would be half an object: the connection broke there.
      if (parser_.is_done()) co_return std::optional<std::string>();
      pending_.erase(0, begin_);
      searched_ -= begin_;
      begin_ = 0;
      if (pending_.size() > kMaxLine) {
        co_return fail(Kind::too_large, "a watch event is longer than 16 MiB", Origin::control);
      }
      if (auto done = co_await connection_->read_some(parser_, silence_); !done) {
        co_return std::unexpected(done.error());
      }
      pending_ += parser_.get().body();
      parser_.get().body().clear();
    }
  }

 private:
  std::shared_ptr<Connection> connection_;
  std::chrono::milliseconds silence_;
  Connection::Parser parser_;
  Response refusal_;
  std::string pending_;
  std::size_t begin_ = 0;     // of the next line in pending_
  std::size_t searched_ = 0;  // no newline before it
};

class HttpClient final : public Client {
 public:
  HttpClient(asio::io_context& context, Credentials credentials, Deadlines deadlines)
      : context_(context), credentials_(std::move(credentials)), deadlines_(deadlines) {}

  Task<Result<Response>> call(Request request) override {
    if (!idle_.empty()) {
      auto kept = std::move(idle_.back());
      idle_.pop_back();
      auto answer = co_await on(std::move(kept), request);
      const bool died = !answer && answer.error().kind == Kind::reset;
      if (!died || request.method != "GET") co_return answer;
      idle_.clear();  // what one restart closed it closed for all
    }
    auto fresh = co_await connect();
    if (!fresh) co_return std::unexpected(fresh.error());
    co_return co_await on(std::move(*fresh), request);
  }

  Task<Result<std::shared_ptr<WatchStream>>> watch(Request request) override {
    auto connection = co_await connect();
    if (!connection) co_return std::unexpected(connection.error());
    auto stream = std::make_shared<Stream>(*connection, deadlines_.silence);
    auto head = co_await (*connection)
                    ->exchange(config(), token(), request, stream->parser(), deadlines_.header);
    if (!head) co_return std::unexpected(head.error());
    if (stream->status() != 200) {
      auto body = co_await stream->read_refusal(deadlines_.body);
      if (!body) co_return std::unexpected(body.error());
    }
    co_return std::shared_ptr<WatchStream>(std::move(stream));
  }

  void refresh_credentials() override {
    credentials_.refresh();
    idle_.clear();
  }

  const ClusterConfig& config() const override { return credentials_.config(); }

 private:
  const std::string& token() { return credentials_.token(std::chrono::steady_clock::now()); }

  Task<Result<std::shared_ptr<Connection>>> connect() {
    auto out = std::make_shared<Connection>(context_, credentials_.tls());
    const ClusterConfig config_now = config();
    auto opened = co_await out->open(config_now, deadlines_.connect);
    if (opened) co_return out;
    if (opened.error().kind == Kind::tls) credentials_.refresh();
    co_return std::unexpected(opened.error());
  }

  Task<Result<Response>> on(std::shared_ptr<Connection> connection, const Request& request) {
    Connection::Parser parser;
    parser.body_limit(kMaxBody);
    const std::string bearer = token();
    const ClusterConfig config_now = config();
    auto head =
        co_await connection->exchange(config_now, bearer, request, parser, deadlines_.header);
    if (!head) co_return std::unexpected(head.error());
    while (!parser.is_done()) {
      if (auto done = co_await connection->read_some(parser, deadlines_.body); !done) {
        co_return std::unexpected(done.error());
      }
    }
    Response out{.status = static_cast<int>(parser.get().result_int()),
                 .body = std::move(parser.get().body()),
                 .retry_after = std::string(parser.get()["Retry-After"])};
    if (parser.get().keep_alive() && idle_.size() < kMaxIdle) {
      idle_.push_back(std::move(connection));
    }
    co_return out;
  }

  asio::io_context& context_;
  Credentials credentials_;
  Deadlines deadlines_;
  std::vector<std::shared_ptr<Connection>> idle_;
};

}  // namespace

Result<std::unique_ptr<Client>> Client::create(asio::io_context& context, ClusterConfig config,
                                               Deadlines deadlines) {
  auto credentials = Credentials::create(std::move(config));
  if (!credentials) return std::unexpected(credentials.error());
  return std::make_unique<HttpClient>(context, std::move(*credentials), deadlines);
}

Result<std::unique_ptr<Client>> Client::create(asio::io_context& context, ClusterConfig config) {
  return create(context, std::move(config), Deadlines{});
}

}  // namespace ropewalk::controller::kube
