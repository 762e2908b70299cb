#include "carillon/jwt/token.h"

#include <gtest/gtest.h>

#include "carillon/base/base64.h"

namespace carillon::jwt {
namespace {

std::string encode(std::string_view json) {
  return base64url_encode(as_bytes(json));
}

JwtError split_error(std::string_view token) {
  const auto parts = split_compact(token);
  EXPECT_FALSE(parts.has_value()) << token;
  return parts.error();
}

TEST(CompactToken, SplitsAtTheDots) {
  const auto parts = split_compact("aa.bb.cc");
  ASSERT_TRUE(parts.has_value());
  EXPECT_EQ(parts->header, "aa");
  EXPECT_EQ(parts->payload, "bb");
  EXPECT_EQ(parts->signature, "cc");
  EXPECT_EQ(parts->signing_input, "aa.bb");
  EXPECT_EQ(split_compact("aa.bb.")->signature, "");
}

TEST(CompactToken, RefusesOtherNumbersOfParts) {
  for (const char* token : {"", ".", "a", "a.b", "a.b.c.d", "a.b.c.d.e.f", "..", ".b.c", "a..c"}) {
    EXPECT_EQ(split_error(token), JwtError::kMalformed);
  }
}

TEST(CompactToken, RefusesAnEncryptedToken) {  // RFC 7516 §9
  EXPECT_EQ(split_error("a.b.c.d.e"), JwtError::kUnsupported);
  EXPECT_EQ(split_error("...."), JwtError::kUnsupported);
}

TEST(Header, KeepsAlgorithmAndKeyId) {
  const auto header = parse_header(encode(R"({"typ":"JWT","alg":"RS256","kid":"k1"})"));
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->alg, "RS256");
  EXPECT_EQ(header->kid, "k1");
  EXPECT_EQ(parse_header(encode(R"({"alg":"HS256"})"))->kid, std::nullopt);
}

TEST(Header, LooksAtNoKeyThatTheTokenBrings) {  // RFC 8725 §3.10
  EXPECT_TRUE(parse_header(encode(R"({"alg":"HS256","jku":"http://x/","x5u":"http://x/",)"
                                  R"("jwk":{"kty":"oct","k":"AA"},"x5c":["AA"]})"))
                  .has_value());
}

JwtError header_error(std::string_view text) {
  const auto header = parse_header(text);
  EXPECT_FALSE(header.has_value()) << text;
  return header.error();
}

TEST(Header, RefusesCrit) {  // RFC 7515 §4.1.11
  EXPECT_EQ(header_error(encode(R"({"alg":"HS256","crit":["exp"],"exp":1})")),
            JwtError::kUnsupported);
  EXPECT_EQ(header_error(encode(R"({"alg":"HS256","crit":null})")), JwtError::kUnsupported);
}

TEST(Header, RefusesWhatIsNoHeader) {
  EXPECT_EQ(header_error(encode(R"({"typ":"JWT"})")), JwtError::kMalformed);
  EXPECT_EQ(header_error(encode(R"({"alg":256})")), JwtError::kMalformed);
  EXPECT_EQ(header_error(encode(R"({"alg":null})")), JwtError::kMalformed);
  EXPECT_EQ(header_error(encode(R"({"alg":"HS256","kid":7})")), JwtError::kMalformed);
  EXPECT_EQ(header_error(encode(R"({"alg":"HS256","alg":"none"})")), JwtError::kMalformed);
  EXPECT_EQ(header_error(encode(R"(["HS256"])")), JwtError::kMalformed);
  EXPECT_EQ(header_error(encode("")), JwtError::kMalformed);
  EXPECT_EQ(header_error(R"({"alg":"HS256"})"), JwtError::kMalformed);
  EXPECT_EQ(header_error("eyJhbGciOiJIUzI1NiJ9="), JwtError::kMalformed);
  EXPECT_EQ(header_error("eyJhbGciOiJIUzI1NiJ9\n"), JwtError::kMalformed);
}

TEST(ParseObject, RefusesDuplicatesDepthAndSize) {
  const auto is_refused = [](const std::string& json) {
    const auto object = parse_object(encode(json));
    return !object && object.error() == JwtError::kMalformed;
  };
  const auto nested = [](size_t depth) {
    return R"({"a":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  EXPECT_TRUE(is_refused(R"({"exp":1,"exp":2})"));
  EXPECT_TRUE(is_refused(R"({"a":{"b":1,"b":2}})"));
  EXPECT_FALSE(is_refused(nested(16)));
  EXPECT_TRUE(is_refused(nested(17)));
  EXPECT_FALSE(is_refused(R"({"a":")" + std::string(65'536 - 8, 'x') + R"("})"));
  EXPECT_TRUE(is_refused(R"({"a":")" + std::string(65'536 - 7, 'x') + R"("})"));
}

}  // namespace
}  // namespace carillon::jwt
