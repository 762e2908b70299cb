// Compressed messages (RFC 7692 §6, §7.2).
#include <gtest/gtest.h>

#include "carillon/base/random.h"
#include "carillon/ws/deflate.h"
#include "carillon/ws/message_assembler.h"
#include "carillon/ws/recording_sink_test.h"

namespace carillon::ws {
namespace {

using std::string_literals::operator""s;

class CompressedMessage : public testing::Test {
 protected:
  // The payloads that come out, or the error at the end, however the bytes are cut.
  std::vector<std::string> fed(std::string_view bytes, uint64_t message_bytes_max = 1 << 17) {
    std::vector<std::string> outcome = fed_in(bytes, message_bytes_max, 0);
    for (const size_t piece_bytes : {1u, 2u, 5u, 100u}) {
      EXPECT_EQ(fed_in(bytes, message_bytes_max, piece_bytes), outcome) << piece_bytes;
    }
    return outcome;
  }

  std::string compressed_frame(std::string_view text) {
    return make_raw_frame({0xc1, deflater_.deflate(text)});
  }

  Deflater deflater_;

 private:
  std::vector<std::string> fed_in(std::string_view bytes, uint64_t max, size_t piece_bytes) {
    MessageAssembler assembler({.message_bytes_max = max, .inflater = &inflater_});
    RecordingSink sink;
    const auto done = feed_in_pieces(assembler, bytes, piece_bytes, sink);
    std::vector<std::string> outcome;
    outcome.reserve(sink.received.size() + 1);
    for (const Received& one : sink.received) outcome.push_back(one.payload);
    if (!done) outcome.emplace_back(slug(done.error()));
    return outcome;
  }

  Inflater inflater_;
};

using Outcome = std::vector<std::string>;

TEST_F(CompressedMessage, IsInflated) {
  const std::string text(70'000, 'z');
  EXPECT_EQ(fed(compressed_frame(text) + make_raw_frame({0x81, "plain"}) + compressed_frame("")),
            (Outcome{text, "plain", ""}));
}

TEST_F(CompressedMessage, IsCompressedAsAWholeAndThenFragmented) {  // §6.1, §7.2.3.1
  EXPECT_EQ(fed(make_raw_frame({0x41, "\xf2\x48\xcd"}) + make_raw_frame({0x89, "ping"}) +
                make_raw_frame({0x80, "\xc9\xc9\x07\x00"s})),
            (Outcome{"ping", "Hello"}));
}

TEST_F(CompressedMessage, HasItsBitOnTheFirstFrameOnly) {  // §6.1
  EXPECT_EQ(
      fed(make_raw_frame({0x41, "\xf2\x48"}) + make_raw_frame({0xc0, "\xcd\xc9\xc9\x07\x00"s})),
      (Outcome{"reserved_bits"}));
  EXPECT_EQ(fed(make_raw_frame({0xc9, ""})), (Outcome{"reserved_bits"}));
}

TEST_F(CompressedMessage, MayBeInterspersedWithOthers) {
  std::string bytes;
  Outcome expected;
  for (int i = 0; i < 20; ++i) {
    const std::string text = "message " + std::to_string(i);
    bytes += i % 3 == 0 ? make_raw_frame({0x81, text}) : compressed_frame(text);
    expected.push_back(text);
  }
  EXPECT_EQ(fed(bytes), expected);
}

TEST_F(CompressedMessage, IsTextAfterInflation) {  // RFC 6455 §8.1
  EXPECT_EQ(fed(compressed_frame("κόσμε")), (Outcome{"κόσμε"}));
  EXPECT_EQ(fed(compressed_frame("caf\xe9")), (Outcome{"bad_utf8"}));
  EXPECT_EQ(fed(make_raw_frame({0xc2, deflater_.deflate("caf\xe9")})), (Outcome{"caf\xe9"}));
}

TEST_F(CompressedMessage, ThatDoesNotInflateIsRefused) {
  EXPECT_EQ(fed(make_raw_frame({0xc1, "\xff\xff"})), (Outcome{"bad_deflate"}));
  EXPECT_EQ(fed(make_raw_frame({0xc1, "\xf2\x48\xcd"})), (Outcome{"bad_deflate"}));
}

TEST_F(CompressedMessage, IsLimitedInInflatedBytes) {
  EXPECT_EQ(fed(compressed_frame(std::string(1000, 'a')), 1000), (Outcome{std::string(1000, 'a')}));
  EXPECT_EQ(fed(compressed_frame(std::string(1001, 'a')), 1000), (Outcome{"too_large"}));
  EXPECT_EQ(fed(compressed_frame(std::string(5'000'000, 'a')), 65536), (Outcome{"too_large"}));
}

TEST_F(CompressedMessage, MayBeLongerThanWhatItInflatesTo) {
  Random random(5);
  std::string text(10'000, '\0');
  for (char& c : text) c = static_cast<char>(random.next());
  const std::string compressed = deflater_.deflate(text);
  ASSERT_GT(compressed.size(), text.size());
  EXPECT_EQ(fed(make_raw_frame({0xc2, compressed}), text.size()), (Outcome{text}));
}

TEST_F(CompressedMessage, IsNotBufferedWithoutEnd) {
  // Empty blocks inflate to nothing; the buffer is bounded all the same.
  std::string blocks;
  while (blocks.size() < 1300) blocks += "\x00\x00\x00\xff\xff"s;
  EXPECT_EQ(fed(make_raw_frame({0xc1, blocks}), 1000), (Outcome{"too_large"}));
  EXPECT_EQ(fed(make_raw_frame({0x41, blocks.substr(0, 1000)}) +
                    make_raw_frame({0x00, blocks.substr(0, 300)}),
                1000),
            (Outcome{"too_large"}));
  EXPECT_EQ(fed(make_raw_frame({0xc1, blocks.substr(0, 1000) + "\x00"s}), 1000), (Outcome{""}));
}

TEST_F(CompressedMessage, CanHaveAnyLimit) {
  EXPECT_EQ(fed(compressed_frame("x"), ~uint64_t{0}), (Outcome{"x"}));
  EXPECT_EQ(fed(compressed_frame(""), 0), (Outcome{""}));
  EXPECT_EQ(fed(compressed_frame("x"), 0), (Outcome{"too_large"}));
}

}  // namespace
}  // namespace carillon::ws
