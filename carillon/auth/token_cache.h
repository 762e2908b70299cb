// Verified tokens by their digest, the least recently used forgotten first.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <list>
#include <optional>
#include <unordered_map>

#include "carillon/auth/identity.h"

namespace carillon::auth {

using TokenDigest = std::array<std::byte, 32>;  // SHA-256 of the whole token

// One per worker, touched on its thread only. Holds no token, only digests.
class TokenCache {
 public:
  struct Entry {
    Identity identity;
    std::optional<int64_t> not_before_s;
  };

  // 0 keeps nothing.
  explicit TokenCache(size_t tokens_max) : tokens_max_(tokens_max) {}

  // Null when unknown; good until the next call.
  const Entry* find(const TokenDigest& digest);
  void insert(const TokenDigest& digest, Entry entry);
  void erase(const TokenDigest& digest);
  size_t size() const noexcept { return entries_.size(); }

 private:
  struct Node {
    TokenDigest digest;
    Entry entry;
  };
  using Order = std::list<Node>;  // most recently used first
  // A digest is already as even as a hash can make it.
  struct FirstBytes {
    size_t operator()(const TokenDigest& digest) const noexcept {
      size_t hash;
      std::memcpy(&hash, digest.data(), sizeof hash);
      return hash;
    }
  };

  size_t tokens_max_;
  Order order_;
  std::unordered_map<TokenDigest, Order::iterator, FirstBytes> entries_;
};

}  // namespace carillon::auth
