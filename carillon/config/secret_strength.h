// Whether a signing secret can be guessed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace carillon::config {

inline constexpr size_t kSecretBytesMin = 32;

// Why `secret` is weak, without quoting it: "is shorter than 32 bytes", "is a well-known example".
// Empty: it is not.
std::string secret_weakness(std::string_view secret);

}  // namespace carillon::config
