#include "carillon/ws/mask.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace carillon::ws {
namespace {

constexpr unsigned char kKey[4] = {0x37, 0xfa, 0x21, 0x3d};

uint32_t key() {
  uint32_t value;
  std::memcpy(&value, kKey, sizeof value);
  return value;
}

std::vector<std::byte> counted_bytes(size_t size) {
  std::vector<std::byte> bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + 3);
  return bytes;
}

// RFC 6455 §5.3, as it is written there.
std::vector<std::byte> masked_naively(std::vector<std::byte> bytes, uint64_t offset) {
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] ^= std::byte{kKey[(offset + i) % 4]};
  return bytes;
}

TEST(Mask, UnmasksTheExampleOfTheRfc) {  // §5.7
  std::string text = "\x7f\x9f\x4d\x51\x58";
  apply_mask({reinterpret_cast<std::byte*>(text.data()), text.size()}, key(), 0);
  EXPECT_EQ(text, "Hello");
}

TEST(Mask, MatchesTheNaiveLoopForEveryLengthAlignmentAndOffset) {
  for (size_t size = 0; size < 200; ++size) {
    for (size_t lead = 0; lead < 8; ++lead) {
      for (uint64_t offset = 0; offset < 5; ++offset) {
        auto bytes = counted_bytes(lead + size + 1);
        auto expected = bytes;
        const auto masked =
            masked_naively({bytes.begin() + static_cast<ptrdiff_t>(lead), bytes.end() - 1}, offset);
        std::copy(masked.begin(), masked.end(), expected.begin() + static_cast<ptrdiff_t>(lead));
        apply_mask(MutableByteView(bytes).subspan(lead, size), key(), offset);
        ASSERT_EQ(bytes, expected) << size << ' ' << lead << ' ' << offset;
      }
    }
  }
}

TEST(Mask, PiecesMakeTheWhole) {
  const auto expected = masked_naively(counted_bytes(150), 0);
  for (size_t cut = 0; cut <= 150; ++cut) {
    auto bytes = counted_bytes(150);
    apply_mask(MutableByteView(bytes).first(cut), key(), 0);
    apply_mask(MutableByteView(bytes).subspan(cut), key(), cut);
    ASSERT_EQ(bytes, expected) << cut;
  }
}

TEST(Mask, TakesOffsetsOf64Bits) {
  auto bytes = counted_bytes(40);
  apply_mask(bytes, key(), ~uint64_t{0} - 40);
  EXPECT_EQ(bytes, masked_naively(counted_bytes(40), ~uint64_t{0} - 40));
}

}  // namespace
}  // namespace carillon::ws
