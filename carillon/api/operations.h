// The routes for those who run the server: health, readiness, metrics, figures.
#pragma once

#include "carillon/api/api.h"

namespace carillon::api {

void add_operations_routes(Routes& routes);

}  // namespace carillon::api
