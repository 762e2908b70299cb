// One request and its answer over a connection of its own, for the commands.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/http/client.h"
#include "cmd/socket.h"
#include "cmd/url.h"

namespace carillon::cmd {

struct HttpReply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  // First one's value, "" when absent; ignores case.
  std::string_view header(std::string_view name) const;
};

// Sends `request` to `url` (whose base goes before the target; Host is filled in when empty) and
// reads the whole answer, of 16 MiB at most. Errors: Socket's codes, and "not_http".
Result<HttpReply, Error> fetch(const Url& url,
                               http::ClientRequest request,
                               const Deadline& deadline);

// What an error body of the server says: its `detail`, or `field: message` for each field; "" when
// it is not such a body.
std::string detail_of(std::string_view body);

}  // namespace carillon::cmd
