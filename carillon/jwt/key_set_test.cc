#include "carillon/jwt/key_set.h"

#include <gtest/gtest.h>

#include "carillon/jwt/keys_test.h"

namespace carillon::jwt {
namespace {

std::string set_of(std::initializer_list<std::string_view> jwks) {
  std::string json = R"({"keys":[)";
  for (const std::string_view jwk : jwks) {
    if (!json.ends_with('[')) json += ',';
    json += jwk;
  }
  return json + "]}";
}

// `jwk` with one more member.
std::string with(std::string_view jwk, std::string_view member) {
  return std::string(jwk.substr(0, jwk.size() - 1)) + "," + std::string(member) + "}";
}

// `jwk` with the first `from` in it replaced.
std::string replaced(std::string_view jwk, std::string_view from, std::string_view to) {
  std::string out(jwk);
  return out.replace(out.find(from), from.size(), to);
}

std::string error_of(const std::string& json) {
  const auto set = KeySet::from_jwk_set(json);
  EXPECT_FALSE(set.has_value()) << json;
  return set ? "" : set.error().what;
}

TEST(KeySet, ReadsEveryTypeOfKey) {
  const auto set =
      KeySet::from_jwk_set(set_of({test::kRsaJwk, test::kP256Jwk, test::kP384Jwk, test::kP521Jwk,
                                   test::kEd25519Jwk, test::kEd448Jwk}));
  ASSERT_TRUE(set.has_value());
  EXPECT_NE(set->find("rsa", Algorithm::kRs256), nullptr);
  EXPECT_NE(set->find("rsa", Algorithm::kPs512), nullptr);
  EXPECT_NE(set->find("p256", Algorithm::kEs256), nullptr);
  EXPECT_NE(set->find("p384", Algorithm::kEs384), nullptr);
  EXPECT_NE(set->find("p521", Algorithm::kEs512), nullptr);
  EXPECT_NE(set->find("ed25519", Algorithm::kEdDsa), nullptr);
  EXPECT_NE(set->find("ed448", Algorithm::kEdDsa), nullptr);
}

TEST(KeySet, FindsOnlyByKeyIdAndType) {
  const auto set = KeySet::from_jwk_set(set_of({test::kRsaJwk, test::kP256Jwk}));
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(set->find("RSA", Algorithm::kRs256), nullptr);
  EXPECT_EQ(set->find("", Algorithm::kRs256), nullptr);
  EXPECT_EQ(set->find(std::nullopt, Algorithm::kRs256), nullptr);
  EXPECT_EQ(set->find("p256", Algorithm::kRs256), nullptr);
  EXPECT_EQ(set->find("p256", Algorithm::kEs384), nullptr);
  EXPECT_EQ(set->find("rsa", Algorithm::kHs256), nullptr);
  EXPECT_TRUE(set->supports(Algorithm::kEs256));
  EXPECT_FALSE(set->supports(Algorithm::kEs384));
  EXPECT_FALSE(set->supports(Algorithm::kHs256));
}

TEST(KeySet, AKeyWithAnAlgorithmIsForNoOther) {
  const auto set = KeySet::from_jwk_set(set_of({with(test::kRsaJwk, R"("alg":"PS256")")}));
  ASSERT_TRUE(set.has_value());
  EXPECT_NE(set->find("rsa", Algorithm::kPs256), nullptr);
  EXPECT_EQ(set->find("rsa", Algorithm::kRs256), nullptr);
}

TEST(KeySet, LeavesOutWhatIsNotForVerifying) {  // RFC 7517 §4.2, §4.3, §5
  for (const std::string& other :
       {with(test::kP256Jwk, R"("use":"enc")"), with(test::kP256Jwk, R"("use":7)"),
        with(test::kP256Jwk, R"("key_ops":["encrypt"])"),
        with(test::kP256Jwk, R"("key_ops":"verify")"), with(test::kP256Jwk, R"("key_ops":[7])"),
        with(test::kP256Jwk, R"("alg":"ECDH-ES")"), with(test::kP256Jwk, R"("alg":7)"),
        replaced(test::kP256Jwk, R"("EC")", R"("XX")"),
        replaced(test::kP256Jwk, R"("P-256")", R"("secp256k1")"),
        replaced(test::kP256Jwk, R"("kid":"p256",)", ""),
        replaced(test::kEd25519Jwk, R"("Ed25519")", R"("X25519")"),
        std::string(R"({"kid":"p256","kty":"oct","k":"AAAA"})"), std::string(R"("text")")}) {
    const auto set = KeySet::from_jwk_set(set_of({test::kRsaJwk, other}));
    ASSERT_TRUE(set.has_value()) << other;
    EXPECT_EQ(set->find("p256", Algorithm::kEs256), nullptr) << other;
    EXPECT_NE(set->find("rsa", Algorithm::kRs256), nullptr) << other;
    EXPECT_NE(error_of(set_of({other})).find("no usable key"), std::string::npos) << other;
  }
  EXPECT_TRUE(KeySet::from_jwk_set(
                  set_of({with(test::kP256Jwk, R"("use":"sig","key_ops":["sign","verify"])")}))
                  .has_value());
}

TEST(KeySet, RefusesABrokenKeyByName) {
  const std::string x = replaced(test::kP256Jwk, R"("x":")", R"("x":"A)");
  const std::string names = "\"p256\"";
  EXPECT_NE(error_of(set_of({x})).find(names), std::string::npos);
  EXPECT_NE(error_of(set_of({replaced(test::kP256Jwk, R"("y")", R"("z")")})).find(names),
            std::string::npos);
  EXPECT_NE(error_of(set_of({with(test::kP256Jwk, R"("alg":"ES384")")})).find("alg"),
            std::string::npos);
  EXPECT_NE(error_of(set_of({with(test::kP256Jwk, R"("d":"AAAA")")})).find("private"),
            std::string::npos);
}

TEST(KeySet, RefusesAWeakRsaKey) {
  EXPECT_NE(error_of(set_of({test::kRsaJwk, test::kWeakRsaJwk})).find("2048"), std::string::npos);
  const auto pem = KeySet::from_pem(test::kWeakRsaPem);
  ASSERT_FALSE(pem.has_value());
  EXPECT_NE(pem.error().what.find("2048"), std::string::npos);
}

TEST(KeySet, RefusesAKeyIdThatIsThereTwice) {
  EXPECT_NE(error_of(set_of({test::kP256Jwk, test::kP256Jwk})).find("twice"), std::string::npos);
}

TEST(KeySet, RefusesWhatIsNoSet) {
  for (const char* json :
       {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[],"keys":[]})", "secret"}) {
    EXPECT_NE(error_of(json).find("not a JWK set"), std::string::npos) << json;
  }
  EXPECT_NE(error_of(R"({"keys":[]})").find("no usable key"), std::string::npos);
}

TEST(KeySet, OnePemServesWhateverTheKeyIdSays) {
  const auto set = KeySet::from_pem(test::kP384Pem);
  ASSERT_TRUE(set.has_value());
  EXPECT_NE(set->find(std::nullopt, Algorithm::kEs384), nullptr);
  EXPECT_NE(set->find("anything", Algorithm::kEs384), nullptr);
  EXPECT_EQ(set->find(std::nullopt, Algorithm::kEs256), nullptr);
}

TEST(KeySet, AnEmptyOneHasNoKey) {
  EXPECT_EQ(KeySet().find(std::nullopt, Algorithm::kRs256), nullptr);
  EXPECT_FALSE(KeySet().supports(Algorithm::kRs256));
}

}  // namespace
}  // namespace carillon::jwt
