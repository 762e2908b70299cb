#include <benchmark/benchmark.h>

#include <vector>

#include "carillon/ws/mask.h"

namespace carillon::ws {
namespace {

// The argument is the payload's length; it lies at an odd address, as after a header of six bytes.
void unmask(benchmark::State& state) {
  const auto size = static_cast<size_t>(state.range(0));
  std::vector<std::byte> bytes(size + 6);
  for (auto _ : state) {
    apply_mask(MutableByteView(bytes).subspan(6), 0x3d21fa37, 0);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(unmask)->Arg(7)->Arg(30)->Arg(125)->Arg(1000)->Arg(65536)->Arg(1 << 20);

}  // namespace
}  // namespace carillon::ws
