#include "carillon/redis/trouble.h"

#include <algorithm>
#include <array>
#include <utility>

namespace carillon::redis {
namespace {

constexpr size_t kTextBytesMax = 300;

struct Word {
  std::string_view text;
  Cause cause;
};

constexpr auto kFirstWords = std::to_array<Word>({
    {"NOAUTH", Cause::kPasswordWanted},
    {"WRONGPASS", Cause::kPasswordWrong},
    {"NOPERM", Cause::kNoPermission},
    {"DENIED", Cause::kProtected},
    {"LOADING", Cause::kLoading},
    {"MASTERDOWN", Cause::kMasterDown},
    {"READONLY", Cause::kReadOnly},
    {"OOM", Cause::kOutOfMemory},
    {"MISCONF", Cause::kDiskFailing},
    {"NOREPLICAS", Cause::kTooFewReplicas},
    {"BUSY", Cause::kBusy},
    {"MOVED", Cause::kCluster},
    {"ASK", Cause::kCluster},
    {"CLUSTERDOWN", Cause::kCluster},
    {"CROSSSLOT", Cause::kCluster},
});

// Of replies that begin with ERR. The last five are what scripts hand on before Redis 7.
constexpr auto kPhrases = std::to_array<Word>({
    {"max number of clients", Cause::kTooManyClients},
    {"invalid password", Cause::kPasswordWrong},
    {"no password is set", Cause::kPasswordWrong},
    {"without any password configured", Cause::kPasswordWrong},
    {"DB index", Cause::kBadDatabase},
    {" -OOM ", Cause::kOutOfMemory},
    {" -READONLY ", Cause::kReadOnly},
    {" -MISCONF ", Cause::kDiskFailing},
    {" -NOREPLICAS ", Cause::kTooFewReplicas},
    {" -NOPERM ", Cause::kNoPermission},
});

}  // namespace

Cause cause_of(std::string_view error_reply) {
  const std::string_view first = error_reply.substr(0, error_reply.find(' '));
  for (const Word& word : kFirstWords) {
    if (first == word.text) return word.cause;
  }
  for (const Word& phrase : kPhrases) {
    if (error_reply.find(phrase.text) != std::string_view::npos) return phrase.cause;
  }
  return Cause::kOther;
}

bool ends_connection(Cause cause) {
  switch (cause) {
    case Cause::kPasswordWanted:
    case Cause::kProtected:
    case Cause::kTooManyClients:
    case Cause::kLoading:
    case Cause::kMasterDown:
    case Cause::kReadOnly:
      return true;
    case Cause::kNotConnected:
    case Cause::kNameUnknown:
    case Cause::kUnreachable:
    case Cause::kTimeout:
    case Cause::kEnded:
    case Cause::kTls:
    case Cause::kNotRedis:
    case Cause::kNoSentinel:
    case Cause::kNoMaster:
    case Cause::kPasswordWrong:
    case Cause::kNoPermission:
    case Cause::kOutOfMemory:
    case Cause::kDiskFailing:
    case Cause::kTooFewReplicas:
    case Cause::kBusy:
    case Cause::kCluster:
    case Cause::kBadDatabase:
    case Cause::kOther:
      return false;
  }
  return false;
}

bool refuses_writes(Cause cause) {
  return cause == Cause::kOutOfMemory || cause == Cause::kDiskFailing ||
         cause == Cause::kTooFewReplicas;
}

std::string_view remedy_for(Cause cause) {
  switch (cause) {
    case Cause::kNotConnected:
    case Cause::kOther:
      return "";
    case Cause::kNameUnknown:
      return "check the host's name in the address of Redis (REDIS_URL)";
    case Cause::kUnreachable:
      return "start Redis, or correct its address (REDIS_URL)";
    case Cause::kTimeout:
      return "see whether Redis is paused or overloaded, and whether a firewall drops its packets";
    case Cause::kEnded:
      return "see the log of Redis";
    case Cause::kTls:
      return "check the certificates (ssl_ca_certs) and that this port of Redis speaks TLS";
    case Cause::kNotRedis:
      return "check the port: something else answers there, or it wants TLS (rediss://)";
    case Cause::kNoSentinel:
      return "start the Sentinels, or correct their addresses";
    case Cause::kNoMaster:
      return "check the name of the master, and what `SENTINEL MASTERS` says";
    case Cause::kPasswordWanted:
      return "give the password in the address of Redis (REDIS_URL): redis://user:password@host";
    case Cause::kPasswordWrong:
      return "correct the user and the password in the address of Redis (REDIS_URL)";
    case Cause::kNoPermission:
      return "allow the user the commands, keys and channels it needs (ACL SETUSER)";
    case Cause::kProtected:
      return "give Redis a password, or let it listen where only this host reaches it";
    case Cause::kTooManyClients:
      return "raise maxclients of Redis";
    case Cause::kLoading:
      return "wait until Redis has loaded its data";
    case Cause::kMasterDown:
    case Cause::kReadOnly:
      return "give the address of the master, or that of the Sentinels";
    case Cause::kOutOfMemory:
      return "raise maxmemory of Redis, or free some";
    case Cause::kDiskFailing:
      return "see why Redis cannot save (disk full, permissions), or turn saving off";
    case Cause::kTooFewReplicas:
      return "bring the replicas back, or lower min-replicas-to-write of Redis";
    case Cause::kBusy:
      return "wait for the script, or end it with SCRIPT KILL";
    case Cause::kCluster:
      return "use a Redis that is not a Cluster";
    case Cause::kBadDatabase:
      return "give a database that exists (`databases` of Redis), such as 0";
  }
  return "";
}

std::string Trouble::to_string() const {
  const std::string_view remedy = remedy_for(cause);
  return remedy.empty() ? what : what + "; " + std::string(remedy);
}

Trouble trouble_of(std::string_view error_reply) {
  std::string what(error_reply.substr(0, kTextBytesMax));
  std::replace_if(
      what.begin(), what.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return {cause_of(error_reply), std::move(what)};
}

}  // namespace carillon::redis
