#include "carillon/ws/deflate.h"

#include <zlib.h>

#include <limits>

#include "carillon/base/assert.h"
#include "carillon/ws/bounded_append.h"

namespace carillon::ws {
namespace {

// What Z_SYNC_FLUSH ends a message with, taken off by the sender and put back by the receiver
// (RFC 7692 §7.2.1, §7.2.2).
constexpr std::string_view kTail("\x00\x00\xff\xff", 4);

// zlib's own default; its state is 256 KiB with the largest window.
constexpr int kMemoryLevel = 8;

void set_input(z_stream& stream, std::string_view input) {
  CARILLON_ASSERT(input.size() <= std::numeric_limits<uInt>::max());
  // zlib does not write there; its older headers only lack the const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  stream.avail_in = static_cast<uInt>(input.size());
}

}  // namespace

struct Deflater::Stream {
  explicit Stream(int window_bits) {
    const int code = deflateInit2(&state, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -window_bits,
                                  kMemoryLevel, Z_DEFAULT_STRATEGY);
    CARILLON_ASSERT(code == Z_OK);
  }
  ~Stream() { deflateEnd(&state); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  z_stream state{};
};

Deflater::Deflater() = default;
Deflater::~Deflater() = default;
Deflater::Deflater(Deflater&&) noexcept = default;
Deflater& Deflater::operator=(Deflater&&) noexcept = default;

std::string Deflater::deflate(std::string_view payload, int window_bits) {
  CARILLON_ASSERT(window_bits >= kWindowBitsMin && window_bits <= kWindowBitsMax);
  auto& stream = streams_[static_cast<size_t>(window_bits - kWindowBitsMin)];
  if (stream == nullptr) stream = std::make_unique<Stream>(window_bits);
  z_stream& state = stream->state;
  deflateReset(&state);  // §7.1.1.1: no context takeover
  set_input(state, payload);

  // The bound is for a finished stream; the flush in place of the end adds one empty block.
  std::string out(deflateBound(&state, static_cast<uLong>(payload.size())) + 16, '\0');
  state.next_out = reinterpret_cast<Bytef*>(out.data());
  state.avail_out = static_cast<uInt>(out.size());
  const int code = ::deflate(&state, Z_SYNC_FLUSH);
  CARILLON_ASSERT(code == Z_OK && state.avail_in == 0 && state.avail_out > 0);
  out.resize(out.size() - state.avail_out);
  CARILLON_ASSERT(out.ends_with(kTail));
  out.resize(out.size() - kTail.size());
  return out;
}

struct Inflater::Stream {
  Stream() {
    // The largest window inflates whatever the peer chose.
    const int code = inflateInit2(&state, -kWindowBitsMax);
    CARILLON_ASSERT(code == Z_OK);
  }
  ~Stream() { inflateEnd(&state); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  bool is_between_blocks() const noexcept { return has_ended || (state.data_type & 128) != 0; }
  Result<void, InflateError> consume(std::string_view input, size_t bytes_max, std::string& out);

  z_stream state{};
  bool has_ended = false;  // a block with BFINAL was the last thing consumed
};

// Inflates all of `input` onto `out`.
Result<void, InflateError> Inflater::Stream::consume(std::string_view input,
                                                     size_t bytes_max,
                                                     std::string& out) {
  char chunk[16384];
  set_input(state, input);
  do {
    if (has_ended) {
      // RFC 7692 §7.2.3.4: more blocks may follow one with BFINAL.
      inflateReset(&state);
      has_ended = false;
    }
    state.next_out = reinterpret_cast<Bytef*>(chunk);
    state.avail_out = sizeof chunk;
    const int code = ::inflate(&state, Z_SYNC_FLUSH);
    CARILLON_ASSERT(code != Z_MEM_ERROR && code != Z_STREAM_ERROR);
    if (code == Z_DATA_ERROR || code == Z_NEED_DICT) return Err(InflateError::kCorrupt);
    has_ended = code == Z_STREAM_END;
    const size_t produced = sizeof chunk - state.avail_out;
    if (produced > bytes_max - out.size()) return Err(InflateError::kTooLarge);
    append_bounded(out, {chunk, produced}, bytes_max);
  } while (state.avail_in > 0 || (state.avail_out == 0 && !has_ended));
  return {};
}

Inflater::Inflater() : stream_(std::make_unique<Stream>()) {}
Inflater::~Inflater() = default;
Inflater::Inflater(Inflater&&) noexcept = default;
Inflater& Inflater::operator=(Inflater&&) noexcept = default;

Result<void, InflateError> Inflater::inflate(std::string_view compressed,
                                             size_t bytes_max,
                                             std::string& out) {
  out.clear();
  // Not even the empty block that §7.2.3.6 asks for, but zlib gives nothing for a second flush and
  // some clients send that.
  if (compressed.empty()) return {};
  inflateReset(&stream_->state);
  stream_->has_ended = false;
  if (auto done = stream_->consume(compressed, bytes_max, out); !done) return done;
  // A sender that ended its stream need not have left room for the tail.
  if (stream_->has_ended) return {};
  // The tail must be the body of an empty block, or the message ended inside another.
  const size_t message_bytes = out.size();
  if (auto done = stream_->consume(kTail, bytes_max, out); !done) return done;
  if (out.size() != message_bytes || !stream_->is_between_blocks()) {
    return Err(InflateError::kCorrupt);
  }
  return {};
}

}  // namespace carillon::ws
