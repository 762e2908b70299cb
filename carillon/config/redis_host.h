// One Redis of the channel layer, as the settings have it.
#pragma once

#include <string>
#include <vector>

#include "carillon/base/secret.h"

namespace carillon::config {

struct RedisHost {
  // redis://, rediss:// or unix://, checked for its form. With sentinels its host and port mean
  // nothing: user, password, database and options are those of their master. Never empty.
  Secret url{};
  std::vector<std::string> sentinels{};  // HOST:PORT; empty: the URL says where
  std::string sentinel_master{};         // the name that the sentinels know it by
  std::string sentinel_user{};
  Secret sentinel_password{};
};

// For people: the URL without its password, or "MASTER at SENTINEL SENTINEL".
std::string printable(const RedisHost& host);

}  // namespace carillon::config
