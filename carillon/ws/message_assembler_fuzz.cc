// Messages of a connection. Hostile bytes come to the same end however they are cut, within the
// limits; frames made with the writer come out as they went in.
#include <cstddef>
#include <cstdint>

#include "carillon/base/assert.h"
#include "carillon/base/utf8.h"
#include "carillon/ws/deflate.h"
#include "carillon/ws/message_assembler.h"
#include "carillon/ws/recording_sink_test.h"

namespace {

using namespace carillon;
using namespace carillon::ws;

// Takes decisions from the front of the input; zeros when it is used up.
class Choices {
 public:
  Choices(const uint8_t* data, size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}
  uint8_t byte() {
    const std::string_view one = text(1);
    return one.empty() ? 0 : static_cast<uint8_t>(one[0]);
  }
  std::string_view text(size_t size) {
    const std::string_view front = rest_.substr(0, size);
    rest_.remove_prefix(front.size());
    return front;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

Inflater& inflater() {
  static Inflater one;
  return one;
}

struct Outcome {
  std::vector<Received> received;
  std::string error;
  bool is_idle = false;
  bool operator==(const Outcome&) const = default;
};

// Feeds `bytes` in pieces whose lengths repeat: `first`, `second`, `first`, …; the assembler is
// moved between them, as when a session puts it aside.
Outcome fed(const AssemblerOptions& options, std::string_view bytes, size_t first, size_t second) {
  MessageAssembler assembler(options);
  RecordingSink sink;
  bool is_first = true;
  while (!bytes.empty()) {
    std::string piece(bytes.substr(0, is_first ? first : second));
    is_first = !is_first;
    bytes.remove_prefix(piece.size());
    if (const auto done = assembler.feed(mutable_bytes(piece), sink); !done) {
      CARILLON_ASSERT(close_code_for(done.error()) != CloseCode::kNormal);
      return {std::move(sink.received), std::string(slug(done.error())), false};
    }
    MessageAssembler moved = std::move(assembler);
    assembler = std::move(moved);
    CARILLON_ASSERT(!assembler.is_idle() || assembler.buffered_bytes() == 0);
  }
  return {std::move(sink.received), "", assembler.is_idle()};
}

void check_hostile(const AssemblerOptions& options, Choices choices) {
  const size_t first = size_t{choices.byte()} + 1;
  const size_t second = size_t{choices.byte()} + 1;
  const std::string_view bytes = choices.rest();
  const Outcome whole = fed(options, bytes, bytes.size(), 1);
  CARILLON_ASSERT(fed(options, bytes, 1, 1) == whole);
  CARILLON_ASSERT(fed(options, bytes, first, second) == whole);
  for (const Received& one : whole.received) {
    if (is_control(one.opcode)) {
      CARILLON_ASSERT(one.payload.size() <= kControlPayloadBytesMax);
      continue;
    }
    CARILLON_ASSERT(one.payload.size() <= options.message_bytes_max);
    CARILLON_ASSERT(one.opcode == Opcode::kText ? is_valid_utf8(one.payload)
                                                : options.allow_binary);
  }
  if (whole.received.empty()) return;
  MessageAssembler assembler(options);
  RecordingSink stopped;
  stopped.wanted_count = 1;
  std::string copy(bytes);
  CARILLON_ASSERT(assembler.feed(mutable_bytes(copy), stopped).has_value());
  CARILLON_ASSERT(stopped.received.size() == 1 && stopped.received[0] == whole.received[0]);
}

constexpr size_t kRoundTripBytes = 4096;  // a last message may come on top, of up to 76 kB

class RoundTrip {
 public:
  RoundTrip(const AssemblerOptions& options, Choices choices)
      : options_(options), choices_(choices) {}

  void check() {
    size_t first = size_t{choices_.byte()} + 1;
    const size_t second = size_t{choices_.byte()} + 1;
    while (!choices_.rest().empty() && bytes_.size() < kRoundTripBytes) add_message();
    if (bytes_.size() > 2 * kRoundTripBytes) first *= 64;  // or it takes too long
    const Outcome expected = {sent_, "", true};
    CARILLON_ASSERT(fed(options_, bytes_, bytes_.size(), 1) == expected);
    CARILLON_ASSERT(fed(options_, bytes_, first, second) == expected);
  }

 private:
  void add_message() {
    const uint8_t shape = choices_.byte();
    std::string payload(choices_.text(choices_.byte()));
    // Long ones come from repetition, so that the input stays small.
    const size_t times = (shape & 0x40) != 0 ? 300 : 1;
    std::string whole;
    for (size_t i = 0; i < times; ++i) whole += payload;
    const bool is_text = is_valid_utf8(whole) && (shape & 1) != 0;
    const Opcode opcode = is_text ? Opcode::kText : Opcode::kBinary;
    const bool compressed = options_.inflater != nullptr && (shape & 2) != 0;
    static Deflater deflater;
    const std::string on_wire = compressed ? deflater.deflate(whole, 9 + shape / 4 % 7) : whole;
    add_fragments(opcode, on_wire, compressed);
    sent_.push_back({opcode, std::move(whole)});
  }

  void add_fragments(Opcode opcode, std::string_view payload, bool compressed) {
    for (int fragment = choices_.byte() % 4; fragment > 0; --fragment) {
      const std::string_view head = payload.substr(0, choices_.byte());
      payload.remove_prefix(head.size());
      add_frame(opcode, head, compressed, false);
      opcode = Opcode::kContinuation;
      compressed = false;
      if (choices_.byte() % 2 != 0) {
        const std::string_view ping = choices_.text(choices_.byte() % 126);
        add_frame(Opcode::kPing, ping, false, true);
        sent_.push_back({Opcode::kPing, std::string(ping)});
      }
    }
    add_frame(opcode, payload, compressed, true);
  }

  void add_frame(Opcode opcode, std::string_view payload, bool compressed, bool fin) {
    if (!options_.expect_masked) return append_frame(bytes_, opcode, payload, compressed, fin);
    const size_t begin = bytes_.size();
    append_masked_frame(bytes_, opcode, payload, 0x9b3c55e7 + static_cast<uint32_t>(begin));
    bytes_[begin] =
        static_cast<char>(static_cast<int>(opcode) | (fin ? 0x80 : 0) | (compressed ? 0x40 : 0));
  }

  AssemblerOptions options_;
  Choices choices_;
  std::string bytes_;
  std::vector<Received> sent_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Choices choices(data, size);
  const uint8_t mode = choices.byte();
  AssemblerOptions options = {.message_bytes_max = uint64_t{choices.byte()} * 8,
                              .inflater = (mode & 1) != 0 ? &inflater() : nullptr,
                              .expect_masked = (mode & 2) == 0,
                              .allow_binary = (mode & 4) == 0};
  if ((mode & 8) == 0) {
    check_hostile(options, choices);
  } else {
    options.message_bytes_max = 1 << 17;
    options.allow_binary = true;
    RoundTrip(options, choices).check();
  }
  return 0;
}
