// The steps of `carillon test-websocket`, each against the running server.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/base/clock.h"
#include "carillon/config/settings.h"
#include "carillon/json/value.h"
#include "cmd/console.h"
#include "cmd/server_access.h"
#include "cmd/ws_client.h"

namespace carillon::cmd {

enum class Outcome : uint8_t { kNotTried, kPassed, kFailed, kLeftOut };

struct Step {
  std::string_view name;   // stable, for --json
  std::string_view title;  // what must be true
  Outcome outcome = Outcome::kNotTried;
  std::string detail{};
  std::string remedy{};  // when failed
  std::optional<uint64_t> latency_ms{};
};

// Runs once. A step that fails leaves those that need it untried.
class WebsocketCheck {
 public:
  // All borrowed. `token` is the user's; empty: one is made for a user of its own, whom nobody else
  // is, so nobody sees the event.
  WebsocketCheck(const ServerAccess& server,
                 const config::Settings& settings,
                 const Clock& clock,
                 std::string token);

  void run();
  // Without those that do not apply here.
  std::vector<Step> steps() const;
  bool has_passed() const;

 private:
  enum StepIndex : uint8_t {
    kReachable,
    kReady,
    kLayer,
    kRoundTrip,
    kToken,
    kAccepted,
    kConnected,
    kPublished,
    kReceived
  };

  bool check_reachable();
  void check_ready();
  void explain_unready(const HttpReply& reply);
  // Redis itself where it is configured here, else what the server's /readyz says of its layer.
  void check_layer(std::string_view readyz);
  void check_own_layer();
  bool check_token();
  bool check_given_token();
  bool connect();
  void explain_refusal(const WsRefusal& refusal);
  bool publish();
  void receive();

  bool pass(StepIndex index, std::string detail);
  bool fail(StepIndex index, std::string detail, std::string_view remedy);
  // With our authorisation, if there is one: it shows details.
  Result<HttpReply, Error> get(std::string_view path);
  uint64_t ms_since(uint64_t then_ms) const { return clock_.monotonic_ms() - then_ms; }
  Deadline deadline() const { return {clock_, server_.timeout_ms}; }
  std::string group() const { return "notifications_" + user_id_; }

  const ServerAccess& server_;
  const config::Settings& settings_;
  const Clock& clock_;
  std::string token_;
  bool is_token_given_;
  std::string user_id_;
  std::string nonce_;  // tells our event from any other
  std::optional<WsClient> client_;
  uint64_t published_at_ms_ = 0;
  std::array<Step, 9> steps_;
};

// ✓, ✗ or –, then the detail, and the remedy below.
void print_steps(std::span<const Step> steps, Console& console);
// `ok` is null for a step that was not tried.
json::Value steps_json(std::span<const Step> steps);

}  // namespace carillon::cmd
