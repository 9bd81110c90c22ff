#include "dataplane/telemetry/access_log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <string>
#include <thread>
#include <vector>

namespace ropewalk::telemetry {
namespace {

using testing::HasSubstr;

const PartRecord kParts[] = {
    {"shop/products", "10.1.2.3:8080", 200, 512, ""},
    {"shop/offers", "", 0, 2000001, "connection refused \"x\"\n"},
};

AccessRecord record() {
  return {.time_ms = 1767225600042,
          .request_id = "abc",
          .client = "192.0.2.1",
          .method = "GET",
          .host = "shop.example.com",
          .target = "/v1/products?page=2",
          .endpoint = "GET /v1/products",
          .status = 200,
          .bytes = 97,
          .duration_us = 12345,
          .completed = false,
          .parts = kParts};
}

std::string format(const AccessRecord& record, log::Format format) {
  std::string out;
  format_access_record(out, record, format);
  return out;
}

TEST(AccessRecord, Text) {
  EXPECT_EQ(format(record(), log::Format::text),
            "2026-01-01T00:00:00.042Z access method=GET target=\"/v1/products?page=2\" status=200 "
            "ms=12.345 bytes=97 completed=false endpoint=\"GET /v1/products\" request_id=abc "
            "client=192.0.2.1 host=shop.example.com part=shop/products "
            "part_address=10.1.2.3:8080 part_status=200 part_ms=0.512 part=shop/offers "
            "part_address=\"\" part_status=0 part_ms=2000.001 "
            "part_error=\"connection refused \\\"x\\\"\\u000a\"\n");
}

TEST(AccessRecord, JsonIsOneObjectPerLine) {
  const std::string line = format(record(), log::Format::json);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto parsed = nlohmann::json::parse(line);
  EXPECT_EQ(parsed, nlohmann::json::parse(R"({
    "time": "2026-01-01T00:00:00.042Z", "request_id": "abc", "client": "192.0.2.1",
    "method": "GET", "host": "shop.example.com", "target": "/v1/products?page=2",
    "endpoint": "GET /v1/products", "status": 200, "bytes": 97, "ms": 12.345, "completed": false,
    "parts": [
      {"backend": "shop/products", "address": "10.1.2.3:8080", "status": 200, "ms": 0.512},
      {"backend": "shop/offers", "address": "", "status": 0, "ms": 2000.001,
       "error": "connection refused \"x\"\n"}]})"));
}

TEST(AccessRecord, ClientsCannotForgeLines) {
  AccessRecord forged = record();
  forged.target = "/a\nb\x1b[31m\xff status=200";
  forged.host = "a\"b";
  const std::string text = format(forged, log::Format::text);
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  EXPECT_THAT(text, HasSubstr("target=\"/a\\u000ab\\u001b[31m\xef\xbf\xbd status=200\""));
  EXPECT_THAT(text, HasSubstr("host=\"a\\\"b\""));
  EXPECT_EQ(nlohmann::json::parse(format(forged, log::Format::json))["host"], "a\"b");
}

TEST(AccessRecord, TimesOfOneSecondAreToldApart) {
  AccessRecord first = record();
  AccessRecord second = record();
  second.time_ms += 900;
  AccessRecord third = record();
  third.time_ms += 1900;
  EXPECT_THAT(format(first, log::Format::text), HasSubstr("00:00:00.042Z"));
  EXPECT_THAT(format(second, log::Format::text), HasSubstr("00:00:00.942Z"));
  EXPECT_THAT(format(third, log::Format::text), HasSubstr("00:00:01.942Z"));
}

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0); }
  ~Pipe() {
    for (const int end : ends)
      if (end >= 0) ::close(end);
  }
  void close_reader() { ::close(std::exchange(ends[0], -1)); }
  void close_writer() { ::close(std::exchange(ends[1], -1)); }
  std::string read_all() {
    std::string out;
    char block[65536];
    for (ssize_t n; (n = ::read(ends[0], block, sizeof block)) > 0;)
      out.append(block, static_cast<std::size_t>(n));
    return out;
  }
  int ends[2] = {-1, -1};
};

TEST(AccessLog, WritesEveryLineOfEveryThreadWhole) {
  Pipe pipe;
  std::string seen;
  std::thread reader([&] { seen = pipe.read_all(); });
  {
    AccessLog log(log::Format::json, pipe.ends[1]);
    std::vector<std::thread> workers;
    for (int worker = 0; worker < 4; ++worker)
      workers.emplace_back([&log, worker] {
        const std::string id = std::to_string(worker);
        for (int i = 0; i < 500; ++i) {
          AccessRecord line = record();
          line.request_id = id;
          log.write(line);
        }
      });
    for (auto& worker : workers) worker.join();
  }
  pipe.close_writer();
  reader.join();
  std::map<std::string, int> lines;
  std::istringstream text(seen);
  for (std::string line; std::getline(text, line);)
    ++lines[nlohmann::json::parse(line)["request_id"].get<std::string>()];
  EXPECT_THAT(lines, testing::ElementsAre(testing::Pair("0", 500), testing::Pair("1", 500),
                                          testing::Pair("2", 500), testing::Pair("3", 500)));
}

TEST(AccessLog, ALineAppearsWithoutMoreTraffic) {
  Pipe pipe;
  AccessLog log(log::Format::text, pipe.ends[1]);
  log.write(record());
  char block[4096];
  EXPECT_GT(::read(pipe.ends[0], block, sizeof block), 0);
}

TEST(AccessLog, AReaderThatStandsStillCostsLinesNotRequests) {
  Pipe pipe;
  const std::string line = format(record(), log::Format::text);
  const std::size_t many = (12u << 20) / line.size();
  testing::internal::CaptureStderr();
  std::string seen;
  std::thread reader;
  {
    AccessLog log(log::Format::text, pipe.ends[1]);
    for (std::size_t i = 0; i < many; ++i) log.write(record());
    reader = std::thread([&] { seen = pipe.read_all(); });
  }
  pipe.close_writer();
  reader.join();
  const std::string warnings = testing::internal::GetCapturedStderr();
  EXPECT_THAT(warnings, HasSubstr("access log lines dropped"));
  EXPECT_LE(seen.size(), (8u << 20) + 65536 + 4096);
  EXPECT_EQ(seen.size() % line.size(), 0u);
  EXPECT_GT(seen.size(), 7u << 20);
}

TEST(AccessLog, EndsThoughNobodyReads) {
  Pipe pipe;
  const auto capacity = static_cast<std::size_t>(::fcntl(pipe.ends[1], F_GETPIPE_SZ));
  {
    AccessLog log(log::Format::text, pipe.ends[1]);
    for (int i = 0; i < 2000; ++i) log.write(record());
  }
  pipe.close_writer();
  const std::size_t written = pipe.read_all().size();  // what fits, then it gives up
  EXPECT_GT(written, capacity / 2);                    // pages of a pipe need not be full
  EXPECT_LE(written, capacity);
}

TEST(AccessLog, AReaderThatGoesAwayIsAWarning) {
  Pipe pipe;
  pipe.close_reader();
  testing::internal::CaptureStderr();
  {
    AccessLog log(log::Format::text, pipe.ends[1]);
    log.write(record());
  }
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("access log is lost"));
}

}  // namespace
}  // namespace ropewalk::telemetry
