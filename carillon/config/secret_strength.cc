#include "carillon/config/secret_strength.h"

#include <fmt/core.h>

#include <bitset>

namespace carillon::config {
namespace {

// What documentation, templates and generators put where a secret belongs; compared without case.
constexpr std::string_view kKnownParts[] = {
    "django-insecure-", "changeme",        "change-me",    "change_me",   "change-this",
    "change_this",      "your-secret",     "your_secret",  "yoursecret",  "replace-me",
    "replace_me",       "replace-this",    "insert-your",  "insert_your", "insecure-secret",
    "secret-key-here",  "secret_key_here", "super-secret", "supersecret",
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

size_t distinct_bytes(std::string_view text) {
  std::bitset<256> seen;
  for (const char c : text) seen.set(static_cast<unsigned char>(c));
  return seen.count();
}

}  // namespace

std::string secret_weakness(std::string_view secret) {
  constexpr size_t kDistinctMin = 8;
  if (secret.size() < kSecretBytesMin) {
    return fmt::format("is shorter than {} bytes", kSecretBytesMin);
  }
  const std::string text = lower(secret);
  for (const std::string_view part : kKnownParts) {
    if (text.find(part) != std::string::npos) return "is a well-known example";
  }
  if (distinct_bytes(secret) < kDistinctMin) return "repeats a few characters";
  return {};
}

}  // namespace carillon::config
