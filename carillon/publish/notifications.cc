#include "carillon/publish/notifications.h"

#include <utility>

namespace carillon::publish {
namespace {

constexpr std::string_view kInboxGroupPrefix = "notifications_";

layer::Addressed unread_count_event(const std::string& user_id, uint64_t unread_count) {
  json::Value object = json::Value::object();
  object.set("type", json::Value("unread_count"));
  object.set("unread_count", json::Value(unread_count));
  auto event = std::make_shared<const layer::Event>(layer::Event::make_internal(std::move(object)));
  return {std::string(kInboxGroupPrefix) + user_id, std::move(event), 64};
}

}  // namespace

bool Notifications::store_one(layer::Addressed& addressed, Stored& stored) {
  if (!addressed.group.starts_with(kInboxGroupPrefix)) return false;
  if (addressed.event->type() != "notification") return false;
  const json::Value* notification = addressed.event->object().find("notification");
  if (notification == nullptr || !notification->is_object()) return false;
  stored.user_id = addressed.group.substr(kInboxGroupPrefix.size());
  inbox_.add(stored.user_id, *notification, [&](inbox::Stored added) {
    stored.id = *added.notification.find("id");
    json::Value object = addressed.event->object();
    object.set("notification", std::move(added.notification));
    object.set("unread_count", json::Value(added.unread_count));
    addressed.event =
        std::make_shared<const layer::Event>(layer::Event::make_internal(std::move(object)));
  });
  return true;
}

std::vector<Notifications::Stored> Notifications::store(std::vector<layer::Addressed>& batch) {
  std::vector<Stored> all;
  for (size_t i = 0; i < batch.size(); ++i) {
    Stored stored{.index = i, .user_id = {}, .id = {}};
    if (!store_one(batch[i], stored)) continue;
    ++under_way_[stored.user_id].count;
    all.push_back(std::move(stored));
  }
  return all;
}

void Notifications::settle(const std::vector<Stored>& all, const layer::SendResult& sent) {
  for (const Stored& stored : all) {
    const auto user = under_way_.find(stored.user_id);
    if (sent.outcome_of(stored.index) != layer::SendOutcome::kAccepted) {
      inbox_.remove(stored.user_id, stored.id);
      // A later one may have gone out, or be going out, with a count that includes this one.
      user->second.is_count_stale = true;
    }
    if (--user->second.count != 0) continue;
    const bool is_count_stale = user->second.is_count_stale;
    under_way_.erase(user);
    if (!is_count_stale) continue;
    inbox_.unread_count(stored.user_id, [&](uint64_t unread_count) {
      deliver_unread_count(stored.user_id, unread_count);
    });
  }
}

void Notifications::tell_unread_count(const std::string& user_id, uint64_t unread_count) {
  const auto user = under_way_.find(user_id);
  if (user != under_way_.end()) user->second.is_count_stale = true;
  deliver_unread_count(user_id, unread_count);
}

void Notifications::deliver_unread_count(const std::string& user_id, uint64_t unread_count) {
  // Not through the layer: other nodes have inboxes of their own, and Django's consumers in the
  // group have no handler for it.
  node_.deliver(unread_count_event(user_id, unread_count));
}

}  // namespace carillon::publish
