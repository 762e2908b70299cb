// PostgreSQL through libpq, which is loaded when the first URL of it is opened: a server without
// one needs none of the 25 libraries that come with it.
#pragma once

#include "carillon/base/clock.h"
#include "carillon/base/secret.h"
#include "carillon/store/connection.h"

namespace carillon::store {

// The errors: libpq_missing (and which package brings it), database_url.
Result<Connect, Error> postgres_connect(const Secret& url, const Clock& clock);

}  // namespace carillon::store
