#include <benchmark/benchmark.h>

#include <string_view>

#include "carillon/http/path_pattern.h"
#include "carillon/http/request_parser.h"
#include "carillon/http/uri.h"

namespace {

// What a current browser sends to open a WebSocket: 508 bytes.
constexpr std::string_view kHandshake =
    "GET /ws/notifications/?token=eyJhbGciOiJIUzI1NiJ9.e30.x HTTP/1.1\r\n"
    "Host: localhost:8000\r\n"
    "Connection: Upgrade\r\n"
    "Pragma: no-cache\r\n"
    "Cache-Control: no-cache\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML) Chrome/130.0\r\n"
    "Upgrade: websocket\r\n"
    "Origin: http://localhost:8000\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-GB,en;q=0.9\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
    "\r\n";

void BM_ParseHead(benchmark::State& state) {
  carillon::http::Request request;
  for (auto _ : state) {
    size_t scanned = 0;
    benchmark::DoNotOptimize(carillon::http::parse_head(kHandshake, {}, request, scanned));
  }
}
BENCHMARK(BM_ParseHead);

void BM_MatchPath(benchmark::State& state) {
  const auto pattern = carillon::http::PathPattern::parse("/ws/mentor/{id}/");
  std::vector<std::string> params;
  for (auto _ : state) benchmark::DoNotOptimize(pattern->match("/ws/mentor/1234/", params));
}
BENCHMARK(BM_MatchPath);

void BM_QueryParam(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(carillon::http::query_param("v=1&token=eyJhbGciOiJIUzI1", "token"));
  }
}
BENCHMARK(BM_QueryParam);

}  // namespace
