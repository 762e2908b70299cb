#include "carillon/http/http_error.h"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

#include "carillon/http/response.h"

namespace carillon::http {
namespace {

TEST(HttpError, HasAStatusAndASentence) {
  std::set<std::string_view> sentences;
  for (uint8_t i = 0; i <= static_cast<uint8_t>(HttpError::kBodyTooLarge); ++i) {
    const auto error = static_cast<HttpError>(i);
    EXPECT_NE(reason_phrase(status_for(error)), "") << int{i};
    EXPECT_TRUE(explain(error).ends_with('.')) << int{i};
    EXPECT_TRUE(sentences.insert(explain(error)).second) << int{i};
  }
}

TEST(HttpError, MapsToTheStatusOfItsKind) {
  EXPECT_EQ(status_for(HttpError::kBadHeader), 400);
  EXPECT_EQ(status_for(HttpError::kRepeatedHeader), 400);
  EXPECT_EQ(status_for(HttpError::kBadTransferEncoding), 400);
  EXPECT_EQ(status_for(HttpError::kBodyTooLarge), 413);
  EXPECT_EQ(status_for(HttpError::kBadExpectation), 417);
  EXPECT_EQ(status_for(HttpError::kRequestLineTooLong), 431);
  EXPECT_EQ(status_for(HttpError::kHeadTooLarge), 431);
  EXPECT_EQ(status_for(HttpError::kTooManyHeaders), 431);
  EXPECT_EQ(status_for(HttpError::kUnsupportedVersion), 505);
}

}  // namespace
}  // namespace carillon::http
