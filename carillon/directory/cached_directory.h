// Any user directory, asked as seldom as its answers allow.
#pragma once

#include <memory>
#include <string_view>

#include "carillon/auth/user_directory.h"
#include "carillon/directory/lookups.h"

namespace carillon::directory {

// One per worker, on its loop.
class CachedDirectory final : public auth::UserDirectory {
 public:
  // `loop` is borrowed for life; `options` bound what is kept and asked.
  CachedDirectory(net::EventLoop& loop,
                  metrics::Registry& registry,
                  const LookupOptions& options,
                  std::unique_ptr<auth::UserDirectory> directory);

  bool must_look_up(const auth::Identity& identity) const override;
  void look_up(std::string_view user_id, Then then) override;

 private:
  const std::unique_ptr<auth::UserDirectory> directory_;
  Lookups lookups_;
};

}  // namespace carillon::directory
