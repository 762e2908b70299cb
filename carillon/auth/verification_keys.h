// From the settings of authentication to what a jwt::Verifier needs.
#pragma once

#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/config/settings.h"
#include "carillon/jwt/key_set.h"
#include "carillon/jwt/verifier.h"

namespace carillon::auth {

// Refuses what could not verify anything or could verify too much: an unknown or no algorithm, HS
// without a secret or with a public key as one, a public-key algorithm without a key for it, a key
// file that no algorithm would use, two key files.
Result<jwt::Policy, Error> make_policy(const config::AuthSettings& settings);

// Reads `auth.public_key_file` or `auth.key_set_file`, at most 1 MiB; no key when neither is set.
Result<jwt::KeySet, Error> load_keys(const config::AuthSettings& settings);

}  // namespace carillon::auth
