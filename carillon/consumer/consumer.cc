#include "carillon/consumer/consumer.h"

#include <memory>

#include "carillon/consumer/endpoint.h"
#include "carillon/json/writer.h"
#include "carillon/layer/name.h"
#include "carillon/publish/publisher.h"

namespace carillon::consumer {

void Consumer::connect() {
  if (join_endpoint_groups()) accept();
}

bool Consumer::join_endpoint_groups() {
  const auto groups = peer_->endpoint().groups_for(peer_->params(), peer_->user().user_id);
  if (!groups) {
    peer_->deny(404, "No such endpoint.", "not_found");
    return false;
  }
  for (const std::string& group : *groups) (void)peer_->group_add(group);
  return true;
}

void Consumer::send_json(const json::Value& value) {
  peer_->send(json::to_json(value));
}

void Consumer::group_send(std::string_view group, std::string_view type, std::string_view message) {
  json::Value event = json::Value::object();
  event.set("type", json::Value(type));
  event.set("message", json::Value(message));
  (void)group_send(group, std::move(event));
}

bool Consumer::group_send(std::string_view group, json::Value event) {
  auto addressed = publish::group_send(group, std::move(event));
  if (!addressed) return false;
  peer_->publisher().publish(std::move(*addressed));
  return true;
}

bool Consumer::send_to_channel(std::string_view channel, json::Value object) {
  auto event = layer::Event::make(std::move(object));
  if (!event || !layer::is_valid_channel_name(channel)) return false;
  const size_t byte_count = json::to_json(event->object()).size();
  peer_->publisher().send(std::string(channel),
                          std::make_shared<const layer::Event>(std::move(*event)), byte_count,
                          [](layer::SendOutcome) {});
  return true;
}

}  // namespace carillon::consumer
