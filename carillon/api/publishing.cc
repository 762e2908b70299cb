#include "carillon/api/publishing.h"

#include "carillon/api/publish_answer.h"
#include "carillon/crypto/hash.h"
#include "carillon/json/reader.h"
#include "carillon/layer/name.h"

namespace carillon::api {
namespace {

using http::problem;
using http::Response;
using publish::Notice;
using publish::PublishResult;

constexpr size_t kBatchMax = 1'000;
constexpr size_t kIdempotencyKeyBytesMax = 255;

Response field_error(const publish::FieldError& error) {
  json::Value messages = json::Value::array();
  messages.as_array()->emplace_back(error.message);
  json::Value object = json::Value::object();
  object.set(error.field, std::move(messages));
  return http::json_response(400, object);
}

Result<json::Value, Response> parse_body(const ApiRequest& request) {
  const json::ParseLimits limits{.bytes_max = request.body.size() + 1};
  auto body = json::parse(request.body, limits);
  if (body) return std::move(*body);
  return Err(problem(400, "JSON parse error: " + std::string(json::slug(body.error())) + ".",
                     "parse_error"));
}

Result<publish::PublishOptions, Response> options_for(Api& api, const ApiRequest& request) {
  CARILLON_TRY(auto caller, api.authorise(request.head));
  publish::PublishOptions options{.idempotency = {}, .rate_key = std::move(caller.rate_key)};
  const std::string_view key = request.head.header("Idempotency-Key");
  if (key.empty()) return options;
  if (key.size() > kIdempotencyKeyBytesMax) {
    return Err(problem(400, "Idempotency-Key is longer than 255 characters.", "bad_request"));
  }
  const auto hash = crypto::sha256(as_bytes(request.body));
  options.idempotency = publish::IdempotencyKey{
      std::string(request.head.path) + ' ' + std::string(key), std::string(as_text(hash))};
  return options;
}

void send(Api& api,
          std::vector<layer::Addressed> batch,
          publish::PublishOptions options,
          bool is_batch,
          Respond respond) {
  api.context().publisher.publish(
      std::move(batch), std::move(options),
      [&api, is_batch, respond = std::move(respond)](PublishResult result) mutable {
        api.on_loop([is_batch, respond = std::move(respond), result = std::move(result)]() mutable {
          respond(answer_for(result, is_batch));
        });
      });
}

// A member of the body, or null when it is absent.
json::Value take(const json::Value& body, std::string_view name) {
  const json::Value* value = body.find(name);
  return value != nullptr ? *value : json::Value();
}

std::string text_of(const json::Value& body, std::string_view name) {
  const json::Value* value = body.find(name);
  const std::string* text = value != nullptr ? value->as_string() : nullptr;
  return text != nullptr ? *text : std::string();
}

// What all single publishes do; `build` makes the event from the parsed body.
template <class Build>
void publish_one(Api& api, const ApiRequest& request, Respond respond, Build build) {
  auto options = options_for(api, request);
  if (!options) return respond(options.error());
  auto body = parse_body(request);
  if (!body) return respond(body.error());
  if (!body->is_object()) {
    return respond(field_error({"non_field_errors", "Invalid data. Expected a dictionary."}));
  }
  Notice notice = build(*body);
  if (!notice) return respond(field_error(notice.error()));
  std::vector<layer::Addressed> batch;
  batch.push_back(std::move(*notice));
  send(api, std::move(batch), std::move(*options), false, std::move(respond));
}

std::optional<Notice> missing(const json::Value& body, std::string_view name, bool is_text) {
  const json::Value* value = body.find(name);
  if (value == nullptr) {
    return Notice(Err(publish::FieldError{std::string(name), "This field is required."}));
  }
  if (is_text && !value->is_string()) {
    return Notice(Err(publish::FieldError{std::string(name), "Not a valid string."}));
  }
  return std::nullopt;
}

void post_dashboard(Api& api, const ApiRequest& request, Respond respond) {
  publish_one(api, request, std::move(respond), [](const json::Value& body) -> Notice {
    if (auto error = missing(body, "event_type", true)) return *error;
    return publish::notify_dashboard(text_of(body, "event_type"), take(body, "data"));
  });
}

void post_user(Api& api, const ApiRequest& request, Respond respond) {
  const std::string id(request.params.get("id").value_or(""));
  publish_one(api, request, std::move(respond), [&id](const json::Value& body) -> Notice {
    if (auto error = missing(body, "notification", false)) return *error;
    return publish::notify_user(id, take(body, "notification"));
  });
}

void post_mentor(Api& api, const ApiRequest& request, Respond respond) {
  const std::string id(request.params.get("id").value_or(""));
  publish_one(api, request, std::move(respond), [&id](const json::Value& body) -> Notice {
    if (auto error = missing(body, "event_type", true)) return *error;
    return publish::notify_mentor(id, text_of(body, "event_type"), take(body, "data"));
  });
}

void post_student(Api& api, const ApiRequest& request, Respond respond) {
  const std::string id(request.params.get("id").value_or(""));
  publish_one(api, request, std::move(respond), [&id](const json::Value& body) -> Notice {
    if (auto error = missing(body, "event_type", true)) return *error;
    return publish::notify_student(id, text_of(body, "event_type"), take(body, "data"));
  });
}

void put_leaderboard(Api& api, const ApiRequest& request, Respond respond) {
  publish_one(api, request, std::move(respond), [](const json::Value& body) -> Notice {
    if (auto error = missing(body, "leaderboard", false)) return *error;
    return publish::update_leaderboard(take(body, "leaderboard"));
  });
}

void post_group(Api& api, const ApiRequest& request, Respond respond) {
  const std::string group(request.params.get("group").value_or(""));
  publish_one(api, request, std::move(respond),
              [&group](const json::Value& body) { return publish::group_send(group, body); });
}

Notice batch_item(const json::Value& item) {
  if (!item.is_object()) return Err(publish::FieldError{"", "Expected an object."});
  if (auto error = missing(item, "group", true)) return *error;
  if (auto error = missing(item, "event", false)) return *error;
  return publish::group_send(text_of(item, "group"), take(item, "event"));
}

void post_batch(Api& api, const ApiRequest& request, Respond respond) {
  auto options = options_for(api, request);
  if (!options) return respond(options.error());
  auto body = parse_body(request);
  if (!body) return respond(body.error());
  const json::Value::Array* items = body->as_array();
  if (items == nullptr || items->empty() || items->size() > kBatchMax) {
    return respond(field_error({"non_field_errors", "Expected a list of 1 to 1000 items."}));
  }
  std::vector<layer::Addressed> batch;
  for (size_t i = 0; i < items->size(); ++i) {
    Notice notice = batch_item((*items)[i]);
    if (!notice) {
      const std::string dot = notice.error().field.empty() ? "" : ".";
      return respond(
          field_error({std::to_string(i) + dot + notice.error().field, notice.error().message}));
    }
    batch.push_back(std::move(*notice));
  }
  send(api, std::move(batch), std::move(*options), true, std::move(respond));
}

void get_group(Api& api, const ApiRequest& request, Respond respond) {
  if (auto caller = api.authorise(request.head); !caller) return respond(caller.error());
  const std::string group(request.params.get("group").value_or(""));
  if (!layer::is_valid_group_name(group)) {
    return respond(field_error({"group", "Letters, digits, '-', '_' and '.', at most 99."}));
  }
  api.context().count_members(group,
                              [&api, group, respond = std::move(respond)](uint64_t count) mutable {
                                api.on_loop([group, count, respond = std::move(respond)]() mutable {
                                  json::Value object = json::Value::object();
                                  object.set("group", json::Value(group));
                                  object.set("members", json::Value(count));
                                  object.set("cluster", json::Value());
                                  respond(http::json_response(200, object));
                                });
                              });
}

}  // namespace

void add_publishing_routes(Routes& routes) {
  using http::Method;
  routes.add(Method::kPost, "/api/realtime/dashboard/", post_dashboard);
  routes.add(Method::kPost, "/api/realtime/users/{id}/", post_user);
  routes.add(Method::kPost, "/api/realtime/mentors/{id}/", post_mentor);
  routes.add(Method::kPost, "/api/realtime/students/{id}/", post_student);
  routes.add(Method::kPut, "/api/realtime/leaderboard/", put_leaderboard);
  routes.add(Method::kPost, "/api/realtime/groups/{group}/", post_group);
  routes.add(Method::kGet, "/api/realtime/groups/{group}/", get_group);
  routes.add(Method::kPost, "/api/realtime/batch/", post_batch);
}

}  // namespace carillon::api
