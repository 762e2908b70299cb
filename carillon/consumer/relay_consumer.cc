#include "carillon/consumer/relay_consumer.h"

#include <algorithm>

#include "carillon/base/assert.h"
#include "carillon/json/reader.h"
#include "carillon/json/writer.h"
#include "carillon/publish/publisher.h"
#include "carillon/ws/frame_writer.h"

namespace carillon::consumer {
namespace {

// What a forwarded message gains, for the bounds of what is under way.
constexpr size_t kForwardOverheadBytes = 512;

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::ranges::find(list, text) != list.end();
}

std::string greeting_text(const config::EndpointSettings& settings, uint64_t unread_count) {
  json::Value greeting = json::Value::object();
  greeting.set("type", json::Value("connection_established"));
  if (!settings.greeting.empty()) greeting.set("message", json::Value(settings.greeting));
  if (settings.unread_count) greeting.set("unread_count", json::Value(unread_count));
  return json::to_json(greeting);
}

}  // namespace

std::string error_text(std::string_view code, std::string_view message) {
  json::Value error = json::Value::object();
  error.set("type", json::Value("error"));
  error.set("code", json::Value(code));
  error.set("message", json::Value(message));
  return json::to_json(error);
}

RelayRules::RelayRules(const config::EndpointSettings& endpoint) : settings(endpoint) {
  if (settings.unread_count) return;
  greeting = std::make_shared<const std::string>(
      ws::make_frame(ws::Opcode::kText, greeting_text(settings, 0)));
}

bool RelayRules::allows_message(std::string_view type) const {
  return contains(settings.client_messages, type);
}

void RelayConsumer::connect() {
  const auto groups = peer().endpoint().groups_for(peer().params(), peer().user().user_id);
  if (!groups) return peer().deny(404, "No such endpoint.", "not_found");
  // The groups first: what is published from now on waits until the greeting has gone out.
  for (const std::string& group : *groups) (void)group_add(group);
  States states;
  for (const std::string& group : *groups) {
    for (auto& state : peer().state_of(group)) {
      if (peer().endpoint().relays(state->type)) states.push_back(std::move(state));
    }
  }
  if (!rules_.settings.unread_count) {
    accept();
    peer().send_frame(rules_.greeting, 0);
    for (const auto& state : states) event(state);
    return;
  }
  peer().publisher().unread_count(
      peer().user().user_id,
      [this, handle = peer().handle(), states = std::move(states)](uint64_t unread_count) {
        handle.post([this, unread_count, states](Peer&) { greet(unread_count, states); });
      });
}

void RelayConsumer::greet(uint64_t unread_count, const States& states) {
  accept();
  send(greeting_text(rules_.settings, unread_count));
  for (const auto& state : states) event(state);
}

void RelayConsumer::receive(std::string_view text) {
  auto message = json::parse(text);
  if (!message || !message->is_object()) {
    return send_error("invalid_json", "A message is a JSON object with a string \"type\".");
  }
  const json::Value* type = message->find("type");
  const std::string* name = type != nullptr ? type->as_string() : nullptr;
  if (name == nullptr) return send_error("invalid_field", "\"type\" must be a string.");
  if (!rules_.allows_message(*name)) {
    if (!rules_.settings.forward_to.empty()) return forward(std::move(*message), text.size());
    return send_error("unknown_type", "This endpoint does not know that type of message.");
  }
  if (*name == "ping") {
    json::Value pong = json::Value::object();
    pong.set("type", json::Value("pong"));
    const json::Value* timestamp = message->find("timestamp");
    pong.set("timestamp", timestamp != nullptr ? *timestamp : json::Value());
    return send_json(pong);
  }
  if (*name == "mark_read") return mark_read(*message);
  if (*name == "mark_all_read") return mark_all_read();
}

void RelayConsumer::mark_read(const json::Value& message) {
  const json::Value* id = message.find("notification_id");
  const bool is_id = id != nullptr && (id->is_string() || id->as_int64() || id->as_uint64());
  if (!is_id) {
    return send_error("invalid_field", "\"notification_id\" must be an integer or a string.");
  }
  peer().publisher().mark_read(
      peer().user().user_id, *id,
      [this, handle = peer().handle()](std::optional<uint64_t> unread_count) {
        if (unread_count) return;
        handle.post([this](Peer&) { send_error("not_found", "There is no such notification."); });
      });
}

void RelayConsumer::mark_all_read() {
  peer().publisher().mark_all_read(peer().user().user_id, [](uint64_t) {});
}

void RelayConsumer::forward(json::Value message, size_t byte_count) {
  const Endpoint& endpoint = peer().endpoint();
  json::Value params = json::Value::object();
  const auto& names = endpoint.pattern().names();
  for (size_t i = 0; i < names.size() && i < peer().params().size(); ++i) {
    params.set(names[i], json::Value(peer().params()[i]));
  }
  json::Value object = json::Value::object();
  object.set("type", json::Value(rules_.settings.forward_type));
  object.set("endpoint", json::Value(endpoint.options().name));
  object.set("user_id", json::Value(peer().user().user_id));
  object.set("params", std::move(params));
  object.set("message", std::move(message));
  object.set("reply_channel", json::Value(reply_channel()));
  auto event = layer::Event::make(std::move(object));
  // The type is that of the settings, which add_relay_endpoint() has checked.
  CARILLON_ASSERT(event.has_value());
  peer().publisher().send(rules_.settings.forward_to,
                          std::make_shared<const layer::Event>(std::move(*event)),
                          byte_count + kForwardOverheadBytes,
                          [this, handle = peer().handle()](layer::SendOutcome outcome) {
                            if (outcome == layer::SendOutcome::kAccepted) return;
                            handle.post([this, outcome](Peer&) { refuse_forward(outcome); });
                          });
}

void RelayConsumer::refuse_forward(layer::SendOutcome outcome) {
  if (outcome == layer::SendOutcome::kUnavailable) {
    return send_error("unavailable", "Messages cannot be handed on now; try again later.");
  }
  send_error("overloaded", "Too many messages wait already; try again later.");
}

void RelayConsumer::send_error(std::string_view code, std::string_view message) {
  send(error_text(code, message));
}

Result<void, Error> add_relay_endpoint(EndpointTable& table,
                                       const config::EndpointSettings& settings) {
  const auto forwarded = layer::Event::make(settings.forward_type, json::Value::object());
  if (!settings.forward_to.empty() && !forwarded) {
    return Err(Error{"bad_endpoint", "forward_type '" + settings.forward_type + "' of " +
                                         settings.name + ": " +
                                         std::string(layer::explain(forwarded.error()))});
  }
  auto rules = std::make_shared<const RelayRules>(settings);
  EndpointOptions options{.name = settings.name,
                          .path = settings.path,
                          .allow = settings.allow,
                          .groups = settings.groups,
                          .is_relay = true};
  if (settings.relay == "listed") {
    options.listed_types = settings.event_types;
    options.listed_types.insert(options.listed_types.end(), settings.state_types.begin(),
                                settings.state_types.end());
    options.listed_types.emplace_back("unread_count");
  }
  return table.add(std::move(options),
                   [rules](const Endpoint&) { return std::make_unique<RelayConsumer>(*rules); });
}

}  // namespace carillon::consumer
