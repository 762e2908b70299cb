// A string that must not be shown: wherever it is printed it reads `***`.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace carillon {

// Copyable; owns its text. Comparing two is not constant time: it is meant for settings and tests,
// never for what a peer sent.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  // The text itself, for signing and comparing. Never pass it on to a log or an error.
  const std::string& reveal() const noexcept { return text_; }
  bool empty() const noexcept { return text_.empty(); }
  size_t size() const noexcept { return text_.size(); }
  // What may be printed: `***`, or nothing when there is no secret.
  std::string_view masked() const noexcept { return text_.empty() ? "" : "***"; }

  friend bool operator==(const Secret&, const Secret&) = default;
  template <class Stream>
  friend auto operator<<(Stream& stream, const Secret& secret)
      -> decltype(stream << std::string_view()) {
    return stream << secret.masked();
  }

 private:
  std::string text_;
};

}  // namespace carillon
