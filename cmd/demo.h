// What `serve --demo` adds: a secret of its own that stays, three accounts, and a page at `/`.
#pragma once

#include <string>
#include <vector>

#include "carillon/api/api.h"
#include "carillon/config/load.h"

namespace carillon::cmd {

struct DemoAccount {
  std::string name;
  std::string role;
  std::string user_id;
  std::string token;  // good for kDemoTokenDays
};

inline constexpr int64_t kDemoTokenDays = 30;

// Writes `path` with a new secret and API key unless it is there, readable by its owner alone.
// Loaded as the lowest file of settings, so what the user sets himself comes first.
Result<void, Error> ensure_demo_env_file(const std::string& path);

// `now_s` is Unix time.
std::vector<DemoAccount> demo_accounts(const config::AuthSettings& settings, int64_t now_s);

// Answers `/` with the demonstration page, its accounts filled in, under a strict policy. Tokens
// are minted for each request, so an old tab needs a reload, not a restart.
api::PageHandler demo_page(const config::AuthSettings& settings, const Clock& clock);

}  // namespace carillon::cmd
