#include "carillon/publish/redis_idempotency.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "carillon/base/base64.h"
#include "carillon/crypto/hash.h"

namespace carillon::publish {
namespace {

void ignore(const redis::CommandResult&) {}  // a claim lapses by itself

std::string hashed(std::string_view text) {
  return base64url_encode(crypto::sha256(as_bytes(text)));
}

// What others have written: "p HASH", or "d HASH ID ID …".
Claim claim_of(std::string_view text, std::string_view body_hash) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const size_t space = std::min(text.find(' '), text.size());
    words.emplace_back(text.substr(0, space));
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  if (words.size() < 2 || words[1] != body_hash) return {.outcome = ClaimOutcome::kOtherBody};
  if (words[0] != "d") return {.outcome = ClaimOutcome::kInProgress};
  for (std::string& word : words) {
    if (word == "-") word.clear();  // an event that was not accepted
  }
  return {.outcome = ClaimOutcome::kKnown, .ids = {words.begin() + 2, words.end()}};
}

}  // namespace

RedisIdempotencyTable::RedisIdempotencyTable(net::EventLoop& loop,
                                             net::Resolver& resolver,
                                             redis::Location location,
                                             std::string_view prefix)
    : where_(location.to_string()),
      key_prefix_("carillon:idempotency:" + std::string(prefix) + ":"),
      client_(loop, resolver, std::move(location), {.write_probe_key = {}}) {
  client_.start();
}

std::string RedisIdempotencyTable::redis_key(const IdempotencyKey& key) const {
  return key_prefix_ + hashed(key.key);
}

std::string RedisIdempotencyTable::trouble_of(const redis::CommandError& error) const {
  const bool is_refusal = error.kind == redis::CommandError::Kind::kRefused;
  return where_ + ": " + (is_refusal ? redis::trouble_of(error.text).to_string() : error.text);
}

void RedisIdempotencyTable::claim(const IdempotencyKey& key, OnClaim then) {
  const std::string body_hash = hashed(key.body_hash);
  const std::string name = redis_key(key);
  // Both answers in one round trip: of a key that is new, GET gives our own claim back.
  auto is_ours = std::make_shared<bool>(false);
  client_.command({"SET", name, "p " + body_hash, "NX", "PX", std::to_string(kClaimMs)},
                  [is_ours](const redis::CommandResult& result) {
                    *is_ours = result && result->is_status("OK");
                  });
  client_.command({"GET", name}, [this, is_ours, body_hash, then = std::move(then)](
                                     const redis::CommandResult& result) mutable {
    if (!result) {
      return then({.outcome = ClaimOutcome::kUnavailable, .trouble = trouble_of(result.error())});
    }
    if (*is_ours) return then({});
    if (!result->is_text()) {
      return then({.outcome = ClaimOutcome::kUnavailable,
                   .trouble = "another request's claim of the key has just lapsed; send it again"});
    }
    then(claim_of(result->text, body_hash));
  });
}

void RedisIdempotencyTable::remember(const IdempotencyKey& key, std::vector<std::string> ids) {
  std::string text = "d " + hashed(key.body_hash);
  for (const std::string& id : ids) text += ' ' + (id.empty() ? std::string("-") : id);
  client_.command({"SET", redis_key(key), text, "PX", std::to_string(kRememberMs)}, ignore);
}

void RedisIdempotencyTable::forget(const IdempotencyKey& key) {
  client_.command({"DEL", redis_key(key)}, ignore);
}

}  // namespace carillon::publish
