#include "dataplane/http/reader.h"
#include "tests/http/beast_oracle.h"

#include <benchmark/benchmark.h>

namespace ropewalk::http {
namespace {

constexpr std::string_view kWrk =
    "GET /v1/products?page=2 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";
constexpr std::string_view kBrowser =
    "GET /v1/products?page=2 HTTP/1.1\r\nHost: shop.example\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    "Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
    "Connection: keep-alive\r\nCookie: session=0123456789abcdef0123456789abcdef; theme=dark\r\n"
    "Upgrade-Insecure-Requests: 1\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-Site: none\r\nSec-Fetch-User: ?1\r\nPriority: u=0, i\r\n\r\n";
constexpr std::string_view kNginx =
    "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sat, 21 Nov 2026 13:26:00 GMT\r\n"
    "Content-Type: application/json\r\nContent-Length: 97\r\nConnection: keep-alive\r\n"
    "Last-Modified: Sat, 21 Nov 2026 12:00:00 GMT\r\nETag: \"6920-61\"\r\n\r\n";

void BM_request(benchmark::State& state, std::string_view head) {
  const ReaderLimits limits;
  RequestReader reader(limits);
  for (auto _ : state) {
    reader.reset(limits);
    if (reader.read_head(head).step != Step::done) state.SkipWithError("refused");
    benchmark::DoNotOptimize(reader.head());
  }
}
BENCHMARK_CAPTURE(BM_request, wrk, kWrk);
BENCHMARK_CAPTURE(BM_request, browser, kBrowser);

void BM_response(benchmark::State& state) {
  const ReaderLimits limits;
  ResponseReader reader(limits);
  for (auto _ : state) {
    reader.reset(limits, Method::get);
    if (reader.read_head(kNginx).step != Step::done) state.SkipWithError("refused");
    benchmark::DoNotOptimize(reader.head());
  }
}
BENCHMARK(BM_response);

void BM_beast_request(benchmark::State& state, std::string_view head) {
  for (auto _ : state) benchmark::DoNotOptimize(beast_request_head(head));
}
BENCHMARK_CAPTURE(BM_beast_request, wrk, kWrk);
BENCHMARK_CAPTURE(BM_beast_request, browser, kBrowser);

void BM_beast_response(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(beast_response_head(kNginx));
}
BENCHMARK(BM_beast_response);

void BM_chunked_body(benchmark::State& state) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string body = "61\r\n" + std::string(97, 'x') + "\r\n0\r\n\r\n";
  const ReaderLimits limits;
  ResponseReader reader(limits);
  for (auto _ : state) {
    reader.reset(limits, Method::get);
    reader.read_head(head);
    if (reader.read_body(body).step != Step::done) state.SkipWithError("refused");
  }
}
BENCHMARK(BM_chunked_body);

}  // namespace
}  // namespace ropewalk::http
