// What a publisher is told of its request.
#pragma once

#include "carillon/http/response.h"
#include "carillon/publish/publisher.h"

namespace carillon::api {

// `is_batch`: of a list of events, else of one.
http::Response answer_for(const publish::PublishResult& result, bool is_batch);

}  // namespace carillon::api
