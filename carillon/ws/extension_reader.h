// The syntax of Sec-WebSocket-Extensions (RFC 6455 §9.1), read in place.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace carillon::ws {

// Walks `header`, which may be hostile, without building a list: next_extension(), then
// next_param() until it says false, and so on. The header must outlive the reader. Time is linear.
class ExtensionReader {
 public:
  struct Param {
    std::string_view name;
    std::optional<std::string> value;  // quotes and escapes removed
  };

  explicit ExtensionReader(std::string_view header) noexcept : rest_(header) {}

  // The name of the next extension; empty at the end, and at a syntax error. Parameters of the
  // current one that have not been read must have been.
  std::optional<std::string_view> next_extension();
  // The next parameter of the current extension; empty when there is none left, or on an error.
  std::optional<Param> next_param();
  // Whether the walk stopped at something that the grammar does not have.
  bool is_malformed() const noexcept { return is_malformed_; }

 private:
  void skip_space() noexcept;
  bool take(char c) noexcept;
  std::string_view take_token() noexcept;
  std::optional<std::string> take_value();
  void refuse() noexcept;

  std::string_view rest_;
  bool is_malformed_ = false;
};

}  // namespace carillon::ws
