#include <benchmark/benchmark.h>

#include "carillon/ws/deflate.h"
#include "carillon/ws/frame_writer.h"
#include "carillon/ws/message_assembler.h"

namespace carillon::ws {
namespace {

class CountingSink final : public MessageSink {
 public:
  void on_message(Opcode, std::string_view payload) override { bytes += payload.size(); }
  void on_control(Opcode, std::string_view payload) override { bytes += payload.size(); }
  bool wants_more() const override { return true; }
  size_t bytes = 0;
};

std::string event_of(size_t size) {
  std::string text = R"({"type":"ping","timestamp":")";
  text.resize(std::max(size, text.size()), '7');
  return text;
}

// Feeds copies of `bytes` to a new assembler each time, as a session does for each read.
void feed(benchmark::State& state, const std::string& bytes, size_t piece_bytes) {
  const AssemblerOptions options = {.message_bytes_max = 16 << 20};
  std::string read(bytes);
  CountingSink sink;
  for (auto _ : state) {
    // It is unmasked in place, so each turn needs fresh bytes.
    read.assign(bytes);
    MutableByteView rest(reinterpret_cast<std::byte*>(read.data()), read.size());
    MessageAssembler assembler(options);
    while (!rest.empty()) {
      const MutableByteView piece = rest.first(std::min(rest.size(), piece_bytes));
      rest = rest.subspan(piece.size());
      if (!assembler.feed(piece, sink)) state.SkipWithError("refused");
    }
  }
  benchmark::DoNotOptimize(sink.bytes);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes.size()));
}

// One message in one read: the usual case.
void feed_one(benchmark::State& state) {
  std::string bytes;
  append_masked_frame(bytes, Opcode::kText, event_of(static_cast<size_t>(state.range(0))),
                      0x1234567);
  feed(state, bytes, bytes.size());
}
BENCHMARK(feed_one)->Arg(30)->Arg(125)->Arg(126)->Arg(1000)->Arg(65536);

// A hundred messages in one read.
void feed_batch(benchmark::State& state) {
  std::string bytes;
  for (int i = 0; i < 100; ++i) append_masked_frame(bytes, Opcode::kText, event_of(30), 0x1234567);
  feed(state, bytes, bytes.size());
  state.SetItemsProcessed(state.iterations() * 100);
}
BENCHMARK(feed_batch);

// One message of the given size in reads of 16 KiB.
void feed_large(benchmark::State& state) {
  std::string bytes;
  append_masked_frame(bytes, Opcode::kText, event_of(static_cast<size_t>(state.range(0))),
                      0x1234567);
  feed(state, bytes, 16384);
}
BENCHMARK(feed_large)->Arg(1 << 20)->Arg(16 << 20);

void inflate_one(benchmark::State& state) {
  Deflater deflater;
  Inflater inflater;
  const std::string compressed = deflater.deflate(event_of(static_cast<size_t>(state.range(0))));
  std::string out;
  for (auto _ : state) {
    if (!inflater.inflate(compressed, 16 << 20, out)) state.SkipWithError("refused");
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(inflate_one)->Arg(256)->Arg(1000)->Arg(65536);

void deflate_one(benchmark::State& state) {
  Deflater deflater;
  const std::string text = event_of(static_cast<size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(deflater.deflate(text));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(deflate_one)->Arg(256)->Arg(1000)->Arg(65536);

}  // namespace
}  // namespace carillon::ws
