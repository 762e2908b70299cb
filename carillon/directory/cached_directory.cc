#include "carillon/directory/cached_directory.h"

#include <string>
#include <utility>

#include "carillon/directory/user_rights.h"

namespace carillon::directory {
namespace {

Lookups::Ask ask_of(auth::UserDirectory& directory) {
  return [&directory](const std::string& user_id, UniqueFunction<void(Answer)> then) {
    directory.look_up(user_id, [user_id, then = std::move(then)](auto rights) mutable {
      then(answer_of(user_id, rights));
    });
  };
}

LookupMetrics metrics_of(metrics::Registry& registry) {
  return LookupMetrics([&registry](const char* outcome) -> metrics::Counter& {
    return registry.counter("carillon_directory_lookups_total",
                            "Questions to the user directory, by how they were answered",
                            {{"outcome", outcome}});
  });
}

}  // namespace

CachedDirectory::CachedDirectory(net::EventLoop& loop,
                                 metrics::Registry& registry,
                                 const LookupOptions& options,
                                 std::unique_ptr<auth::UserDirectory> directory)
    : directory_(std::move(directory)),
      lookups_(loop, options, metrics_of(registry), ask_of(*directory_)) {}

bool CachedDirectory::must_look_up(const auth::Identity& identity) const {
  return directory_->must_look_up(identity);
}

void CachedDirectory::look_up(std::string_view user_id, Then then) {
  lookups_.look_up(user_id, user_id, [then = std::move(then)](const Answer& answer) mutable {
    then(rights_of(answer));
  });
}

}  // namespace carillon::directory
