// The `alg` names of JSON Web Signatures that this server knows (RFC 7518 §3.1, RFC 8037 §3.1).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "carillon/crypto/hash.h"
#include "carillon/crypto/signature.h"

namespace carillon::jwt {

// There is no `none`: a token without a signature is a token with an unknown algorithm.
enum class Algorithm : uint8_t {
  kHs256,
  kHs384,
  kHs512,
  kRs256,
  kRs384,
  kRs512,
  kPs256,
  kPs384,
  kPs512,
  kEs256,
  kEs384,
  kEs512,
  kEdDsa,
};

inline constexpr size_t kAlgorithmCount = 13;

// All of them, in the order of the enumeration.
std::span<const Algorithm> all_algorithms() noexcept;

// Exact, case-sensitive match; empty when unknown.
std::optional<Algorithm> parse_algorithm(std::string_view name) noexcept;
std::string_view name_of(Algorithm algorithm) noexcept;

// The hash of an HS algorithm; empty for the others, which have a public key.
std::optional<crypto::HashAlgorithm> hmac_hash_of(Algorithm algorithm) noexcept;

// The scheme of an algorithm with a public key; empty for HS.
std::optional<crypto::SignatureAlgorithm> signature_of(Algorithm algorithm) noexcept;

}  // namespace carillon::jwt
