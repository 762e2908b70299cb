// Views of raw bytes, and the two ways between them and text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace carillon {

using ByteView = std::span<const std::byte>;
using MutableByteView = std::span<std::byte>;

inline ByteView as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

inline std::string_view as_text(ByteView bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace carillon
