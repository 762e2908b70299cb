#include "carillon/jwt/algorithm.h"

#include <array>

namespace carillon::jwt {
namespace {

using crypto::HashAlgorithm;
using crypto::SignatureAlgorithm;

struct Row {
  Algorithm algorithm;
  std::string_view name;
  std::optional<HashAlgorithm> hmac_hash;
  std::optional<SignatureAlgorithm> signature;
};

constexpr std::array<Row, kAlgorithmCount> kRows = {{
    {Algorithm::kHs256, "HS256", HashAlgorithm::kSha256, {}},
    {Algorithm::kHs384, "HS384", HashAlgorithm::kSha384, {}},
    {Algorithm::kHs512, "HS512", HashAlgorithm::kSha512, {}},
    {Algorithm::kRs256, "RS256", {}, SignatureAlgorithm::kRs256},
    {Algorithm::kRs384, "RS384", {}, SignatureAlgorithm::kRs384},
    {Algorithm::kRs512, "RS512", {}, SignatureAlgorithm::kRs512},
    {Algorithm::kPs256, "PS256", {}, SignatureAlgorithm::kPs256},
    {Algorithm::kPs384, "PS384", {}, SignatureAlgorithm::kPs384},
    {Algorithm::kPs512, "PS512", {}, SignatureAlgorithm::kPs512},
    {Algorithm::kEs256, "ES256", {}, SignatureAlgorithm::kEs256},
    {Algorithm::kEs384, "ES384", {}, SignatureAlgorithm::kEs384},
    {Algorithm::kEs512, "ES512", {}, SignatureAlgorithm::kEs512},
    {Algorithm::kEdDsa, "EdDSA", {}, SignatureAlgorithm::kEdDsa},
}};

constexpr auto kAll = [] {
  std::array<Algorithm, kAlgorithmCount> all{};
  for (size_t i = 0; i < kRows.size(); ++i) all[i] = kRows[i].algorithm;
  return all;
}();

static_assert([] {
  for (size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<size_t>(kRows[i].algorithm) != i) return false;
  }
  return true;
}());

const Row& row_of(Algorithm algorithm) noexcept {
  return kRows[static_cast<size_t>(algorithm)];
}

}  // namespace

std::span<const Algorithm> all_algorithms() noexcept {
  return kAll;
}

std::optional<Algorithm> parse_algorithm(std::string_view name) noexcept {
  for (const Row& row : kRows) {
    if (row.name == name) return row.algorithm;
  }
  return std::nullopt;
}

std::string_view name_of(Algorithm algorithm) noexcept {
  return row_of(algorithm).name;
}

std::optional<HashAlgorithm> hmac_hash_of(Algorithm algorithm) noexcept {
  return row_of(algorithm).hmac_hash;
}

std::optional<SignatureAlgorithm> signature_of(Algorithm algorithm) noexcept {
  return row_of(algorithm).signature;
}

}  // namespace carillon::jwt
