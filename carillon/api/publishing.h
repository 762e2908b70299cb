// The routes through which backends publish.
#pragma once

#include "carillon/api/api.h"

namespace carillon::api {

void add_publishing_routes(Routes& routes);

}  // namespace carillon::api
