#include <benchmark/benchmark.h>

#include <string>

#include "carillon/base/utf8.h"

namespace carillon {
namespace {

void validate(benchmark::State& state, std::string_view unit) {
  const auto size = static_cast<size_t>(state.range(0));
  std::string text;
  while (text.size() + unit.size() <= size) text += unit;
  for (auto _ : state) benchmark::DoNotOptimize(is_valid_utf8(text));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}

BENCHMARK_CAPTURE(validate, ascii, R"({"type":"ping","timestamp":17})")
    ->Arg(30)
    ->Arg(125)
    ->Arg(65536);
BENCHMARK_CAPTURE(validate, latin, "Größe und Maß, ")->Arg(125)->Arg(65536);
BENCHMARK_CAPTURE(validate, cyrillic, "привет мир ")->Arg(125)->Arg(65536);
BENCHMARK_CAPTURE(validate, japanese, "日本語テキスト")->Arg(125)->Arg(65536);
BENCHMARK_CAPTURE(validate, emoji, "🚀🎉")->Arg(65536);

}  // namespace
}  // namespace carillon
