#include "carillon/jwt/signer.h"

#include <gtest/gtest.h>

#include "carillon/jwt/keys_test.h"

namespace carillon::jwt {
namespace {

constexpr std::string_view kClaims = R"({"sub":"7","exp":1790000300,"iat":1790000000})";

TEST(Signer, MakesTheSameTokensAsPyJwt) {
  EXPECT_EQ(sign_hs256(test::kSecret, kClaims), test::kHs256Token);
  EXPECT_EQ(sign_hs(crypto::HashAlgorithm::kSha384, test::kSecret, kClaims), test::kHs384Token);
  EXPECT_EQ(sign_hs(crypto::HashAlgorithm::kSha512, test::kSecret, kClaims), test::kHs512Token);
}

}  // namespace
}  // namespace carillon::jwt
