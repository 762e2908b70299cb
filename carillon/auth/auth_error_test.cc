#include "carillon/auth/auth_error.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace carillon::auth {
namespace {

constexpr AuthError kLast = AuthError::kDirectoryUnavailable;

template <class F>
void for_each_error(F&& f) {
  for (int i = 0; i <= static_cast<int>(kLast); ++i) f(static_cast<AuthError>(i));
}

std::string header_of(const http::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

std::string invalid(std::string_view message) {
  return R"({"detail":"Given token not valid for any token type","code":"token_not_valid",)"
         R"("messages":[{"token_class":"AccessToken","token_type":"access","message":")" +
         std::string(message) + R"("}]})";
}

TEST(AuthError, EveryOneIsA401WithTheBearerChallenge) {
  for_each_error([](AuthError error) {
    if (error == kLast) return;
    const http::Response response = problem_for(error);
    EXPECT_EQ(response.status, 401);
    EXPECT_EQ(header_of(response, "WWW-Authenticate"), "Bearer realm=\"api\"");
  });
}

TEST(AuthError, AnUnreachableDirectoryIsA503) {
  const http::Response response = problem_for(kLast);
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(header_of(response, "Retry-After"), "5");
  EXPECT_EQ(header_of(response, "WWW-Authenticate"), "");
}

TEST(AuthError, BodiesAreSimplejwts) {
  const auto body = [](AuthError error) { return problem_for(error).body; };
  EXPECT_EQ(body(AuthError::kMissing),
            R"({"detail":"Authentication credentials were not provided."})");
  EXPECT_EQ(body(AuthError::kBadHeader),
            R"({"detail":"Authorization header must contain two space-delimited values",)"
            R"("code":"bad_authorization_header"})");
  for (const AuthError error : {AuthError::kNoUser, AuthError::kBadUser}) {
    EXPECT_EQ(body(error), R"({"detail":"Token contained no recognizable user identification",)"
                           R"("code":"token_not_valid"})");
  }
  EXPECT_EQ(body(AuthError::kUserNotFound),
            R"({"detail":"User not found","code":"user_not_found"})");
  EXPECT_EQ(body(AuthError::kUserInactive),
            R"({"detail":"User is inactive","code":"user_inactive"})");
  EXPECT_EQ(body(AuthError::kExpired), invalid("Token is expired"));
  EXPECT_EQ(body(AuthError::kWrongType), invalid("Token has wrong type"));
  EXPECT_EQ(body(AuthError::kNoType), invalid("Token has no type"));
  EXPECT_EQ(body(AuthError::kNoId), invalid("Token has no id"));
  EXPECT_EQ(body(AuthError::kNoExpiry), invalid("Token has no 'exp' claim"));
  for (const AuthError error :
       {AuthError::kMalformed, AuthError::kTooLarge, AuthError::kSignature, AuthError::kAlgorithm,
        AuthError::kNotYetValid, AuthError::kIssuedInFuture, AuthError::kIssuer,
        AuthError::kAudience, AuthError::kUnknownKey, AuthError::kUnsupported}) {
    EXPECT_EQ(body(error), invalid("Token is invalid"));
  }
}

TEST(AuthError, EveryOneHasItsOwnSlugAndExplanation) {
  std::set<std::string_view> slugs;
  std::set<std::string_view> explanations;
  for_each_error([&](AuthError error) {
    EXPECT_FALSE(slug(error).empty());
    EXPECT_FALSE(explain(error).empty());
    EXPECT_EQ(explain(error).find('\n'), std::string_view::npos);
    slugs.insert(slug(error));
    explanations.insert(explain(error));
  });
  EXPECT_EQ(slugs.size(), static_cast<size_t>(kLast) + 1);
  EXPECT_EQ(explanations.size(), static_cast<size_t>(kLast) + 1);
}

}  // namespace
}  // namespace carillon::auth
