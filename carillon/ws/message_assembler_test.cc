#include "carillon/ws/message_assembler.h"

#include <gtest/gtest.h>

#include <memory>

#include "carillon/ws/allocation_count_test.h"
#include "carillon/ws/recording_sink_test.h"

namespace carillon::ws {
namespace {

constexpr size_t kMax = 1 << 17;

struct Outcome {
  std::vector<Received> received;
  std::string error = "";
  bool operator==(const Outcome&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  for (const Received& one : outcome.received) {
    out << static_cast<int>(one.opcode) << '(' << one.payload.size() << ") ";
  }
  return out << outcome.error;
}

Outcome fed(std::string_view bytes, size_t piece_bytes = 0, AssemblerOptions options = {kMax}) {
  MessageAssembler assembler(options);
  RecordingSink sink;
  const auto done = feed_in_pieces(assembler, bytes, piece_bytes, sink);
  return {std::move(sink.received), done ? "" : std::string(slug(done.error()))};
}

std::string frame(uint8_t first, std::string_view payload) {
  return make_raw_frame({first, payload});
}

// The same outcome however the bytes are cut.
void expect_however_cut(std::string_view bytes, const Outcome& expected) {
  for (size_t piece_bytes = 0; piece_bytes <= 20; ++piece_bytes) {
    EXPECT_EQ(fed(bytes, piece_bytes), expected) << piece_bytes;
  }
}

TEST(MessageAssembler, HandsOutTheExamplesOfTheRfc) {  // §5.7
  expect_however_cut("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", {{{Opcode::kText, "Hello"}}});
  expect_however_cut("\x89\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", {{{Opcode::kPing, "Hello"}}});
}

TEST(MessageAssembler, TakesEveryBoundaryWholeOrInPieces) {
  for (const size_t size :
       {0u, 1u, 124u, 125u, 126u, 127u, 32767u, 32768u, 65535u, 65536u, 65537u}) {
    for (const uint8_t first : {uint8_t{0x81}, uint8_t{0x82}}) {
      const std::string payload(size, 'x');
      const Outcome expected = {{{static_cast<Opcode>(first & 15), payload}}};
      for (const size_t piece_bytes : {0u, 1u, 2u, 3u, 7u, 125u, 126u, 1400u, 65535u, 65536u}) {
        ASSERT_EQ(fed(frame(first, payload), piece_bytes), expected) << size << '/' << piece_bytes;
      }
    }
  }
}

TEST(MessageAssembler, HandsOutAViewOfTheReadAndAllocatesNothing) {
  std::string bytes = frame(0x81, "first") + frame(0x82, std::string(70'000, 'b')) +
                      frame(0x89, "ping") + frame(0x81, "");
  class ViewSink final : public MessageSink {
   public:
    void on_message(Opcode, std::string_view payload) override { views[count++] = payload; }
    void on_control(Opcode, std::string_view payload) override { views[count++] = payload; }
    bool wants_more() const override { return true; }
    std::array<std::string_view, 4> views;
    size_t count = 0;
  } sink;
  const uint64_t before = allocation_count();
  MessageAssembler assembler({kMax});
  EXPECT_TRUE(assembler.feed(mutable_bytes(bytes), sink));
  EXPECT_EQ(allocation_count(), before);
  ASSERT_EQ(sink.count, 4u);
  EXPECT_EQ(sink.views[0].data(), bytes.data() + 6);
  EXPECT_EQ(sink.views[0], "first");
  EXPECT_EQ(sink.views[1].data(), bytes.data() + 6 + 5 + 14);
  EXPECT_EQ(sink.views[2], "ping");
  EXPECT_TRUE(assembler.is_idle());
}

TEST(MessageAssembler, HandsOutAViewWhenOnlyTheHeaderCameBefore) {
  const std::string bytes = frame(0x81, "payload");
  std::string header = bytes.substr(0, 6);
  std::string payload = bytes.substr(6);
  MessageAssembler assembler({kMax});
  RecordingSink sink;
  ASSERT_TRUE(assembler.feed(mutable_bytes(header), sink));
  EXPECT_FALSE(assembler.is_idle());
  ASSERT_TRUE(assembler.feed(mutable_bytes(payload), sink));
  EXPECT_EQ(sink.last_view.data(), payload.data());
  EXPECT_TRUE(assembler.is_idle());
}

TEST(MessageAssembler, IsSmallAndMovable) {
  EXPECT_LE(sizeof(MessageAssembler), 192u);
  const std::string bytes = frame(0x01, "one ") + frame(0x89, "ping") + frame(0x80, "two");
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    auto first = std::make_unique<MessageAssembler>(AssemblerOptions{kMax});
    RecordingSink sink;
    std::string head = bytes.substr(0, cut);
    ASSERT_TRUE(first->feed(mutable_bytes(head), sink));
    MessageAssembler second = std::move(*first);
    first.reset();
    std::string rest = bytes.substr(cut);
    ASSERT_TRUE(second.feed(mutable_bytes(rest), sink));
    ASSERT_EQ(sink.received,
              (std::vector<Received>{{Opcode::kPing, "ping"}, {Opcode::kText, "one two"}}))
        << cut;
  }
}

TEST(MessageAssembler, IsIdleBetweenMessagesOnly) {
  const std::string bytes = frame(0x01, "a") + frame(0x89, "") + frame(0x80, "b");
  MessageAssembler assembler({kMax});
  RecordingSink sink;
  EXPECT_TRUE(assembler.is_idle());
  EXPECT_TRUE(assembler.feed({}, sink));
  EXPECT_TRUE(assembler.is_idle());
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string byte = bytes.substr(i, 1);
    ASSERT_TRUE(assembler.feed(mutable_bytes(byte), sink));
    ASSERT_EQ(assembler.is_idle(), i + 1 == bytes.size()) << i;
  }
  EXPECT_EQ(assembler.buffered_bytes(), 0u);
}

TEST(MessageAssembler, JoinsFragmentsAroundControlFrames) {  // §5.4
  const std::string bytes = frame(0x01, "frag") + frame(0x89, "ping") + frame(0x00, "") +
                            frame(0x8a, std::string(125, 'p')) + frame(0x00, "men") +
                            frame(0x80, "ts") + frame(0x82, "\xff");
  expect_however_cut(bytes, {{{Opcode::kPing, "ping"},
                              {Opcode::kPong, std::string(125, 'p')},
                              {Opcode::kText, "fragments"},
                              {Opcode::kBinary, "\xff"}}});
}

TEST(MessageAssembler, JoinsEmptyFragments) {
  expect_however_cut(frame(0x01, "") + frame(0x00, "") + frame(0x80, ""), {{{Opcode::kText, ""}}});
  expect_however_cut(frame(0x01, "") + frame(0x80, "x"), {{{Opcode::kText, "x"}}});
  expect_however_cut(frame(0x02, "x") + frame(0x80, ""), {{{Opcode::kBinary, "x"}}});
}

TEST(MessageAssembler, RefusesAContinuationOfNothing) {  // §5.4
  expect_however_cut(frame(0x80, "x"), {{}, "unexpected_continuation"});
  expect_however_cut(frame(0x00, "x"), {{}, "unexpected_continuation"});
  expect_however_cut(frame(0x01, "a") + frame(0x80, "b") + frame(0x00, "c") + frame(0x81, "d"),
                     {{{Opcode::kText, "ab"}}, "unexpected_continuation"});
}

TEST(MessageAssembler, RefusesAMessageInsideAnother) {  // §5.4
  expect_however_cut(frame(0x01, "a") + frame(0x81, "b"), {{}, "expected_continuation"});
  expect_however_cut(frame(0x02, "a") + frame(0x01, "b"), {{}, "expected_continuation"});
}

TEST(MessageAssembler, RefusesRsv1WithoutAnAgreement) {  // §5.2
  expect_however_cut(frame(0x81, "ok") + frame(0xc1, "x") + frame(0x89, ""),
                     {{{Opcode::kText, "ok"}}, "reserved_bits"});
}

TEST(MessageAssembler, PassesOnWhatTheHeaderHasWrong) {
  expect_however_cut(frame(0x83, ""), {{}, "reserved_opcode"});
  expect_however_cut(frame(0x09, ""), {{}, "fragmented_control"});
  expect_however_cut("\x81\x05Hello", {{}, "not_masked"});
  expect_however_cut(frame(0x89, std::string(126, 'x')), {{}, "control_too_long"});
}

TEST(MessageAssembler, ChecksCloseFrames) {  // §5.5.1, §7.4
  expect_however_cut(frame(0x88, ""), {{{Opcode::kClose, ""}}});
  expect_however_cut(frame(0x88, "\x03\xe8"), {{{Opcode::kClose, "\x03\xe8"}}});
  expect_however_cut(frame(0x88, "\x03"), {{}, "bad_close_payload"});
  expect_however_cut(frame(0x88, "\x03\xee"), {{}, "bad_close_code"});
  expect_however_cut(frame(0x88, "\x03\xe8\xed\xa0\x80"), {{}, "bad_utf8"});
  const std::string longest = "\x03\xe8" + std::string(123, 'r');
  expect_however_cut(frame(0x88, longest), {{{Opcode::kClose, longest}}});
}

TEST(MessageAssembler, DropsTheRestWhenNoMoreIsWanted) {  // §5.5.1
  const std::string bytes = frame(0x88, "\x03\xe8") + frame(0x81, "late") + "\xff\xff";
  for (size_t piece_bytes = 0; piece_bytes < 15; ++piece_bytes) {
    MessageAssembler assembler({kMax});
    RecordingSink sink;
    sink.wanted_count = 1;
    EXPECT_TRUE(feed_in_pieces(assembler, bytes, piece_bytes, sink));
    EXPECT_EQ(sink.received, (std::vector<Received>{{Opcode::kClose, "\x03\xe8"}}));
  }
}

TEST(MessageAssembler, RefusesTextThatIsNotUtf8) {  // §8.1
  expect_however_cut(frame(0x81, "caf\xe9"), {{}, "bad_utf8"});
  expect_however_cut(frame(0x81, "\xe2\x82"), {{}, "bad_utf8"});  // ends inside a character
  expect_however_cut(frame(0x01, "\xe2\x82") + frame(0x80, ""), {{}, "bad_utf8"});
  expect_however_cut(frame(0x01, "\xe2") + frame(0x80, "\x82\xac"), {{{Opcode::kText, "€"}}});
  expect_however_cut(frame(0x82, "caf\xe9"), {{{Opcode::kBinary, "caf\xe9"}}});
  // What one message left open is not carried into the next.
  expect_however_cut(frame(0x02, "\xe2") + frame(0x80, "") + frame(0x81, "ok"),
                     {{{Opcode::kBinary, "\xe2"}, {Opcode::kText, "ok"}}});
}

// The number of bytes after which feed() refuses, fed one at a time.
size_t refused_after(std::string_view bytes, AssemblerOptions options = {kMax}) {
  MessageAssembler assembler(options);
  RecordingSink sink;
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string byte(bytes.substr(i, 1));
    if (!assembler.feed(mutable_bytes(byte), sink)) return i + 1;
  }
  return 0;
}

TEST(MessageAssembler, FailsAtTheFirstBadByteOfText) {
  const std::string text = "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5";  // κόσμε
  // In the middle of a frame: F4 may begin a character, F4 90 may not.
  EXPECT_EQ(refused_after(frame(0x81, text + "\xf4\x90\x80\x80"
                                             "edited")),
            6 + text.size() + 2);
  // In the middle of a message.
  const std::string first = frame(0x01, text);
  EXPECT_EQ(refused_after(first + frame(0x00, "\xf4\x90\x80\x80") + frame(0x80, "edited")),
            first.size() + 6 + 2);
  // Whole frames of one message, the second of them bad.
  EXPECT_EQ(fed(first + frame(0x00, "\xff")), (Outcome{{}, "bad_utf8"}));
}

TEST(MessageAssembler, FailsAtTheFirstBadByteOfAHeader) {
  EXPECT_EQ(refused_after(frame(0xa1, "x")), 1u);
  EXPECT_EQ(refused_after(frame(0x83, "x")), 1u);
  EXPECT_EQ(refused_after("\x81\x01x"), 2u);
  EXPECT_EQ(refused_after(frame(0x89, std::string(126, 'x'))), 2u);
}

TEST(MessageAssembler, AppliesTheLimitToWholeMessages) {
  const AssemblerOptions options = {.message_bytes_max = 1000};
  EXPECT_EQ(fed(frame(0x81, std::string(1000, 'x')), 0, options).error, "");
  EXPECT_EQ(fed(frame(0x81, std::string(1001, 'x')), 0, options).error, "too_large");
  const std::string first = frame(0x01, std::string(600, 'x'));
  for (const size_t piece_bytes : {0u, 1u, 100u}) {
    EXPECT_EQ(fed(first + frame(0x80, std::string(400, 'x')), piece_bytes, options).error, "");
    EXPECT_EQ(fed(first + frame(0x80, std::string(401, 'x')), piece_bytes, options).error,
              "too_large");
  }
  const AssemblerOptions tiny = {.message_bytes_max = 10};
  for (const size_t piece_bytes : {0u, 1u}) {
    EXPECT_EQ(fed(frame(0x81, std::string(10, 'x')), piece_bytes, tiny).error, "");
    EXPECT_EQ(fed(frame(0x81, std::string(11, 'x')), piece_bytes, tiny).error, "too_large");
  }
  // At the header: the payload is not waited for.
  EXPECT_EQ(refused_after(frame(0x81, std::string(1001, 'x')), options), 8u);
  // Each message has the whole of it.
  EXPECT_EQ(
      fed(frame(0x81, std::string(1000, 'x')) + frame(0x81, std::string(1000, 'y')), 77, options)
          .error,
      "");
}

TEST(MessageAssembler, RefusesAHugeLengthWithoutRoomForIt) {
  const std::string header = "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04";
  EXPECT_EQ(fed(header).error, "too_large");
  const AssemblerOptions unlimited = {.message_bytes_max = ~uint64_t{0}};
  const uint64_t before = allocation_count();
  MessageAssembler assembler(unlimited);
  RecordingSink sink;
  std::string bytes = header + "some";
  const uint64_t own = allocation_count() - before;
  ASSERT_TRUE(assembler.feed(mutable_bytes(bytes), sink));
  EXPECT_EQ(assembler.buffered_bytes(), 4u);  // what came, not what was announced
  EXPECT_LE(allocation_count() - before, own + 1);
}

TEST(MessageAssembler, GrowsALargeMessageInFewSteps) {
  const std::string bytes = frame(0x82, std::string(1 << 20, 'x'));
  MessageAssembler assembler({.message_bytes_max = 1 << 20});
  class CountingSink final : public MessageSink {
   public:
    void on_message(Opcode, std::string_view payload) override { bytes = payload.size(); }
    void on_control(Opcode, std::string_view) override {}
    bool wants_more() const override { return true; }
    size_t bytes = 0;
  } sink;
  std::string piece;
  const uint64_t before = allocation_count();
  for (size_t at = 0; at < bytes.size(); at += 100) {
    piece.assign(bytes, at, 100);
    ASSERT_TRUE(assembler.feed(mutable_bytes(piece), sink));
  }
  EXPECT_EQ(sink.bytes, size_t{1} << 20);
  EXPECT_LT(allocation_count() - before, 20u);
}

TEST(MessageAssembler, RefusesBinaryWhereOnlyTextIsUnderstood) {
  const AssemblerOptions options = {.message_bytes_max = kMax, .allow_binary = false};
  EXPECT_EQ(fed(frame(0x81, "t") + frame(0x82, "b"), 0, options),
            (Outcome{{{Opcode::kText, "t"}}, "not_text"}));
  EXPECT_EQ(refused_after(frame(0x02, "bbb"), options), 6u);
  EXPECT_EQ(fed(frame(0x89, "\xff"), 0, options).error, "");
}

TEST(MessageAssembler, ReadsAServersFramesForAClient) {  // §5.1
  const AssemblerOptions options = {.message_bytes_max = kMax, .expect_masked = false};
  const std::string bytes = make_frame(Opcode::kText, "from") + make_frame(Opcode::kPing, "");
  for (const size_t piece_bytes : {0u, 1u, 3u}) {
    EXPECT_EQ(fed(bytes, piece_bytes, options),
              (Outcome{{{Opcode::kText, "from"}, {Opcode::kPing, ""}}}));
    EXPECT_EQ(fed(frame(0x81, "x"), piece_bytes, options).error, "masked");
  }
}

}  // namespace
}  // namespace carillon::ws
