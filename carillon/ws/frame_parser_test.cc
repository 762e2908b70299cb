#include "carillon/ws/frame_parser.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

namespace carillon::ws {
namespace {

constexpr uint64_t kNoLimit = ~uint64_t{0};
using std::string_literals::operator""s;

// What parse_header says of a text: "" when it wants more, the error's slug, or "ok".
std::string verdict(std::string_view bytes,
                    uint64_t max = kNoLimit,
                    Sender from = Sender::kClient) {
  const auto parsed = parse_header(as_bytes(bytes), max, from);
  if (!parsed) return std::string(slug(parsed.error()));
  return parsed->has_value() ? "ok" : "";
}

FrameHeader header_of(std::string_view bytes, Sender from = Sender::kClient) {
  const auto parsed = parse_header(as_bytes(bytes), kNoLimit, from);
  EXPECT_TRUE(parsed && parsed->has_value());
  return **parsed;
}

// A client's header of a binary frame that announces `length` in the given form.
std::string with_length(uint64_t length, size_t length_bytes) {
  std::string bytes = "\x82";
  bytes += static_cast<char>(0x80 | (length_bytes == 0 ? length : length_bytes == 2 ? 126 : 127));
  for (size_t i = length_bytes; i > 0; --i) bytes += static_cast<char>(length >> (8 * (i - 1)));
  return bytes + "\x01\x02\x03\x04";
}

TEST(FrameParser, ReadsTheExamplesOfTheRfc) {  // §5.7
  FrameHeader header = header_of("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
  EXPECT_EQ(header.opcode, Opcode::kText);
  EXPECT_TRUE(header.fin);
  EXPECT_FALSE(header.compressed);
  EXPECT_EQ(header.payload_bytes, 5u);
  EXPECT_EQ(header.header_bytes, 6);
  EXPECT_EQ(as_text(std::as_bytes(std::span(&header.mask_key, 1))), "\x37\xfa\x21\x3d");

  header = header_of("\x01\x03Hel", Sender::kServer);
  EXPECT_FALSE(header.fin);
  EXPECT_EQ(header.header_bytes, 2);
  header = header_of("\x80\x02lo", Sender::kServer);
  EXPECT_EQ(header.opcode, Opcode::kContinuation);
  EXPECT_TRUE(header.fin);
  header = header_of("\x82\x7e\x01\x00"s, Sender::kServer);
  EXPECT_EQ(header.payload_bytes, 256u);
  EXPECT_EQ(header.header_bytes, 4);
  header = header_of("\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s, Sender::kServer);
  EXPECT_EQ(header.payload_bytes, 65536u);
  EXPECT_EQ(header.header_bytes, 10);
}

TEST(FrameParser, ReadsEveryLengthInItsShortestForm) {  // §5.2
  for (const uint64_t length : {0u, 1u, 124u, 125u}) {
    const FrameHeader header = header_of(with_length(length, 0));
    EXPECT_EQ(header.payload_bytes, length);
    EXPECT_EQ(header.header_bytes, 6);
  }
  for (const uint64_t length : {126u, 127u, 32767u, 32768u, 65534u, 65535u}) {
    const FrameHeader header = header_of(with_length(length, 2));
    EXPECT_EQ(header.payload_bytes, length);
    EXPECT_EQ(header.header_bytes, 8);
  }
  for (const uint64_t length :
       {uint64_t{65536}, uint64_t{65537}, uint64_t{1} << 32, ~uint64_t{0} >> 1}) {
    const FrameHeader header = header_of(with_length(length, 8));
    EXPECT_EQ(header.payload_bytes, length);
    EXPECT_EQ(header.header_bytes, 14);
  }
}

TEST(FrameParser, RefusesALengthInMoreBytesThanItNeeds) {  // §5.2
  for (const uint64_t length : {0u, 1u, 125u}) {
    EXPECT_EQ(verdict(with_length(length, 2)), "length_not_minimal") << length;
  }
  for (const uint64_t length : {0u, 126u, 32768u, 65535u}) {
    EXPECT_EQ(verdict(with_length(length, 8)), "length_not_minimal") << length;
  }
}

TEST(FrameParser, RefusesALengthOf64Bits) {  // §5.2: the most significant bit is 0
  EXPECT_EQ(verdict(with_length(uint64_t{1} << 63, 8)), "length_not_minimal");
  EXPECT_EQ(verdict(with_length(~uint64_t{0}, 8)), "length_not_minimal");
}

TEST(FrameParser, WantsMoreAtEveryPrefix) {
  for (const std::string& whole : {with_length(5, 0), with_length(300, 2), with_length(70000, 8)}) {
    for (size_t size = 0; size < whole.size(); ++size) {
      EXPECT_EQ(verdict(whole.substr(0, size)), "") << size;
    }
    EXPECT_EQ(verdict(whole), "ok");
    EXPECT_EQ(verdict(whole + "more"), "ok");
  }
}

TEST(FrameParser, KnowsEveryFirstByte) {  // §5.2, §5.5
  for (int first = 0; first < 256; ++first) {
    const int opcode = first & 0x0f;
    const bool is_known = opcode <= 2 || (opcode >= 8 && opcode <= 10);
    // RFC 7692 §6: RSV1 is for the first frame of a data message only.
    const int reserved = opcode == 1 || opcode == 2 ? 0x30 : 0x70;
    std::string expected;
    if (!is_known && (first & 0x30) == 0) {
      expected = "reserved_opcode";
    } else if ((first & reserved) != 0) {
      expected = "reserved_bits";
    } else if (opcode >= 8 && (first & 0x80) == 0) {
      expected = "fragmented_control";
    }
    EXPECT_EQ(verdict(std::string(1, static_cast<char>(first))), expected) << first;
  }
}

TEST(FrameParser, ReportsTheCompressionBit) {  // RFC 7692 §6
  EXPECT_TRUE(header_of("\xc1\x80\x01\x02\x03\x04").compressed);
  EXPECT_TRUE(header_of("\x42\x80\x01\x02\x03\x04").compressed);
  EXPECT_FALSE(header_of("\x81\x80\x01\x02\x03\x04").compressed);
}

TEST(FrameParser, ControlFramesHaveAtMost125Bytes) {  // §5.5
  EXPECT_EQ(verdict("\x89\xfd\x01\x02\x03\x04"), "ok");
  EXPECT_EQ(verdict("\x89\xfe"), "control_too_long");
  EXPECT_EQ(verdict("\x88\xff"), "control_too_long");
  EXPECT_EQ(verdict("\x8a\xfe"), "control_too_long");
}

TEST(FrameParser, AClientMasksAndAServerDoesNot) {  // §5.1
  EXPECT_EQ(verdict("\x81\x05"), "not_masked");
  EXPECT_EQ(verdict("\x81\x85", kNoLimit, Sender::kServer), "masked");
  EXPECT_EQ(verdict("\x81\x05", kNoLimit, Sender::kServer), "ok");
}

TEST(FrameParser, AppliesTheLimitToDataOnly) {
  EXPECT_EQ(verdict(with_length(125, 0), 125), "ok");
  EXPECT_EQ(verdict(with_length(125, 0), 124), "too_large");
  EXPECT_EQ(verdict(with_length(65535, 2), 65535), "ok");
  EXPECT_EQ(verdict(with_length(65536, 8), 65535), "too_large");
  EXPECT_EQ(verdict("\x89\xfd\x01\x02\x03\x04", 10), "ok");
}

TEST(FrameParser, ReportsTheLimitBeforeTheMaskKeyComes) {
  EXPECT_EQ(verdict(with_length(300, 2).substr(0, 4), 299), "too_large");
}

TEST(ClosePayload, MayBeEmpty) {  // §5.5.1
  const auto close = parse_close_payload("");
  ASSERT_TRUE(close);
  EXPECT_EQ(close->code, 1005);
  EXPECT_EQ(close->reason, "");
}

TEST(ClosePayload, HasACodeAndAReason) {
  const auto close = parse_close_payload(
      "\x03\xe8"
      "bye é");
  ASSERT_TRUE(close);
  EXPECT_EQ(close->code, 1000);
  EXPECT_EQ(close->reason, "bye é");
  EXPECT_EQ(parse_close_payload("\x03\xe9")->code, 1001);
}

TEST(ClosePayload, RefusesWhatMayNotBeSent) {  // §5.5.1, §7.4, §8.1
  EXPECT_EQ(parse_close_payload("\x03").error(), FrameError::kBadClosePayload);
  EXPECT_EQ(parse_close_payload("\x03\xed").error(), FrameError::kBadCloseCode);  // 1005
  EXPECT_EQ(parse_close_payload("\x00\x00"s).error(), FrameError::kBadCloseCode);
  EXPECT_EQ(parse_close_payload("\x03\xe8\xff").error(), FrameError::kBadUtf8);
  EXPECT_EQ(parse_close_payload("\x03\xe8\xc3").error(), FrameError::kBadUtf8);
}

TEST(FrameError, EachHasACodeAndASlug) {
  std::set<std::string_view> slugs;
  for (int i = 0; i <= static_cast<int>(FrameError::kNotText); ++i) {
    const auto error = static_cast<FrameError>(i);
    CloseCode expected = CloseCode::kProtocol;
    if (error == FrameError::kBadUtf8) expected = CloseCode::kBadUtf8;
    if (error == FrameError::kTooLarge) expected = CloseCode::kTooLarge;
    if (error == FrameError::kNotText) expected = CloseCode::kNotText;
    EXPECT_EQ(close_code_for(error), expected) << i;
    EXPECT_TRUE(slugs.insert(slug(error)).second) << i;
  }
  EXPECT_EQ(slugs.size(), 15u);
}

}  // namespace
}  // namespace carillon::ws
