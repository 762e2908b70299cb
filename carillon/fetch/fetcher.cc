#include "carillon/fetch/fetcher.h"

#include <curl/curl.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace carillon::fetch {
namespace {

Error error_of(CURLcode code) {
  const std::string what = curl_easy_strerror(code);
  // Which codes there are changes with libcurl's version: the rest is "unreachable".
  if (code == CURLE_OPERATION_TIMEDOUT) return {"fetch_timeout", "did not answer in time"};
  if (code == CURLE_WRITE_ERROR) return {"fetch_too_large", "the answer is too long"};
  if (code == CURLE_URL_MALFORMAT) return {"fetch_url", what};
  return {"fetch_unreachable", what};
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < ' '; });
}

}  // namespace

struct Fetcher::Transfer {
  Transfer(CURL* handle, size_t bytes_max, Then on_done)
      : easy(handle), body_bytes_max(bytes_max), then(std::move(on_done)) {}
  ~Transfer() {
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  static size_t on_body(char* bytes, size_t, size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (transfer.body.size() + count > transfer.body_bytes_max) return 0;
    transfer.body.append(bytes, count);
    return count;
  }

  CURL* const easy;
  const size_t body_bytes_max;
  Then then;
  curl_slist* headers = nullptr;
  std::string body;
};

// libcurl's multi handle and what it wants to know: which sockets are ready, and when time is up.
class Fetcher::Driver final : public net::TimerHandler {
 public:
  Driver(net::EventLoop& loop, const FetchOptions& options, CURLM* multi)
      : loop_(loop), options_(options), multi_(multi), timer_(loop.timers().add(*this)) {
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, on_timeout_wish);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(options.concurrency_max));
  }

  ~Driver() {
    is_ending_ = true;
    for (const auto& [easy, transfer] : transfers_) curl_multi_remove_handle(multi_, easy);
    transfers_.clear();
    curl_multi_cleanup(multi_);
    loop_.timers().remove(timer_);
  }
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  void get(const FetchRequest& request, Then then) {
    if (transfers_.size() >= options_.concurrency_max) {
      return then(Err(Error{"fetch_busy", "too many requests are under way"}));
    }
    CURL* easy = curl_easy_init();
    if (easy == nullptr) return then(Err(Error{"fetch_unreachable", "out of memory"}));
    auto transfer = std::make_unique<Transfer>(easy, options_.body_bytes_max, std::move(then));
    if (!prepare(*transfer, request)) {
      return transfer->then(Err(Error{"fetch_url", "the URL or a header is malformed"}));
    }
    transfers_.emplace(easy, std::move(transfer));
    curl_multi_add_handle(multi_, easy);
    drive();
  }

  void on_timer() override {
    is_time_up_ = true;
    drive();
  }

 private:
  // One socket of libcurl's. Dies at the end of the turn in which libcurl gave it up.
  class Watch final : public net::IoHandler, public net::Disposable {
   public:
    Watch(Driver& driver, curl_socket_t fd) : driver_(driver), fd_(fd) {}
    void on_ready(uint8_t readiness) override {
      if (is_over) return;
      int ready = 0;
      if ((readiness & net::kReadable) != 0) ready |= CURL_CSELECT_IN;
      if ((readiness & net::kWritable) != 0) ready |= CURL_CSELECT_OUT;
      if ((readiness & net::kBroken) != 0) ready |= CURL_CSELECT_ERR;
      int running = 0;
      curl_multi_socket_action(driver_.multi_, fd_, ready, &running);
      driver_.drive();
    }
    bool is_over = false;

   private:
    Driver& driver_;
    const curl_socket_t fd_;
  };

  bool prepare(Transfer& transfer, const FetchRequest& request) {
    CURL* easy = transfer.easy;
    for (const auto& [name, value] : request.headers) {
      if (has_control(name) || has_control(value)) return false;
      const std::string line = name + ": " + value;
      transfer.headers = curl_slist_append(transfer.headers, line.c_str());
    }
    const auto timeout_ms = static_cast<long>(options_.timeout_ms);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, Transfer::on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "carillon");
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str()) == CURLE_OK;
  }

  static int on_socket(CURL*, curl_socket_t fd, int what, void* self, void* known) {
    static_cast<Driver*>(self)->watch(fd, what, static_cast<Watch*>(known));
    return 0;
  }

  void watch(curl_socket_t fd, int what, Watch* known) {
    if (what == CURL_POLL_REMOVE) return forget(fd, known);
    uint8_t interest = net::kNothing;
    if ((what & CURL_POLL_IN) != 0) interest |= net::kReadable;
    if ((what & CURL_POLL_OUT) != 0) interest |= net::kWritable;
    if (known != nullptr) return loop_.poller().change(fd, *known, interest);
    auto made = std::make_unique<Watch>(*this, fd);
    loop_.poller().watch(fd, *made, interest);
    curl_multi_assign(multi_, fd, made.get());
    watches_.emplace(made.get(), std::move(made));
  }

  void forget(curl_socket_t fd, Watch* known) {
    loop_.poller().forget(fd);
    curl_multi_assign(multi_, fd, nullptr);
    auto found = watches_.extract(known);
    if (found.empty()) return;
    known->is_over = true;
    if (!is_ending_) loop_.destroy_later(std::move(found.mapped()));
  }

  static int on_timeout_wish(CURLM*, long timeout_ms, void* self) {
    static_cast<Driver*>(self)->schedule(timeout_ms);
    return 0;
  }

  void schedule(long timeout_ms) {
    is_time_up_ = timeout_ms == 0;
    if (timeout_ms <= 0) return loop_.timers().cancel(timer_);
    loop_.timers().schedule(timer_, loop_.now_ms() + static_cast<uint64_t>(timeout_ms));
  }

  // Lets libcurl do what is due now and answers what is done, until neither is left. An answer may
  // ask for more: the call that is under way then sees to it.
  void drive() {
    if (is_driving_) return;
    is_driving_ = true;
    do {
      int running = 0;
      if (std::exchange(is_time_up_, false)) {
        curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
      }
      answer_all();
    } while (is_time_up_);
    is_driving_ = false;
  }

  void answer_all() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      auto found = transfers_.extract(message->easy_handle);  // `message` ends here
      curl_multi_remove_handle(multi_, found.key());
      answer(*found.mapped(), code);
    }
  }

  static void answer(Transfer& transfer, CURLcode code) {
    if (code != CURLE_OK) return transfer.then(Err(error_of(code)));
    long status = 0;
    curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    transfer.then(
        FetchResponse{.status = static_cast<int>(status), .body = std::move(transfer.body)});
  }

  net::EventLoop& loop_;
  const FetchOptions options_;
  CURLM* const multi_;
  const net::TimerId timer_;
  std::unordered_map<CURL*, std::unique_ptr<Transfer>> transfers_;
  std::unordered_map<Watch*, std::unique_ptr<Watch>> watches_;
  bool is_time_up_ = false;
  bool is_driving_ = false;
  bool is_ending_ = false;
};

Result<std::unique_ptr<Fetcher>, Error> Fetcher::make(net::EventLoop& loop,
                                                      const FetchOptions& options) {
  static const CURLcode kGlobal = curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM* multi = kGlobal == CURLE_OK ? curl_multi_init() : nullptr;
  if (multi == nullptr) return Err(Error{"fetch_unreachable", "libcurl cannot be used"});
  return std::unique_ptr<Fetcher>(new Fetcher(std::make_unique<Driver>(loop, options, multi)));
}

Fetcher::Fetcher(std::unique_ptr<Driver> driver) : driver_(std::move(driver)) {}

Fetcher::~Fetcher() = default;

void Fetcher::get(const FetchRequest& request, Then then) {
  driver_->get(request, std::move(then));
}

}  // namespace carillon::fetch
