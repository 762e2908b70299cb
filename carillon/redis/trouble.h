// Why a Redis is not to be had, and what to do about it: one list of causes for all that is logged,
// printed and shown by /readyz.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace carillon::redis {

enum class Cause : uint8_t {
  kNotConnected,    // not tried yet, or stopped by its owner
  kNameUnknown,     // the host's name does not resolve
  kUnreachable,     // refused, no route, no such socket
  kTimeout,         // no answer: paused, overloaded or behind a firewall
  kEnded,           // the other side closed the connection
  kTls,             // certificate, protocol, or no TLS there
  kNotRedis,        // something else answers
  kNoSentinel,      // no Sentinel answers
  kNoMaster,        // Sentinels answer but know of no such master, or it is none
  kPasswordWanted,  // NOAUTH
  kPasswordWrong,   // WRONGPASS
  kNoPermission,    // NOPERM
  kProtected,       // DENIED: protected mode
  kTooManyClients,
  kLoading,
  kMasterDown,      // MASTERDOWN
  kReadOnly,        // READONLY: a replica
  kOutOfMemory,     // OOM
  kDiskFailing,     // MISCONF: it cannot save, so it refuses writes
  kTooFewReplicas,  // NOREPLICAS: fewer than min-replicas-to-write, so it refuses writes
  kBusy,            // BUSY: a script runs
  kCluster,      // MOVED, ASK, CLUSTERDOWN, CROSSSLOT: a Redis Cluster, which the layer cannot use
  kBadDatabase,  // SELECT of a number that is not there
  kOther,        // another error reply; its text says
};

// Which cause an error reply tells, by its first word or by the error that a script hands on.
Cause cause_of(std::string_view error_reply);

// Whether the connection is of no use after such a reply, so that it must be made anew.
bool ends_connection(Cause cause);

// Whether writes are refused until somebody or time mends it, while reads go on.
bool refuses_writes(Cause cause);

// What to do about it: an imperative without a full stop. "" where the text of the error says all.
std::string_view remedy_for(Cause cause);

// `what` is one line without control characters, and holds no secret.
struct Trouble {
  Cause cause = Cause::kNotConnected;
  std::string what;

  // "what; remedy", one line.
  std::string to_string() const;
  friend bool operator==(const Trouble&, const Trouble&) = default;
};

// Of an error reply, with its text.
Trouble trouble_of(std::string_view error_reply);

}  // namespace carillon::redis
