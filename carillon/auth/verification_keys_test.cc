#include "carillon/auth/verification_keys.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "carillon/auth/authenticator.h"
#include "carillon/base/clock.h"
#include "carillon/jwt/keys_test.h"

namespace carillon::auth {
namespace {

// Writes key files that are gone after the test.
class VerificationKeysTest : public testing::Test {
 protected:
  ~VerificationKeysTest() override { std::filesystem::remove_all(directory_); }

  std::string file(std::string_view contents) {
    std::filesystem::create_directories(directory_);
    const std::string path = directory_ + "/key" + std::to_string(++file_count_);
    std::ofstream(path, std::ios::binary) << contents;
    return path;
  }

  std::string error_code() {
    const auto made = Authenticator::make(settings_, clock_);
    return made ? "" : made.error().code;
  }

  config::AuthSettings settings_;
  FakeClock clock_;

 private:
  std::string directory_ = testing::TempDir() + "carillon_keys_" +
                           testing::UnitTest::GetInstance()->current_test_info()->name();
  int file_count_ = 0;
};

TEST_F(VerificationKeysTest, ASecretIsNeededForHs) {
  EXPECT_EQ(error_code(), "no_secret_key");
  settings_.secret_key = Secret(std::string(jwt::test::kSecret));
  EXPECT_EQ(error_code(), "");
}

TEST_F(VerificationKeysTest, APublicKeyIsNoSecret) {
  for (const std::string_view key :
       {jwt::test::kRsaPem, std::string_view("ssh-rsa AAAA"), std::string_view("ecdsa-sha2-x")}) {
    settings_.secret_key = Secret(std::string(key));
    EXPECT_EQ(error_code(), "secret_is_key");
  }
}

TEST_F(VerificationKeysTest, AlgorithmsAreKnownOnes) {
  settings_.algorithms = {"HS256", "none"};
  EXPECT_EQ(error_code(), "unknown_algorithm");
  settings_.algorithms = {"hs256"};
  EXPECT_EQ(error_code(), "unknown_algorithm");
  settings_.algorithms = {};
  EXPECT_EQ(error_code(), "no_algorithm");
}

TEST_F(VerificationKeysTest, ReadsAPemFile) {
  settings_.algorithms = {"RS256"};
  settings_.public_key_file = file(jwt::test::kRsaPem);
  settings_.require_jti = settings_.require_token_type = false;
  settings_.user_id_claim = "sub";
  clock_.set_wall_ms(jwt::test::kIssuedAt * 1000);
  const auto authenticator = Authenticator::make(settings_, clock_);
  ASSERT_TRUE(authenticator.has_value());
  EXPECT_EQ((*authenticator)->authenticate(jwt::test::kRs256Token)->user_id, "7");
  EXPECT_EQ((*authenticator)->authenticate(jwt::test::kPs256Token).error(), AuthError::kAlgorithm);
  EXPECT_EQ((*authenticator)->authenticate(jwt::test::kConfusedToken).error(),
            AuthError::kAlgorithm);
}

TEST_F(VerificationKeysTest, ReadsAKeySetFile) {
  settings_.algorithms = {"ES256", "EdDSA", "ES384"};
  settings_.key_set_file = file(R"({"keys":[)" + std::string(jwt::test::kP256Jwk) + "," +
                                std::string(jwt::test::kEd25519Jwk) + "]}");
  settings_.require_jti = settings_.require_token_type = false;
  settings_.user_id_claim = "sub";
  clock_.set_wall_ms(jwt::test::kIssuedAt * 1000);
  const auto authenticator = Authenticator::make(settings_, clock_);
  ASSERT_TRUE(authenticator.has_value());
  EXPECT_EQ((*authenticator)->authenticate(jwt::test::kEs256Token)->user_id, "7");
  EXPECT_EQ((*authenticator)->authenticate(jwt::test::kEd25519Token)->user_id, "7");
  EXPECT_EQ((*authenticator)->authenticate(jwt::test::kEs384Token).error(), AuthError::kUnknownKey);
}

TEST_F(VerificationKeysTest, KeyFilesAndAlgorithmsFitTogether) {
  settings_.secret_key = Secret(std::string(jwt::test::kSecret));
  settings_.algorithms = {"HS256", "RS256"};
  EXPECT_EQ(error_code(), "no_public_key");
  settings_.public_key_file = file(jwt::test::kRsaPem);
  EXPECT_EQ(error_code(), "");
  settings_.key_set_file = file("{}");
  EXPECT_EQ(error_code(), "two_key_files");
  settings_.key_set_file.clear();
  settings_.algorithms = {"HS256"};
  EXPECT_EQ(error_code(), "unused_public_key");
  settings_.algorithms = {"ES256"};
  EXPECT_EQ(error_code(), "unused_public_key");
}

TEST_F(VerificationKeysTest, ABadFileIsNamedWithItsSetting) {
  settings_.algorithms = {"RS256"};
  settings_.public_key_file = file(jwt::test::kWeakRsaPem);
  const auto weak = Authenticator::make(settings_, clock_);
  ASSERT_FALSE(weak.has_value());
  EXPECT_NE(weak.error().what.find("auth.public_key_file"), std::string::npos);
  EXPECT_NE(weak.error().what.find(settings_.public_key_file), std::string::npos);
  EXPECT_NE(weak.error().what.find("2048"), std::string::npos);

  settings_.public_key_file = testing::TempDir() + "there/is/no/such/file";
  EXPECT_EQ(error_code(), "unreadable_key_file");
  settings_.public_key_file = file("");
  EXPECT_EQ(error_code(), "unreadable_key_file");
  settings_.public_key_file = testing::TempDir();
  EXPECT_EQ(error_code(), "unreadable_key_file");
  settings_.public_key_file = file(std::string((1 << 20) + 1, 'x'));
  EXPECT_EQ(error_code(), "large_key_file");
  settings_.public_key_file = file(std::string(1 << 20, 'x'));
  EXPECT_EQ(error_code(), "bad_key");
}

}  // namespace
}  // namespace carillon::auth
