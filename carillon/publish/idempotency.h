// Remembers what was answered to a request that may be sent again.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "carillon/base/clock.h"
#include "carillon/base/unique_function.h"

namespace carillon::publish {

// The Idempotency-Key of one request with its path, and what tells its body from another.
struct IdempotencyKey {
  std::string key;
  std::string body_hash;
};

enum class ClaimOutcome : uint8_t {
  kYours,        // nobody has answered it: do, then remember() or forget()
  kKnown,        // it was answered, with `ids`
  kOtherBody,    // the key came with another body
  kInProgress,   // another process is answering it now
  kUnavailable,  // the table cannot be reached
};

struct Claim {
  ClaimOutcome outcome = ClaimOutcome::kYours;
  std::vector<std::string> ids = {};  // one for each event; empty where it was not accepted
  std::string trouble = {};           // of kUnavailable: one line
};

// Lives on the node's loop: calls and callbacks happen there. One process never claims a key again
// before it has remembered or forgotten it: the publisher sees to that.
class IdempotencyTable {
 public:
  static constexpr uint64_t kRememberMs = 600'000;
  using OnClaim = UniqueFunction<void(Claim)>;

  virtual ~IdempotencyTable() = default;

  // `then` is called once, before the call returns or later. A claim of a process that dies lapses.
  virtual void claim(const IdempotencyKey& key, OnClaim then) = 0;
  // Either ends a claim; a claim() that follows sees what it did.
  virtual void remember(const IdempotencyKey& key, std::vector<std::string> ids) = 0;
  virtual void forget(const IdempotencyKey& key) = 0;
};

// Of one process. Past `keys_max` the oldest is forgotten.
class MemoryIdempotencyTable final : public IdempotencyTable {
 public:
  // `clock` is borrowed for life.
  MemoryIdempotencyTable(size_t keys_max, const Clock& clock)
      : keys_max_(keys_max), clock_(clock) {}

  void claim(const IdempotencyKey& key, OnClaim then) override;
  void remember(const IdempotencyKey& key, std::vector<std::string> ids) override;
  // What is only claimed takes no place: nothing to do.
  void forget(const IdempotencyKey&) override {}
  size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    std::string body_hash;
    std::vector<std::string> ids;
    uint64_t expires_at_ms;
  };
  void drop_expired();

  const size_t keys_max_;
  const Clock& clock_;
  std::unordered_map<std::string, Entry> entries_;
  std::deque<std::string> by_age_;  // oldest first
};

}  // namespace carillon::publish
