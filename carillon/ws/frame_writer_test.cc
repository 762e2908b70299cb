#include "carillon/ws/frame_writer.h"

#include <gtest/gtest.h>

#include <cstring>

#include "carillon/base/utf8.h"
#include "carillon/ws/frame_parser.h"
#include "carillon/ws/mask.h"

namespace carillon::ws {
namespace {

using std::string_literals::operator""s;

uint32_t key_of(std::string_view bytes) {
  uint32_t key;
  std::memcpy(&key, bytes.data(), sizeof key);
  return key;
}

TEST(FrameWriter, WritesTheExamplesOfTheRfc) {  // §5.7
  EXPECT_EQ(make_frame(Opcode::kText, "Hello"), "\x81\x05Hello");
  EXPECT_EQ(make_frame(Opcode::kPing, "Hello"), "\x89\x05Hello");
  std::string out;
  append_frame(out, Opcode::kText, "Hel", false, false);
  append_frame(out, Opcode::kContinuation, "lo");
  EXPECT_EQ(out, "\x01\x03Hel\x80\x02lo");
  out.clear();
  append_masked_frame(out, Opcode::kText, "Hello", key_of("\x37\xfa\x21\x3d"));
  EXPECT_EQ(out, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
}

TEST(FrameWriter, SetsRsv1OnCompressedMessages) {  // RFC 7692 §7.2.3.1
  EXPECT_EQ(make_frame(Opcode::kText, "\xf2\x48", true), "\xc1\x02\xf2\x48");
}

TEST(FrameWriter, UsesTheShortestLength) {  // §5.2
  for (const size_t size : {0u, 1u, 125u, 126u, 127u, 32767u, 32768u, 65535u, 65536u, 65537u}) {
    const std::string payload(size, 'p');
    const std::string frame = make_frame(Opcode::kBinary, payload);
    const auto parsed = parse_header(as_bytes(frame), size, Sender::kServer);
    ASSERT_TRUE(parsed && *parsed) << size;
    EXPECT_EQ((*parsed)->payload_bytes, size);
    EXPECT_EQ((*parsed)->header_bytes, frame_header_bytes(size));
    EXPECT_EQ(frame.size(), frame_header_bytes(size) + size);
    EXPECT_EQ(frame.substr(frame_header_bytes(size)), payload);
    if (size > 15) {
      EXPECT_EQ(frame.capacity(), frame.size());
    }
  }
  EXPECT_EQ(frame_header_bytes(125), 2u);
  EXPECT_EQ(frame_header_bytes(126), 4u);
  EXPECT_EQ(frame_header_bytes(65535), 4u);
  EXPECT_EQ(frame_header_bytes(65536), 10u);
}

TEST(FrameWriter, MaskedFramesComeBackUnmasked) {
  for (const size_t size : {0u, 1u, 7u, 125u, 126u, 65535u, 65536u}) {
    const std::string payload(size, 'q');
    std::string out = "before";
    append_masked_frame(out, Opcode::kBinary, payload, 0xdeadbeef);
    const auto parsed = parse_header(as_bytes(out).subspan(6), size);
    ASSERT_TRUE(parsed && *parsed) << size;
    std::string body = out.substr(6u + (*parsed)->header_bytes);
    apply_mask({reinterpret_cast<std::byte*>(body.data()), body.size()}, (*parsed)->mask_key, 0);
    EXPECT_EQ(body, payload);
  }
}

TEST(CloseFrame, HasTheCodeAndTheReason) {  // §5.5.1
  EXPECT_EQ(make_close_frame(1000, ""), "\x88\x02\x03\xe8");
  EXPECT_EQ(make_close_frame(4430, "slow_consumer"), "\x88\x0f\x11\x4eslow_consumer");
}

TEST(CloseFrame, HasNoBodyWithoutAStatus) {
  EXPECT_EQ(make_close_frame(1005, "x"), "\x88\x00"s);
}

TEST(CloseFrame, CutsTheReasonBetweenCharacters) {
  EXPECT_EQ(make_close_frame(1000, std::string(123, 'a')).size(), 127u);
  EXPECT_EQ(make_close_frame(1000, std::string(124, 'a')).size(), 127u);
  for (const std::string character : {"é", "€", "🚀"}) {
    for (size_t lead = 118; lead <= 124; ++lead) {
      const std::string reason = std::string(lead, 'a').append(character).append(character);
      const std::string frame = make_close_frame(1000, reason);
      const std::string kept = frame.substr(4);
      EXPECT_LE(kept.size(), 123u);
      EXPECT_GT(kept.size() + character.size(), 123u);
      EXPECT_TRUE(is_valid_utf8(kept)) << lead;
      EXPECT_TRUE(reason.starts_with(kept));
      EXPECT_EQ(static_cast<size_t>(frame[1]), kept.size() + 2);
    }
  }
}

}  // namespace
}  // namespace carillon::ws
