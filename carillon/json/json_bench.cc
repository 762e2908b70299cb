#include <benchmark/benchmark.h>

#include <string_view>

#include "carillon/json/reader.h"
#include "carillon/json/writer.h"

namespace {

constexpr std::string_view kPing = R"({"type":"ping","timestamp":123})";
constexpr std::string_view kEvent =
    R"({"type":"grade_received","grade":{"score":92,"feedback":"Well argued.","submission_id":17,)"
    R"("assignment":{"id":3,"title":"Essay","max_score":100}},"at":"2026-11-22T20:26:45Z"})";

void BM_JsonParse(benchmark::State& state, std::string_view text) {
  for (auto _ : state) benchmark::DoNotOptimize(carillon::json::parse(text));
}
BENCHMARK_CAPTURE(BM_JsonParse, ping, kPing);
BENCHMARK_CAPTURE(BM_JsonParse, event, kEvent);

void BM_JsonPrint(benchmark::State& state, std::string_view text) {
  const auto value = carillon::json::parse(text);
  std::string out;
  for (auto _ : state) {
    out.clear();
    append_json(out, *value);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK_CAPTURE(BM_JsonPrint, ping, kPing);
BENCHMARK_CAPTURE(BM_JsonPrint, event, kEvent);

}  // namespace
