// A call and its backend on one thread: what the one does between two turns of the event loop the
// other does not see before the next.
#include "dataplane/backend/call.h"

#include "dataplane/runtime/kept_memory.h"

#include <gmock/gmock.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

namespace ropewalk::backend {
namespace {

using asio::ip::tcp;
using runtime::Clock;
using testing::HasSubstr;
using namespace std::chrono_literals;

// Looks at the body as long as it is told, and is content with a body that ends in `end`.
struct Owner final : CallOwner {
  void on_call_done(Call& call) override {
    body = call.body();
    ended = Clock::now();
  }
  void on_call_failed(Call&, Error why) override {
    error = why.message;
    ended = Clock::now();
  }
  bool suffices(Call&, std::string_view come) override {
    const auto begin = Clock::now();
    if (!looks.empty() && begin - looks.back().end < 20 * sharing * looks.back().took())
      ++too_early;
    while (Clock::now() < begin + a_look_takes) {
    }
    looks.push_back({begin, Clock::now()});
    return come.ends_with(end);
  }

  struct Look {
    Clock::duration took() const { return end - begin; }
    Clock::time_point begin, end;
  };
  Clock::duration a_look_takes = 0ms;
  std::string end = "]";
  int sharing = 1;  // calls among which what looks may take is divided, at least
  std::vector<Look> looks;
  int too_early = 0;
  std::string body, error;
  std::optional<Clock::time_point> ended;
};

class CallTest : public testing::Test {
 protected:
  CallTest() {
    host_.address = "127.0.0.1";
    host_.literal = true;
    host_.port = acceptor_.local_endpoint().port();
    host_.authority = "backend";
    host_.url = "http://backend";
    auto hosts = std::make_shared<compile::HostList>(1, host_);
    targets_.hosts = hosts;
    targets_.list.push_back({&hosts->front(), pool_.of(hosts->front(), nullptr, {})});
    request_.method = "GET";
    request_.target = "/";
    request_.retry_when_idle_died = true;
    options_.settings = &settings_;
  }

  void turn() {
    io_.run_for(1ms);
    io_.restart();
    wheel_.advance(Clock::now());
  }
  template <class Condition>
  bool until(Condition condition) {
    const auto patience = Clock::now() + 30s;
    bool met = condition();
    for (; !met && Clock::now() < patience; met = condition()) turn();
    return met;
  }
  void until(Clock::time_point moment) {
    while (Clock::now() < moment) turn();
  }
  tcp::socket accept() {
    acceptor_.non_blocking(true);
    tcp::socket peer(io_);
    error_code error;
    EXPECT_TRUE(until([&] {
      acceptor_.accept(peer, error);
      return !error;
    }));
    EXPECT_TRUE(until([&] { return peer.available() > 0; }));
    std::string head;
    asio::read_until(peer, asio::dynamic_buffer(head), "\r\n\r\n");
    return peer;
  }
  static void say(tcp::socket& peer, const std::string& text) {
    asio::write(peer, asio::buffer(text));
  }

  asio::io_context io_;
  runtime::TimerWheel wheel_{Clock::now()};
  net::Resolver resolver_{io_};
  Environment environment_{io_, wheel_, resolver_};
  Pool pool_{nullptr};
  tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
  compile::Host host_;
  compile::Settings settings_;
  Targets targets_;
  Request request_;
  Call::Options options_;
};

const char* const kHead = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n[";

// Else a backend that sends much and then a byte now and then has the worker for itself.
TEST_F(CallTest, LooksAtABodyThatDoesNotEndTakeASmallShareOfTheWorker) {
  options_.may_end_early = true;
  options_.deadline = Clock::now() + 1h;
  std::vector<std::unique_ptr<Owner>> owners;
  std::vector<std::unique_ptr<Call>> calls;
  std::vector<tcp::socket> peers;
  for (int i = 0; i < 3; ++i) {
    owners.push_back(std::make_unique<Owner>());
    owners.back()->a_look_takes = 5ms;
    calls.push_back(std::make_unique<Call>(environment_, *owners.back()));
    calls.back()->start(request_, options_, targets_);
    peers.push_back(accept());
    say(peers.back(), kHead);
  }
  // A byte now and then, until each was looked at so often.
  const auto trickle = [&](std::size_t looks) {
    const auto enough = [&] {
      return std::ranges::all_of(owners,
                                 [&](const auto& owner) { return owner->looks.size() >= looks; });
    };
    for (const auto patience = Clock::now() + 60s; !enough() && Clock::now() < patience;) {
      until(Clock::now() + 25ms);
      for (tcp::socket& peer : peers) say(peer, ",");
    }
    for (const auto& owner : owners) {
      EXPECT_GE(owner->looks.size(), looks);
      EXPECT_EQ(owner->too_early, 0);
    }
  };
  trickle(2);
  ASSERT_EQ(environment_.looked_in_vain, owners.size());
  for (const auto& owner : owners) {
    owner->looks.clear();
    owner->sharing = 3;
  }
  trickle(3);
  calls.clear();
  EXPECT_EQ(environment_.looked_in_vain, 0U);
}

TEST_F(CallTest, ABodyThatIsWholeInTimeIsSeenBeforeTheDeadline) {
  options_.may_end_early = true;
  options_.deadline = Clock::now() + 6s;
  Owner owner;
  owner.a_look_takes = 500ms;
  Call call(environment_, owner);
  call.start(request_, options_, targets_);
  tcp::socket peer = accept();
  say(peer, kHead);
  ASSERT_TRUE(until([&] { return owner.looks.size() == 1; }));
  say(peer, "1]");
  ASSERT_TRUE(until([&] { return owner.ended.has_value(); }));
  EXPECT_EQ(owner.body, "[1]");
  EXPECT_LT(*owner.ended, owner.looks[0].end + 9s);  // when the next look would have been
}

TEST_F(CallTest, ABodyWithoutAnEndIsSeenAtThePause) {
  options_.may_end_early = true;
  options_.deadline = Clock::now() + 1h;
  Owner owner;
  Call call(environment_, owner);
  call.start(request_, options_, targets_);
  tcp::socket peer = accept();
  say(peer, std::string(kHead) + "1");
  ASSERT_TRUE(until([&] { return owner.looks.size() == 1; }));
  say(peer, "]");
  ASSERT_TRUE(until([&] { return owner.ended.has_value(); }));
  EXPECT_EQ(owner.body, "[1]");
  EXPECT_EQ(owner.looks.size(), 2U);
}

// The peer's end, and what it said before, has arrived but has not been read when the call begins.
TEST_F(CallTest, AKeptConnectionThatDiedIsReplaced) {
  for (const std::string last_words : {"", "HTTP/1.1 408 Request Timeout\r\n\r\n"})
    for (const bool resets : {false, true}) {
      if (!last_words.empty() && !resets) continue;  // then the request is taken
      Owner first, second;
      Call call(environment_, first);
      call.start(request_, options_, targets_);
      tcp::socket old = accept();
      say(old, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nold");
      ASSERT_TRUE(until([&] { return first.ended.has_value(); }));
      ASSERT_EQ(targets_.list[0].pool->idle(), 1U);
      if (!last_words.empty()) say(old, last_words);
      if (resets) old.set_option(asio::socket_base::linger(true, 0));
      old.close();
      Call again(environment_, second);
      again.start(request_, options_, targets_);
      tcp::socket fresh = accept();
      say(fresh, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew");
      ASSERT_TRUE(until([&] { return second.ended.has_value(); }));
      EXPECT_EQ(second.body, "new") << second.error << last_words << resets;
      EXPECT_TRUE(again.retried());
      while (const ConnectionRef kept = targets_.list[0].pool->take()) kept->close();
    }
}

// The call takes the connection's buffer for the answer and leaves its own behind.
TEST_F(CallTest, ALargeAnswerLeavesNoLargeBufferInThePool) {
  Owner owner;
  Call call(environment_, owner);
  std::optional<tcp::socket> peer;
  for (const std::size_t size : {4 * runtime::kKeptByConnection, std::size_t{3}, std::size_t{3}}) {
    owner.ended.reset();
    call.start(request_, options_, targets_);
    if (!peer) peer = accept();
    peer->non_blocking(true);
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) +
                               "\r\n\r\n" + std::string(size, 'x');
    std::size_t said = 0;
    ASSERT_TRUE(until([&] {
      error_code full;
      if (said < answer.size())
        said += peer->write_some(asio::buffer(answer.data() + said, answer.size() - said), full);
      return owner.ended.has_value();
    }));
    EXPECT_EQ(owner.body.size(), size) << owner.error;
    ConnectionRef kept = targets_.list[0].pool->take();
    ASSERT_TRUE(kept);
    EXPECT_LE(kept->in.capacity(), runtime::kKeptByConnection) << size;
    kept->close();
    peer.reset();
  }
  call.give_back();
  EXPECT_TRUE(call.body().empty());
}

}  // namespace
}  // namespace ropewalk::backend
