#include "carillon/inbox/memory_inbox.h"

#include <algorithm>
#include <ctime>

#include "carillon/json/writer.h"

namespace carillon::inbox {
namespace {

// RFC 3339 in UTC with milliseconds, as Django REST framework prints times.
std::string timestamp(int64_t wall_ms) {
  const time_t seconds = static_cast<time_t>(wall_ms / 1000);
  tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  const size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  const std::string milliseconds = std::to_string(1000 + wall_ms % 1000).substr(1);
  return std::string(text, length) + "." + milliseconds + "Z";
}

}  // namespace

MemoryInbox::MemoryInbox(const MemoryInboxOptions& options, const Clock& clock)
    : options_(options), clock_(clock) {}

MemoryInbox::User* MemoryInbox::find(std::string_view user_id) {
  const auto found = users_.find(std::string(user_id));
  if (found == users_.end()) return nullptr;
  by_recency_.splice(by_recency_.begin(), by_recency_, found->second.recency);
  return &found->second;
}

MemoryInbox::User& MemoryInbox::find_or_make(std::string_view user_id) {
  if (User* user = find(user_id)) return *user;
  if (users_.size() >= options_.users_max) {
    users_.erase(by_recency_.back());
    by_recency_.pop_back();
  }
  by_recency_.emplace_front(user_id);
  User& user = users_[std::string(user_id)];
  user.recency = by_recency_.begin();
  return user;
}

void MemoryInbox::drop(User& user, const std::deque<Entry>::iterator& entry) {
  if (!entry->is_read) --user.unread_count;
  user.entries.erase(entry);
}

uint64_t MemoryInbox::unused_id(const User& user) {
  const auto is_used = [&](uint64_t id) {
    return std::ranges::find(user.entries, std::to_string(id), &Entry::id) != user.entries.end();
  };
  while (is_used(next_id_)) ++next_id_;
  return next_id_++;
}

void MemoryInbox::add(std::string_view user_id,
                      json::Value notification,
                      UniqueFunction<void(Stored)> then) {
  User& user = find_or_make(user_id);
  if (notification.find("id") == nullptr) notification.set("id", json::Value(unused_id(user)));
  if (notification.find("created_at") == nullptr) {
    notification.set("created_at", json::Value(timestamp(clock_.wall_ms())));
  }
  std::string id = json::to_json(*notification.find("id"));
  const auto same = std::ranges::find(user.entries, id, &Entry::id);
  if (same != user.entries.end()) drop(user, same);
  if (user.entries.size() >= options_.notifications_max) drop(user, user.entries.begin());
  user.entries.push_back({std::move(id)});
  ++user.unread_count;
  then({std::move(notification), user.unread_count});
}

void MemoryInbox::remove(std::string_view user_id, const json::Value& id) {
  const auto found = users_.find(std::string(user_id));
  if (found == users_.end()) return;
  User& user = found->second;
  const auto entry = std::ranges::find(user.entries, json::to_json(id), &Entry::id);
  if (entry != user.entries.end()) drop(user, entry);
  if (!user.entries.empty()) return;
  by_recency_.erase(user.recency);
  users_.erase(found);
}

void MemoryInbox::unread_count(std::string_view user_id, UniqueFunction<void(uint64_t)> then) {
  const User* user = find(user_id);
  then(user == nullptr ? 0 : user->unread_count);
}

void MemoryInbox::mark_read(std::string_view user_id,
                            const json::Value& id,
                            UniqueFunction<void(std::optional<uint64_t>)> then) {
  User* user = find(user_id);
  if (user == nullptr) return then(std::nullopt);
  const auto entry = std::ranges::find(user->entries, json::to_json(id), &Entry::id);
  if (entry == user->entries.end()) return then(std::nullopt);
  if (!entry->is_read) --user->unread_count;
  entry->is_read = true;
  then(user->unread_count);
}

void MemoryInbox::mark_all_read(std::string_view user_id, UniqueFunction<void(uint64_t)> then) {
  if (User* user = find(user_id)) {
    for (Entry& entry : user->entries) entry.is_read = true;
    user->unread_count = 0;
  }
  then(0);
}

}  // namespace carillon::inbox
