#include "carillon/ws/deflate.h"

#include <gtest/gtest.h>

#include "carillon/base/base64.h"
#include "carillon/base/random.h"

namespace carillon::ws {
namespace {

using std::string_literals::operator""s;

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

// events(300) as one block with BFINAL, from a peer that ends its stream, in base64: once with
// Huffman codes of its own, once with the fixed ones.
constexpr std::string_view kDynamic =
    "BcE7qgAgDEXBvZza4v2LbEbEXMROgggS3PubSfZdwhjRXDXUNY+cwojmwpLp2Md7yb5LGCOaq4a65pFTGNFc"
    "WDId+3wv2XcJY0Rz1VDXPHIKI5oLS6ZjX+8l+y5hjGiuGuqaR05hRHNhyXTs+71k3yWMEc1VQ13zyCmMaC4s"
    "mY79vJfsu4QxorlqqGseOYURzYUl07Hf95J9lzBGNFcNdc0jpzCiubBkOvb3XrLv0j8=";
constexpr std::string_view kFixed =
    "q1YqqSxIVbJSSi9KTEmNL0pNTs0sS01R0oEIKFlVK2WmKFkZ1NZWE6fSkGiVRkSrNCZapQnRKk2JVmkGUwkA";

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
    for (const size_t size : {0u, 1u, 125u, 126u, 255u, 256u, 511u, 512u, 513u, 16383u, 16384u,
                              16385u, 32767u, 32768u, 65535u, 65536u, 200'000u}) {
      for (const std::string& text : {events(size), noise(size)}) {
        ASSERT_TRUE(inflater.inflate(deflater.deflate(text, bits), size, out));
        ASSERT_EQ(out, text) << bits << ' ' << size;
      }
    }
  }
}

// Noise, and the same again: only a window over its length can make the second half short.
size_t compressed_bytes_of_repeat_at(size_t distance, int window_bits) {
  Deflater deflater;
  return deflater.deflate(noise(distance) + noise(distance), window_bits).size();
}

TEST(Deflater, KeepsToTheWindowThatWasAgreed) {  // §7.1.2.1
  constexpr size_t kLookAhead = 262;             // zlib keeps so much of a window for itself
  for (int bits = kWindowBitsMin; bits <= kWindowBitsMax; ++bits) {
    const size_t window = size_t{1} << bits;
    EXPECT_GT(compressed_bytes_of_repeat_at(window + 1, bits), 2 * window) << bits;
    EXPECT_LT(compressed_bytes_of_repeat_at(window - kLookAhead, bits), 3 * window / 2) << bits;
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
  for (const size_t size : {1u, 125u, 65535u, 65536u, 100'000u}) {
    const std::string compressed = deflater.deflate(std::string(size, 'a'));
    EXPECT_EQ(inflated(compressed, size).size(), size);
    EXPECT_EQ(inflated(compressed, size - 1), "too large");
  }
}

TEST(Inflater, StopsABombAtTheLimit) {
  const std::string bomb = Deflater().deflate(std::string(5'000'000, '\0'));
  EXPECT_LT(bomb.size(), 6'000u);
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
  for (const std::string_view encoded : {kDynamic, kFixed}) {
    const std::string block = *base64_decode(encoded);
    EXPECT_EQ(inflated(block), events(300));            // without the byte of padding
    EXPECT_EQ(inflated(block + "\x00"s), events(300));  // with it
    EXPECT_EQ(inflated(block + block), events(300) + events(300));
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
