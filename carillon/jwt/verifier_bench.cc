#include <benchmark/benchmark.h>

#include <string>

#include "carillon/jwt/signer.h"
#include "carillon/jwt/verifier.h"

namespace carillon::jwt {
namespace {

constexpr int64_t kNow = 1'790'000'000;
constexpr const char* kSecret = "test-secret-key-0123456789abcdef0123";

Verifier hs256() {
  return Verifier({.algorithms = {Algorithm::kHs256},
                   .secret = kSecret,
                   .issuer = {},
                   .audience = {},
                   .leeway_s = 0},
                  KeySet());
}

// A token as simplejwt issues it: 2 parts of base64, one MAC, the claims as JSON.
void BM_VerifyHs256(benchmark::State& state) {
  const std::string token =
      sign_hs256(kSecret, R"({"token_type":"access","exp":1790000300,"iat":1790000000,)"
                          R"("jti":"22c6f1ccc63a47e48d00fdf2f8a62891","user_id":"7"})");
  Verifier verifier = hs256();
  for (auto _ : state) benchmark::DoNotOptimize(verifier.verify(token, kNow));
}
BENCHMARK(BM_VerifyHs256);

void BM_RefuseForgedHs256(benchmark::State& state) {
  const std::string token = sign_hs256("another secret", R"({"exp":1790000300})");
  Verifier verifier = hs256();
  for (auto _ : state) benchmark::DoNotOptimize(verifier.verify(token, kNow));
}
BENCHMARK(BM_RefuseForgedHs256);

}  // namespace
}  // namespace carillon::jwt
