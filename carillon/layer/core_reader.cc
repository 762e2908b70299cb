#include "carillon/layer/core_reader.h"

#include <utility>

namespace carillon::layer {

CoreReader::CoreReader(redis::Client& client, std::string key, OnMessage on_message)
    : client_(client), key_(std::move(key)), on_message_(std::move(on_message)) {}

void CoreReader::on_change() {
  if (!is_reading_ && client_.is_connected()) read();
}

void CoreReader::read() {
  is_reading_ = true;
  // The second is on its way already when the first comes back: a burst costs one round trip.
  client_.command(
      {"BZPOPMIN", key_, std::to_string(kBlockS)},
      [this](const redis::CommandResult& result) { on_first(result); }, kBlockS * 1000);
  client_.command(
      {"ZPOPMIN", key_, std::to_string(kBatchCount)},
      [this](const redis::CommandResult& result) { on_batch(result); }, kBlockS * 1000);
}

void CoreReader::on_first(const redis::CommandResult& result) {
  may_block_ = result || result.error().kind != redis::CommandError::Kind::kRefused;
  if (!may_block_) refusal_ = result.error().text;
  // [key, member, score], or nothing within the time.
  if (result && result->elements.size() == 3) on_message_(result->elements[1].text);
}

void CoreReader::on_batch(const redis::CommandResult& result) {
  if (!result) {
    // Not again at once: a refusal (NOPERM) comes as fast as it is asked for.
    is_reading_ = false;
    const bool is_refusal = result.error().kind == redis::CommandError::Kind::kRefused;
    refusal_ = is_refusal ? result.error().text : std::string();
    return;
  }
  if (may_block_) refusal_.clear();
  // member, score, member, score, …
  for (size_t i = 0; i + 1 < result->elements.size(); i += 2) {
    on_message_(result->elements[i].text);
  }
  if (result->elements.size() < 2 * kBatchCount) {
    if (may_block_) return read();
    is_reading_ = false;  // at the next heartbeat: what does not wait would be asked all the time
    return;
  }
  client_.command({"ZPOPMIN", key_, std::to_string(kBatchCount)},
                  [this](const redis::CommandResult& more) { on_batch(more); });
}

}  // namespace carillon::layer
