// The opening handshake of the bench's connections.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/base/result.h"
#include "carillon/http/client.h"
#include "cmd/bench_options.h"
#include "cmd/bench_target.h"

namespace carillon::bench {

// What connections and publisher prove themselves with.
struct Credentials {
  std::vector<std::string> tokens;    // one for each connection, each of another user
  std::string publish_authorization;  // value of the publisher's Authorization; may be empty
};

// Everything that a run's threads read and none changes. Outlives them.
struct Run {
  Options options;
  Target target;
  Target publish_target;  // the same, unless somebody else publishes
  Credentials credentials;
};

// Makes upgrade requests and checks their answers. One for each thread; borrows the Run.
class Upgrade {
 public:
  explicit Upgrade(const Run& run);

  std::string make_request(uint32_t connection_index) const;

  // Length of the answer's head at the front of `bytes`, 0 while it is not whole. The error is one
  // line about what the server answered instead.
  Result<size_t, std::string> check_answer(std::string_view bytes);

 private:
  const Run& run_;
  std::string key_;
  http::ResponseHead head_;
};

}  // namespace carillon::bench
