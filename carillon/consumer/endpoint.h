// Where clients may connect: a path, who may, which groups they join, and the consumer they get.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/auth/permission.h"
#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/consumer/consumer.h"
#include "carillon/http/path_pattern.h"

namespace carillon::consumer {

using ConsumerFactory = std::function<std::unique_ptr<Consumer>(const Endpoint&)>;

struct EndpointOptions {
  std::string name = {};                 // for metrics and logs; the path when empty
  std::string path = {};                 // "/ws/mentor/{id}/"
  std::vector<std::string> allow = {};   // see auth::Permission; empty: anyone, without a token
  std::vector<std::string> groups = {};  // "mentor_{id}", "notifications_{user_id}"
  bool allow_binary = false;             // else a binary message closes with 1003
  uint64_t message_bytes_max = 0;        // 0: the server's limit
  bool is_rate_limited = true;
  bool is_relay = false;  // events go out as they are, past the consumer
  // Types of events, as handler names, that members get; others are dropped and counted. Empty:
  // all.
  std::vector<std::string> listed_types = {};
};

// Immutable, shared by all workers.
class Endpoint {
 public:
  static Result<Endpoint, Error> make(EndpointOptions options, ConsumerFactory factory);

  const EndpointOptions& options() const noexcept { return options_; }
  const http::PathPattern& pattern() const noexcept { return pattern_; }
  // Empty: anyone may connect.
  const std::optional<auth::Permission>& permission() const noexcept { return permission_; }
  std::unique_ptr<Consumer> make_consumer() const { return factory_(*this); }
  // Whether members get events of this type.
  bool relays(std::string_view type) const { return options_.listed_types.empty() || lists(type); }
  // The groups of one connection; nothing when a parameter makes a name that is not valid.
  std::optional<std::vector<std::string>> groups_for(const std::vector<std::string>& params,
                                                     std::string_view user_id) const;

 private:
  bool lists(std::string_view type) const;
  Endpoint(EndpointOptions options, http::PathPattern pattern, ConsumerFactory factory);
  EndpointOptions options_;
  http::PathPattern pattern_;
  std::optional<auth::Permission> permission_;
  ConsumerFactory factory_;
};

// All endpoints of a server. The first whose path matches wins.
class EndpointTable {
 public:
  Result<void, Error> add(EndpointOptions options, ConsumerFactory factory);
  const Endpoint* match(std::string_view path, std::vector<std::string>& params) const;
  const std::vector<std::unique_ptr<Endpoint>>& all() const noexcept { return endpoints_; }

 private:
  std::vector<std::unique_ptr<Endpoint>> endpoints_;
};

}  // namespace carillon::consumer
