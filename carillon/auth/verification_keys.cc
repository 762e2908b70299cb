#include "carillon/auth/verification_keys.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>
#include <utility>

namespace carillon::auth {
namespace {

constexpr size_t kKeyFileBytesMax = 1 << 20;

bool is_symmetric(jwt::Algorithm algorithm) {
  return jwt::hmac_hash_of(algorithm).has_value();
}

Result<std::vector<jwt::Algorithm>, Error> read_algorithms(const std::vector<std::string>& names) {
  std::vector<jwt::Algorithm> algorithms;
  std::string known;
  for (const jwt::Algorithm each : jwt::all_algorithms()) {
    known += known.empty() ? "" : ", ";
    known += jwt::name_of(each);
  }
  for (const std::string& name : names) {
    const std::optional<jwt::Algorithm> algorithm = jwt::parse_algorithm(name);
    if (!algorithm) {
      return Err(
          Error{"unknown_algorithm", "auth.algorithms: \"" + name + "\" is not one of " + known});
    }
    algorithms.push_back(*algorithm);
  }
  if (algorithms.empty()) {
    return Err(Error{"no_algorithm", "auth.algorithms is empty: name at least one of " + known});
  }
  return algorithms;
}

// A public key is public: as an HMAC secret it would let everybody sign.
bool is_public_material(std::string_view secret) {
  return secret.find("-----BEGIN ") != std::string_view::npos || secret.starts_with("ssh-") ||
         secret.starts_with("ecdsa-sha2-");
}

Result<void, Error> check_secret(const Secret& secret) {
  if (secret.empty()) {
    return Err(Error{"no_secret_key",
                     "SECRET_KEY is not set, but auth.algorithms has an HS algorithm: give the one "
                     "that signs the tokens"});
  }
  if (is_public_material(secret.reveal())) {
    return Err(Error{"secret_is_key",
                     "SECRET_KEY holds a PEM or SSH key: HS needs a secret; for a public key set "
                     "auth.public_key_file and an RS, PS, ES or EdDSA algorithm"});
  }
  return {};
}

Result<void, Error> check_key_files(const config::AuthSettings& settings, bool is_needed) {
  const bool has_pem = !settings.public_key_file.empty();
  const bool has_set = !settings.key_set_file.empty();
  if (has_pem && has_set) {
    return Err(Error{"two_key_files",
                     "auth.public_key_file and auth.key_set_file are both set: keep one"});
  }
  if (is_needed && !has_pem && !has_set) {
    return Err(Error{"no_public_key",
                     "auth.algorithms has an algorithm with a public key: set auth.public_key_file "
                     "(PEM) or auth.key_set_file (JWK set)"});
  }
  if (!is_needed && (has_pem || has_set)) {
    return Err(Error{"unused_public_key",
                     "a public key is configured, but auth.algorithms has only HS: add the "
                     "algorithm of the key, such as RS256"});
  }
  return {};
}

Result<std::string, Error> read_key_file(const std::string& setting, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kKeyFileBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  if (file.bad() || text.empty()) {
    return Err(Error{"unreadable_key_file",
                     setting + ": " + path + " cannot be read or is empty: check path and rights"});
  }
  if (text.size() > kKeyFileBytesMax) {
    return Err(Error{"large_key_file", setting + ": " + path + " is larger than 1 MiB"});
  }
  return text;
}

}  // namespace

Result<jwt::Policy, Error> make_policy(const config::AuthSettings& settings) {
  CARILLON_TRY(std::vector<jwt::Algorithm> algorithms, read_algorithms(settings.algorithms));
  const bool has_hs = std::any_of(algorithms.begin(), algorithms.end(), is_symmetric);
  const bool has_public = !std::all_of(algorithms.begin(), algorithms.end(), is_symmetric);
  if (has_hs) {
    if (auto checked = check_secret(settings.secret_key); !checked) return Err(checked.error());
  }
  if (auto checked = check_key_files(settings, has_public); !checked) return Err(checked.error());
  return jwt::Policy{.algorithms = std::move(algorithms),
                     .secret = has_hs ? settings.secret_key.reveal() : std::string(),
                     .issuer = settings.issuer,
                     .audience = settings.audience,
                     .leeway_s = settings.leeway_s};
}

Result<jwt::KeySet, Error> load_keys(const config::AuthSettings& settings) {
  const bool is_set = !settings.key_set_file.empty();
  const std::string& path = is_set ? settings.key_set_file : settings.public_key_file;
  if (path.empty()) return jwt::KeySet();
  const std::string setting = is_set ? "auth.key_set_file" : "auth.public_key_file";
  CARILLON_TRY(const std::string text, read_key_file(setting, path));
  auto keys = is_set ? jwt::KeySet::from_jwk_set(text) : jwt::KeySet::from_pem(text);
  if (!keys) {
    return Err(Error{keys.error().code, setting + ": " + path + ": " + keys.error().what});
  }
  return keys;
}

}  // namespace carillon::auth
