// The consumer of every endpoint that is only configuration: the five of the learning platform, and
// those of the settings file.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/config/settings.h"
#include "carillon/consumer/consumer.h"
#include "carillon/consumer/endpoint.h"

namespace carillon::consumer {

// What all connections of one such endpoint share; made once.
struct RelayRules {
  explicit RelayRules(const config::EndpointSettings& settings);

  bool allows_message(std::string_view type) const;

  const config::EndpointSettings settings;
  fanout::FramePtr greeting;  // null when it depends on the user, or there is none
};

// Joins the endpoint's groups, greets, sends the known state, relays events, and answers `ping`,
// `mark_read` and `mark_all_read`. Other messages go to the channel `forward_to`, if there is one.
class RelayConsumer final : public Consumer {
 public:
  explicit RelayConsumer(const RelayRules& rules) : rules_(rules) {}

  void connect() override;
  void receive(std::string_view text) override;

 private:
  using States = std::vector<fanout::PreparedEventPtr>;
  void greet(uint64_t unread_count, const States& states);
  void mark_read(const json::Value& message);
  void mark_all_read();
  // Wrapped, so that no client chooses the handler that is called for it elsewhere.
  void forward(json::Value message, size_t byte_count);
  void refuse_forward(layer::SendOutcome outcome);
  void send_error(std::string_view code, std::string_view message);

  const RelayRules& rules_;
};

// `{"type":"error","code":…,"message":…}`: never with anything of what it answers.
std::string error_text(std::string_view code, std::string_view message);

// Adds the endpoint that `settings` describe.
Result<void, Error> add_relay_endpoint(EndpointTable& table,
                                       const config::EndpointSettings& settings);

}  // namespace carillon::consumer
