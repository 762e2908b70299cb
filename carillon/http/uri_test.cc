#include "carillon/http/uri.h"

#include <gtest/gtest.h>

namespace carillon::http {
namespace {

TEST(Uri, DecodesOnce) {
  EXPECT_EQ(percent_decode(""), "");
  EXPECT_EQ(percent_decode("a%2Fb%2fc"), "a/b/c");
  EXPECT_EQ(percent_decode("%2525"), "%25");
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(percent_decode("%C3%A9%00"), std::string("\xc3\xa9\0", 3));
}

TEST(Uri, RefusesBadEscapes) {
  for (const char* text :
       {"%", "%2", "a%", "%g0", "%0g", "%%20", "%u0041", "% 1", "%+1", "%2\xb9"}) {
    EXPECT_EQ(percent_decode(text), std::nullopt) << text;
  }
}

TEST(Uri, EncodesAllButTheUnreserved) {
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode("a b/ü+&=%"), "a%20b%2F%C3%BC%2B%26%3D%25");
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
}

TEST(Uri, FindsAParameter) {
  EXPECT_EQ(query_param("token=a.b-c", "token"), "a.b-c");
  EXPECT_EQ(query_param("x=1&token=t&token=u", "token"), "t");
  EXPECT_EQ(query_param("x=1&token", "token"), "");
  EXPECT_EQ(query_param("token=", "token"), "");
  EXPECT_EQ(query_param("token=a=b", "token"), "a=b");
  EXPECT_EQ(query_param("&&token=t&", "token"), "t");
  EXPECT_EQ(query_param("Token=t", "token"), std::nullopt);
  EXPECT_EQ(query_param("tokens=t", "token"), std::nullopt);
  EXPECT_EQ(query_param("", "token"), std::nullopt);
  EXPECT_EQ(query_param("&", ""), std::nullopt);
}

TEST(Uri, DecodesNamesAndValuesOfParameters) {
  EXPECT_EQ(query_param("t%6Fken=a+b%2Bc%26", "token"), "a b+c&");
  EXPECT_EQ(query_param("a+b=1", "a b"), "1");
}

TEST(Uri, FindsNoParameterWithABadEscape) {
  EXPECT_EQ(query_param("token=%zz&token=t", "token"), std::nullopt);
  EXPECT_EQ(query_param("tok%en=x&token=t", "token"), "t");
  EXPECT_EQ(query_param("other=%&token=t", "token"), "t");
}

}  // namespace
}  // namespace carillon::http
