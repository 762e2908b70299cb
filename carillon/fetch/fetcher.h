// Outgoing HTTP requests on our own loop: bounded in time, size and number. Over libcurl.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/base/unique_function.h"
#include "carillon/net/event_loop.h"

namespace carillon::fetch {

struct FetchOptions {
  uint64_t timeout_ms = 2'000;  // of one request, name lookup and connection included
  size_t body_bytes_max = 65'536;
  size_t concurrency_max = 32;
};

struct FetchRequest {
  std::string url;  // http:// or https://
  std::vector<std::pair<std::string, std::string>> headers = {};
};

struct FetchResponse {
  int status = 0;
  std::string body;
};

// One per worker, on its loop. Certificates are checked against the machine's list; redirects are
// not followed, cookies not kept, and the environment's proxies not used. Connections are used
// again.
class Fetcher {
 public:
  using Then = UniqueFunction<void(Result<FetchResponse, Error>)>;

  // `loop` is borrowed for life.
  static Result<std::unique_ptr<Fetcher>, Error> make(net::EventLoop& loop,
                                                      const FetchOptions& options);
  // What is under way is dropped and never answered.
  ~Fetcher();
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

  // GET. Calls `then` once, perhaps before it returns. Whatever the status, an answer is one; the
  // codes of errors: fetch_busy (concurrency_max are under way), fetch_url, fetch_unreachable,
  // fetch_timeout, fetch_too_large. They never hold the URL or a header.
  void get(const FetchRequest& request, Then then);

 private:
  struct Transfer;
  class Driver;
  explicit Fetcher(std::unique_ptr<Driver> driver);
  std::unique_ptr<Driver> driver_;
};

}  // namespace carillon::fetch
