#include "carillon/ws/deflate.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "carillon/base/random.h"

namespace carillon::ws {
namespace {

using namespace std::string_literals;

std::string noise(size_t size) {
  Random random(size);
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random.next());
  return text;
}

std::string events(size_t size) {
  std::string text;
  for (int i = 0; text.size() < size; ++i) {
    text += R"({"type":"grade_received","grade":{"id":)" + std::to_string(i) + "}}";
  }
  text.resize(size);
  return text;
}

std::string inflated(std::string_view compressed, size_t bytes_max = 1 << 20) {
  Inflater inflater;
  std::string out;
  const auto done = inflater.inflate(compressed, bytes_max, out);
  if (!done) return done.error() == InflateError::kTooLarge ? "too large" : "corrupt";
  return out;
}

// Raw deflate with a peer's own choice of ending.
std::string finished(std::string_view payload, int strategy = Z_DEFAULT_STRATEGY) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, -15, 8, strategy);
  std::string out(deflateBound(&stream, payload.size()) + 16, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(payload.data()));
  stream.avail_in = static_cast<uInt>(payload.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

TEST(Inflater, ReadsTheExamplesOfTheRfc) {
  EXPECT_EQ(inflated("\xf2\x48\xcd\xc9\xc9\x07\x00"s), "Hello");                  // §7.2.3.1
  EXPECT_EQ(inflated("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"s), "Hello");  // §7.2.3.3
  EXPECT_EQ(inflated("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s), "Hello");              // §7.2.3.4
  EXPECT_EQ(inflated("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"s),
            "Hello");                // §7.2.3.5
  EXPECT_EQ(inflated("\x00"s), "");  // §7.2.3.6
}

TEST(Deflater, MakesTheExamplesOfTheRfc) {
  Deflater deflater;
  EXPECT_EQ(deflater.deflate("Hello"), "\xf2\x48\xcd\xc9\xc9\x07\x00"s);  // §7.2.3.1
  EXPECT_EQ(deflater.deflate(""), "\x00"s);                               // §7.2.3.6
}

TEST(Deflater, StartsEveryMessageAfresh) {  // §7.1.1.1
  Deflater deflater;
  const std::string first = deflater.deflate(events(1000));
  EXPECT_EQ(deflater.deflate(events(1000)), first);
  EXPECT_EQ(inflated(first), events(1000));
}

TEST(Deflater, RoundTripsEveryWindowAndSize) {
  Deflater deflater;
  Inflater inflater;
  std::string out;
  for (int bits = kWindowBitsMin; bits <= kWindowBitsMax; ++bits) {
    for (const size_t size : {0, 1, 125, 126, 255, 256, 511, 512, 513, 16383, 16384, 16385, 32767,
                              32768, 65535, 65536, 200'000}) {
      for (const std::string& text : {events(size), noise(size)}) {
        ASSERT_TRUE(inflater.inflate(deflater.deflate(text, bits), size, out));
        ASSERT_EQ(out, text) << bits << ' ' << size;
      }
    }
  }
}

TEST(Deflater, KeepsToTheWindowThatWasAgreed) {  // §7.1.2.1
  // Repeats itself at a distance that only windows over 512 bytes reach.
  const std::string text = noise(600) + noise(600);
  Deflater deflater;
  for (int bits = kWindowBitsMin; bits <= kWindowBitsMax; ++bits) {
    const std::string compressed = deflater.deflate(text, bits) + "\x00\x00\xff\xff"s;
    z_stream stream{};
    ASSERT_EQ(inflateInit2(&stream, -bits), Z_OK);
    // One byte of output at a time, so that zlib must use its window and not our buffer.
    std::string out;
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
    stream.avail_in = static_cast<uInt>(compressed.size());
    int code = Z_OK;
    while (code == Z_OK && out.size() < text.size()) {
      char byte = 0;
      stream.next_out = reinterpret_cast<Bytef*>(&byte);
      stream.avail_out = 1;
      code = ::inflate(&stream, Z_SYNC_FLUSH);
      if (stream.avail_out == 0) out += byte;
    }
    inflateEnd(&stream);
    ASSERT_EQ(out, text) << bits;
  }
}

TEST(Deflater, SurvivesAMove) {
  Deflater first;
  EXPECT_EQ(inflated(first.deflate("one")), "one");
  Deflater second = std::move(first);
  EXPECT_EQ(inflated(second.deflate("two")), "two");
  Inflater inflater;
  Inflater moved = std::move(inflater);
  std::string out;
  EXPECT_TRUE(moved.inflate("\x00"s, 0, out));
}

TEST(Inflater, CountsInflatedBytes) {
  Deflater deflater;
  for (const size_t size : {1, 125, 65535, 65536, 100'000}) {
    const std::string compressed = deflater.deflate(std::string(size, 'a'));
    EXPECT_EQ(inflated(compressed, size).size(), size);
    EXPECT_EQ(inflated(compressed, size - 1), "too large");
  }
}

TEST(Inflater, StopsABombAtTheLimit) {
  const std::string bomb = Deflater().deflate(std::string(50'000'000, '\0'));
  EXPECT_LT(bomb.size(), 60'000u);
  Inflater inflater;
  std::string out;
  const auto done = inflater.inflate(bomb, 65536, out);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), InflateError::kTooLarge);
  EXPECT_LE(out.capacity(), 65536u);
}

TEST(Inflater, RefusesWhatIsNotDeflate) {
  EXPECT_EQ(inflated("\xff\xff\xff"), "corrupt");
  EXPECT_EQ(inflated("\x07"), "corrupt");                            // block type 3
  EXPECT_EQ(inflated("\x00\x05\x00\x00\x00Hello\x00"s), "corrupt");  // length check
  EXPECT_EQ(inflated("\x02\x03"), "corrupt");                        // distance too far back
}

TEST(Inflater, RefusesAMessageThatEndsInsideABlock) {
  const std::string whole = Deflater().deflate(noise(400));
  // Its first byte alone is that of an empty block (§7.2.3.6).
  for (size_t size = 2; size < whole.size(); ++size) {
    ASSERT_EQ(inflated(whole.substr(0, size)), "corrupt") << size;
  }
}

TEST(Inflater, TakesBlocksWithBfinal) {  // §7.2.3.4
  for (const int strategy : {Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY}) {
    const std::string text = events(5000);
    EXPECT_EQ(inflated(finished(text, strategy)), text);            // without the byte of padding
    EXPECT_EQ(inflated(finished(text, strategy) + "\x00"s), text);  // with it
    EXPECT_EQ(inflated(finished("a", strategy) + finished("b", strategy)), "ab");
  }
  // A stored block with BFINAL whose tail was taken off as if it were a flush.
  EXPECT_EQ(inflated("\x01"s), "");
}

TEST(Inflater, TakesManyFinalBlocksInLinearTime) {
  std::string compressed;
  for (int i = 0; i < 20'000; ++i) compressed += "\x03\x00"s;  // an empty final block
  EXPECT_EQ(inflated(compressed), "");
}

TEST(Inflater, TakesAnEmptyPayloadForAnEmptyMessage) {
  EXPECT_EQ(inflated(""), "");
}

TEST(Inflater, IsGoodAsNewAfterAnError) {
  Inflater inflater;
  std::string out;
  EXPECT_FALSE(inflater.inflate("\xff\xff", 100, out));
  EXPECT_FALSE(inflater.inflate(Deflater().deflate("too long"), 3, out));
  EXPECT_TRUE(inflater.inflate("\xf3\x48\xcd\xc9\xc9\x07\x00"s, 100, out));
  EXPECT_EQ(out, "Hello");
  EXPECT_TRUE(inflater.inflate("\xf2\x48\xcd\xc9\xc9\x07\x00"s, 100, out));
  EXPECT_EQ(out, "Hello");
}

}  // namespace
}  // namespace carillon::ws
