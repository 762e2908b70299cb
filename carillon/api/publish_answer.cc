#include "carillon/api/publish_answer.h"

#include <string>
#include <string_view>
#include <utility>

#include "carillon/json/value.h"

namespace carillon::api {
namespace {

using http::problem;
using http::Response;
using publish::PublishResult;
using publish::PublishStatus;

Response accepted(const PublishResult& result, bool is_batch) {
  json::Value object = json::Value::object();
  object.set("accepted", json::Value(true));
  if (is_batch) {
    json::Value ids = json::Value::array();
    for (const std::string& id : result.ids) ids.as_array()->emplace_back(id);
    object.set("ids", std::move(ids));
  } else {
    object.set("id", json::Value(result.ids.front()));
  }
  if (result.over_capacity_count != 0) {
    object.set("over_capacity", json::Value(result.over_capacity_count));
  }
  return http::json_response(202, object);
}

std::string unavailable_detail(std::string_view what, const PublishResult& result) {
  std::string detail(what);
  if (!result.trouble.empty()) detail += " " + result.trouble;
  return detail;
}

// Some hosts of the channel layer could not be reached: what became of each event of the batch.
Response multi_status(const PublishResult& result) {
  json::Value results = json::Value::array();
  for (const std::string& id : result.ids) {
    json::Value item = json::Value::object();
    item.set("accepted", json::Value(!id.empty()));
    if (id.empty()) {
      item.set("code", json::Value("layer_unavailable"));
    } else {
      item.set("id", json::Value(id));
    }
    results.as_array()->push_back(std::move(item));
  }
  json::Value object = json::Value::object();
  object.set("accepted", json::Value(false));
  object.set("detail", json::Value(unavailable_detail(
                           "A part of the channel layer cannot be reached; send again what was not "
                           "accepted.",
                           result)));
  object.set("results", std::move(results));
  return http::json_response(207, object);
}

}  // namespace

Response answer_for(const PublishResult& result, bool is_batch) {
  Response response;
  switch (result.status) {
    case PublishStatus::kAccepted:
      return accepted(result, is_batch);
    case PublishStatus::kPartial:
      response = multi_status(result);
      break;
    case PublishStatus::kKeyReused:
      return problem(422, "This Idempotency-Key came before with another body.", "key_reused");
    case PublishStatus::kKeyInProgress:
      response = problem(409, "A request with this Idempotency-Key is being answered elsewhere.",
                         "key_in_progress");
      break;
    case PublishStatus::kRateLimited:
      response = problem(429, "Request was throttled.", "throttled");
      break;
    case PublishStatus::kNoRoom:
      response = problem(503, "No room for the event now; nothing was sent.", "no_room");
      break;
    case PublishStatus::kUnavailable:
      response = problem(
          503, unavailable_detail("The channel layer cannot be reached; nothing was sent.", result),
          "layer_unavailable");
      break;
  }
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace carillon::api
