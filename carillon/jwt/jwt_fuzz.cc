// Any token and any key set. The first byte says which; so that mutations reach behind the
// signature, one kind of input is a header and claims, which are signed here.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "carillon/base/assert.h"
#include "carillon/base/base64.h"
#include "carillon/crypto/hmac.h"
#include "carillon/json/writer.h"
#include "carillon/jwt/keys_test.h"
#include "carillon/jwt/signer.h"
#include "carillon/jwt/verifier.h"

namespace {

using namespace carillon;

constexpr int64_t kNow = jwt::test::kIssuedAt;
constexpr crypto::HashAlgorithm kHashes[] = {
    crypto::HashAlgorithm::kSha256, crypto::HashAlgorithm::kSha384, crypto::HashAlgorithm::kSha512};

jwt::Policy policy() {
  return {.algorithms = {jwt::all_algorithms().begin(), jwt::all_algorithms().end()},
          .secret = std::string(jwt::test::kSecret),
          .issuer = "me",
          .audience = "ws",
          .leeway_s = 5};
}

const jwt::KeySet& keys() {
  static const jwt::KeySet set = [] {
    std::string json = R"({"keys":[)";
    json += jwt::test::kRsaJwk;
    for (const std::string_view jwk :
         {jwt::test::kP256Jwk, jwt::test::kP521Jwk, jwt::test::kEd25519Jwk}) {
      json += ',';
      json += jwk;
    }
    return *jwt::KeySet::from_jwk_set(json + "]}");
  }();
  return set;
}

// What a verifier that has seen nothing before says must be what one says that has seen much.
void check_token(std::string_view token) {
  static jwt::Verifier warm(policy(), keys());
  const auto claims = warm.verify(token, kNow);
  jwt::Verifier cold(policy(), keys());
  const auto again = cold.verify(token, kNow);
  CARILLON_ASSERT(claims.has_value() == again.has_value());
  if (!claims) {
    CARILLON_ASSERT(claims.error() == again.error());
    return;
  }
  CARILLON_ASSERT(claims->object == again->object && claims->object.is_object());
  if (claims->expires_at_s) CARILLON_ASSERT(*claims->expires_at_s > kNow - 5);
  // Our own signatures over the same claims are good as well.
  const std::string text = json::to_json(claims->object);
  for (const auto hash : kHashes) {
    const std::string ours = jwt::sign_hs(hash, jwt::test::kSecret, text);
    CARILLON_ASSERT(warm.verify(ours, kNow).has_value());
  }
}

// `text` is a header, a line feed and claims.
void check_signed(std::string_view text) {
  const size_t line = text.find('\n');
  const std::string_view header = text.substr(0, line);
  const std::string_view claims = line == std::string_view::npos ? "" : text.substr(line + 1);
  std::string token = base64url_encode(as_bytes(header)) + "." + base64url_encode(as_bytes(claims));
  for (const auto hash : {crypto::HashAlgorithm::kSha256, crypto::HashAlgorithm::kSha384,
                          crypto::HashAlgorithm::kSha512}) {
    const auto key = crypto::HmacKey::make(hash, as_bytes(jwt::test::kSecret));
    check_token(token + "." + base64url_encode(key.sign(as_bytes(token)).view()));
  }
}

void check_keys(const carillon::Result<jwt::KeySet, Error>& set) {
  if (!set) {
    CARILLON_ASSERT(!set.error().what.empty());
    return;
  }
  bool is_usable = false;
  for (const jwt::Algorithm algorithm : jwt::all_algorithms()) {
    CARILLON_ASSERT(jwt::parse_algorithm(jwt::name_of(algorithm)) == algorithm);
    is_usable = is_usable || set->supports(algorithm);
    (void)set->find("p256", algorithm);
  }
  CARILLON_ASSERT(is_usable);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 't':
      check_token(text);
      break;
    case 's':
      check_signed(text);
      break;
    case 'k':
      check_keys(jwt::KeySet::from_jwk_set(text));
      break;
    case 'p':
      check_keys(jwt::KeySet::from_pem(text));
      break;
    default:
      break;
  }
  return 0;
}
