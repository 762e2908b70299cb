// What Redis answers, as a value (RESP2).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace carillon::resp {

// Owns its bytes. `text` and bulk bytes may hold anything, NUL and invalid UTF-8 too.
struct Reply {
  enum class Kind : uint8_t { kNull, kStatus, kError, kInteger, kBulk, kArray };

  Kind kind = Kind::kNull;
  int64_t integer = 0;          // of kInteger
  std::string text;             // of kStatus ("OK"), kError ("ERR no such key") and kBulk
  std::vector<Reply> elements;  // of kArray

  bool is_null() const noexcept { return kind == Kind::kNull; }
  bool is_error() const noexcept { return kind == Kind::kError; }
  bool is_array() const noexcept { return kind == Kind::kArray; }
  // A status or a bulk: what commands that answer with text give.
  bool is_text() const noexcept { return kind == Kind::kStatus || kind == Kind::kBulk; }
  bool is_status(std::string_view status) const noexcept {
    return kind == Kind::kStatus && text == status;
  }

  friend bool operator==(const Reply&, const Reply&) = default;
};

}  // namespace carillon::resp
