// The limits and the breaker as filters and gates: whom they count, what they answer, what lives
// on.
#include "dataplane/filters/circuit_breaker/circuit_breaker.h"
#include "dataplane/filters/ratelimit/client_key.h"
#include "dataplane/filters/ratelimit/ratelimit.h"
#include "fakes.h"

#include <gmock/gmock.h>

namespace ropewalk {
namespace {

using pipeline::Step;
using testing::FakeFlow;
using testing::FakePassage;
using testing::FakeSite;
using testing::FakeWorker;
using ::testing::HasSubstr;

// A token in ten minutes.
constexpr std::string_view kAll = R"({"all":{"interval_ns":600000000000,"burst":2}})";

std::string by(std::string_view strategy, std::string_view key, std::string_view more = "") {
  return R"({"client":{"interval_ns":600000000000,"burst":1,"strategy":")" + std::string(strategy) +
         R"(","key":")" + std::string(key) + "\"}" + std::string(more) + "}";
}

class LimitTest : public ::testing::Test {
 protected:
  // 0 when the request is let through.
  unsigned ask(const pipeline::Gate& gate, testing::Headers headers = {}) {
    FakePassage passage(worker_);
    passage.send(headers);
    passage.params = params_;
    const Step step = gate.run(passage);
    fields_ = passage.answer_fields;
    EXPECT_EQ(passage.body, "");
    return step == Step::next ? 0 : passage.status;
  }
  std::shared_ptr<const pipeline::Gate> gate(std::string_view text) {
    return ratelimit::make_router_limit(site_.at(text)).value();
  }

  FakeWorker worker_;
  FakeSite site_;
  std::vector<pipeline::Param> params_;
  std::string fields_;
};

TEST_F(LimitTest, TheCommonLimitAnswers503) {
  const auto limit = gate(kAll);
  EXPECT_EQ(ask(*limit), 0);
  EXPECT_EQ(ask(*limit), 0);
  EXPECT_EQ(ask(*limit), 503);
  EXPECT_EQ(fields_, "");
}

TEST_F(LimitTest, TheClientsLimitIsAskedFirst) {
  const auto limit =
      gate(by("header", "X-Api-Key", R"(,"all":{"interval_ns":600000000000,"burst":2})"));
  EXPECT_EQ(ask(*limit, {{"x-api-key", "anna"}}), 0);
  EXPECT_EQ(ask(*limit, {{"X-Api-Key", "anna"}}), 429) << "takes nothing from the common one";
  EXPECT_EQ(ask(*limit, {{"X-Api-Key", "bob"}}), 0);
  EXPECT_EQ(ask(*limit, {{"X-Api-Key", "carl"}}), 503);
  EXPECT_EQ(ask(*limit, {{"X-Api-Key", "carl"}}), 429) << "the 503 has spent his token";
  EXPECT_EQ(ask(*limit), 429) << "nobody";
}

TEST_F(LimitTest, PlaceholdersAreNamedAsInTheEndpoint) {
  site_.endpoint.set_path("/orders/{id}");
  const auto limit = gate(by("param", "id"));
  params_ = {{"Id", "7"}};
  EXPECT_EQ(ask(*limit), 0);
  EXPECT_EQ(ask(*limit), 429);
  params_ = {{"Id", "8"}};
  EXPECT_EQ(ask(*limit), 0);
  EXPECT_EQ(ask(*gate(by("param", "Id"))), 429) << "no placeholder of that name";
}

TEST_F(LimitTest, EveryAddressCounts) {
  const auto limit = gate(by("ip", "X-Client"));
  EXPECT_EQ(ask(*limit, {{"X-Client", "2001:db8::7"}}), 0);
  EXPECT_EQ(ask(*limit, {{"X-Client", "[2001:db8::8]:443"}}), 0);
  EXPECT_EQ(ask(*limit, {{"X-Client", "2001:DB8:0::8, 10.0.0.1"}}), 429) << "the same address";
  EXPECT_EQ(ask(*limit, {{"X-Client", "10.1.2.3:99"}}), 0);
  EXPECT_EQ(ask(*limit, {{"X-Client", "10.1.2.3"}}), 429);
  EXPECT_EQ(ask(*limit, {{"X-Client", "nonsense"}}), 0) << "the client's own address";
  EXPECT_EQ(ask(*limit), 429);
}

TEST(FirstAddress, TakesPortsBracketsAndLists) {
  const std::pair<const char*, const char*> cases[] = {
      {"10.0.0.1", "10.0.0.1"},
      {" 10.0.0.1 , 10.0.0.2", "10.0.0.1"},
      {"10.0.0.1:80", "10.0.0.1"},
      {"[::1]:80", "::1"},
      {"[::1]", "::1"},
      {"::ffff:1.2.3.4", "::ffff:1.2.3.4"},
      {"", ""},
      {"[", ""},
      {"[]", ""},
      {"10.0.0", ""},
      {"1.2.3.4:5:6", ""},
      {",", ""},
  };
  for (const auto& [value, expected] : cases)
    EXPECT_EQ(ratelimit::first_address(value), expected) << value;
}

TEST_F(LimitTest, HostNamesNobody) {
  EXPECT_EQ(ask(*gate(by("header", "host")), {{"Host", "shop.example"}}), 429);
  const auto limit = gate(by("ip", "Host"));
  EXPECT_EQ(ask(*limit, {{"Host", "10.0.0.1"}}), 0);
  EXPECT_EQ(ask(*limit, {{"Host", "10.0.0.2"}}), 429) << "the client's own address";
}

TEST_F(LimitTest, HeadersTellWhatIsLeft) {
  const auto limit = gate(by("header", "X-Api-Key", R"(,"headers":true)"));
  EXPECT_EQ(ask(*limit, {{"X-Api-Key", "a"}}), 0);
  EXPECT_EQ(fields_, "RateLimit-Limit: 1\r\nRateLimit-Remaining: 0\r\nRateLimit-Reset: 600\r\n");
  EXPECT_EQ(ask(*limit, {{"X-Api-Key", "a"}}), 429);
  EXPECT_THAT(fields_, HasSubstr("Retry-After: 600\r\n"));
}

TEST_F(LimitTest, BucketsOutliveAConfiguration) {
  auto old = gate(kAll);
  ask(*old);
  ask(*old);
  const auto made_again = gate(kAll);
  old.reset();
  EXPECT_EQ(ask(*made_again), 503);
  EXPECT_EQ(ask(*ratelimit::make_router_limit(site_.at(kAll, "elsewhere")).value()), 0);
}

TEST_F(LimitTest, TextsOfAnotherVersionAreRefused) {
  for (const char* text : {"[]", "{\"all\":1}", R"({"new":1})",
                           R"({"client":{"interval_ns":1,"burst":1,"strategy":"jwt","key":""}})",
                           R"({"all":{"interval_ns":0,"burst":1}})"})
    EXPECT_FALSE(ratelimit::make_router_limit(site_.at(text))) << text;
}

class BackendFilterTest : public ::testing::Test {
 protected:
  // Runs one call and returns the refusal, "" when it went through.
  std::string call(const pipeline::Filter& filter, std::optional<Kind> failure = {}) {
    FakeFlow flow(worker_, passage_);
    if (filter.on_request(flow) == Step::fail) return flow.error.message;
    if (failure) {
      flow.error.kind = *failure;
      filter.on_error(flow);
    } else {
      EXPECT_EQ(filter.on_response(flow), Step::next);
    }
    return {};
  }
  FakeWorker worker_;
  FakePassage passage_{worker_};
  FakeSite site_;
};

TEST_F(BackendFilterTest, TheLimitOfABackendIsAnError) {
  const auto filter = ratelimit::make_backend_limit(site_.at(kAll)).value();
  EXPECT_EQ(call(*filter), "");
  EXPECT_EQ(call(*filter), "");
  EXPECT_EQ(call(*filter), "rate limit exceded");
}

TEST_F(BackendFilterTest, TheBreakerCountsWhatComesBack) {
  constexpr std::string_view kText =
      R"({"interval_s":60,"timeout_s":60,"max_errors":1,"name":"","log":false})";
  auto filter = circuit_breaker::make_circuit_breaker(site_.at(kText)).value();
  EXPECT_EQ(call(*filter, Kind::status), "");
  EXPECT_EQ(call(*filter), "");
  EXPECT_EQ(call(*filter, Kind::timeout), "");
  EXPECT_EQ(call(*filter, Kind::cancelled), "") << "says nothing";
  EXPECT_EQ(call(*filter, Kind::decode), "");
  EXPECT_EQ(call(*filter), "circuit breaker is open");
  const auto again = circuit_breaker::make_circuit_breaker(site_.at(kText)).value();
  filter.reset();
  EXPECT_EQ(call(*again), "circuit breaker is open") << "a reload does not close it";
  EXPECT_FALSE(circuit_breaker::make_circuit_breaker(site_.at(R"({"other":1})")));
}

}  // namespace
}  // namespace ropewalk
