#include "carillon/http/method.h"

#include <gtest/gtest.h>

namespace carillon::http {
namespace {

TEST(Method, NamesAndReadsEachOfThem) {
  for (const Method method : {Method::kGet, Method::kHead, Method::kPost, Method::kPut,
                              Method::kPatch, Method::kDelete, Method::kOptions}) {
    EXPECT_FALSE(name_of(method).empty());
    EXPECT_EQ(method_of(name_of(method)), method);
  }
  EXPECT_EQ(name_of(Method::kOther), "");
}

TEST(Method, MindsTheCase) {
  EXPECT_EQ(method_of("get"), Method::kOther);
  EXPECT_EQ(method_of("BREW"), Method::kOther);
  EXPECT_EQ(method_of(""), Method::kOther);
}

}  // namespace
}  // namespace carillon::http
