// One entry of channels_redis's `hosts`, in each of its forms. Pure.
#pragma once

#include <string>

#include "carillon/base/result.h"
#include "carillon/config/redis_host.h"
#include "carillon/config/toml_file.h"

namespace carillon::config {

// A URL, [host, port], {host, port, …}, {address, …} or {sentinels, master_name, …}. The options
// of redis-py that say where and who become part of the URL, those that only tune it are left out.
// The error says what is wrong and never holds a secret.
Result<RedisHost, std::string> read_redis_host(const FileValue& value);

}  // namespace carillon::config
