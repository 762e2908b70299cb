#include "carillon/fetch/fetcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <future>
#include <thread>

#include "carillon/fetch/stub_server_test.h"

namespace carillon::fetch {
namespace {

using test::http_answer;
using testing::HasSubstr;
using testing::Not;

// The loop runs on a thread of its own; the test asks and waits.
class FetcherTest : public testing::Test {
 protected:
  FetcherTest()
      : loop_(std::move(*net::EventLoop::make(system_clock()))),
        server_(*loop_),
        thread_([this] { loop_->run(); }) {}
  ~FetcherTest() override {
    loop_->stop();
    thread_.join();
  }

  void on_loop(const std::function<void()>& work) {
    std::promise<void> done;
    loop_->post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  void answer_with(const std::string& text) {
    on_loop([&] { server_.answer = text; });
  }

  // Lives and dies on the loop.
  struct EndOnLoop {
    FetcherTest* test;
    void operator()(Fetcher* fetcher) const {
      test->on_loop([fetcher] { delete fetcher; });
    }
  };
  using Owned = std::unique_ptr<Fetcher, EndOnLoop>;
  Owned make(const FetchOptions& options = {}) {
    Owned made(nullptr, EndOnLoop{this});
    on_loop([&] { made.reset(Fetcher::make(*loop_, options)->release()); });
    return made;
  }

  std::future<Result<FetchResponse, Error>> start(Fetcher& fetcher, const FetchRequest& request) {
    auto promise = std::make_shared<std::promise<Result<FetchResponse, Error>>>();
    on_loop([&] {
      fetcher.get(request, [promise](auto result) { promise->set_value(std::move(result)); });
    });
    return promise->get_future();
  }
  Result<FetchResponse, Error> get(Fetcher& fetcher, const FetchRequest& request) {
    return start(fetcher, request).get();
  }
  Result<FetchResponse, Error> get(const std::string& url) {
    const auto fetcher = make();
    return get(*fetcher, {.url = url});
  }
  std::string error_of(const std::string& url) {
    const auto response = get(url);
    return response ? "" : response.error().code;
  }

  std::unique_ptr<net::EventLoop> loop_;
  test::StubServer server_;
  std::thread thread_;
};

TEST_F(FetcherTest, GivesStatusAndBody) {
  answer_with(http_answer(404, "gone"));
  const auto response = get(server_.url() + "/users/7/?x=1");
  ASSERT_TRUE(response) << response.error().what;
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->body, "gone");
  ASSERT_EQ(server_.requests.size(), 1u);
  EXPECT_THAT(server_.requests[0], testing::StartsWith("GET /users/7/?x=1 HTTP/1.1\r\n"));
}

TEST_F(FetcherTest, SendsTheHeadersThatItIsGivenAndNoCredentialsOfItsOwn) {
  answer_with(http_answer(200, ""));
  const auto fetcher = make();
  ASSERT_TRUE(get(*fetcher, {.url = server_.url(), .headers = {{"Cookie", "sessionid=a"}}}));
  EXPECT_THAT(server_.requests[0], HasSubstr("\r\nCookie: sessionid=a\r\n"));
  EXPECT_THAT(server_.requests[0], Not(HasSubstr("Authorization")));
}

TEST_F(FetcherTest, RefusesHeadersThatWouldAddLines) {
  const auto fetcher = make();
  const auto response =
      get(*fetcher, {.url = server_.url(), .headers = {{"Cookie", "a=1\r\nX-Evil: 1"}}});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, "fetch_url");
  EXPECT_TRUE(server_.requests.empty());
}

TEST_F(FetcherTest, FollowsNoRedirect) {
  answer_with(http_answer(302, "", "Location: " + server_.url() + "/elsewhere\r\n"));
  EXPECT_EQ(get(server_.url())->status, 302);
  EXPECT_EQ(server_.requests.size(), 1u);
}

TEST_F(FetcherTest, IgnoresTheEnvironmentsProxy) {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  answer_with(http_answer(200, "direct"));
  const auto response = get(server_.url());
  ::unsetenv("http_proxy");
  ASSERT_TRUE(response) << response.error().what;
  EXPECT_EQ(response->body, "direct");
}

TEST_F(FetcherTest, TakesABodyOfTheLimitAndNoByteMore) {
  const auto fetcher = make({.body_bytes_max = 100});
  answer_with(http_answer(200, std::string(100, 'x')));
  EXPECT_EQ(get(*fetcher, {.url = server_.url()})->body.size(), 100u);
  answer_with(http_answer(200, std::string(101, 'x')));
  const auto response = get(*fetcher, {.url = server_.url()});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, "fetch_too_large");
}

TEST_F(FetcherTest, GivesUpOnAServerThatIsSilent) {
  const auto fetcher = make({.timeout_ms = 30});
  const auto response = get(*fetcher, {.url = server_.url()});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, "fetch_timeout");
}

TEST_F(FetcherTest, SaysWhatIsWrong) {
  EXPECT_EQ(error_of("http://127.0.0.1:1/"), "fetch_unreachable");
  EXPECT_EQ(error_of("http://nowhere.invalid/"), "fetch_unreachable");
  EXPECT_EQ(error_of("file:///etc/passwd"), "fetch_unreachable");
  EXPECT_EQ(error_of("ftp://127.0.0.1/"), "fetch_unreachable");
  EXPECT_EQ(error_of("no url"), "fetch_url");
  answer_with("this is no HTTP\r\n\r\n");
  EXPECT_EQ(error_of(server_.url()), "fetch_unreachable");
}

TEST_F(FetcherTest, NeverRepeatsTheUrlInAnError) {
  const auto response = get("http://user:hunter2@127.0.0.1:1/?token=hunter2");
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error().what, Not(HasSubstr("hunter2")));
}

TEST_F(FetcherTest, HasSoManyRequestsUnderWayAndNoMore) {
  const auto fetcher = make({.timeout_ms = 60'000, .concurrency_max = 2});
  auto first = start(*fetcher, {.url = server_.url()});
  auto second = start(*fetcher, {.url = server_.url()});
  const auto third = get(*fetcher, {.url = server_.url()});
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, "fetch_busy");
  on_loop([&] { server_.answer_late(http_answer(200, "")); });
  EXPECT_TRUE(first.get());
  EXPECT_TRUE(second.get());
  answer_with(http_answer(200, ""));
  EXPECT_TRUE(get(*fetcher, {.url = server_.url()}));
}

TEST_F(FetcherTest, AsksAgainFromInsideAnAnswer) {
  answer_with(http_answer(200, ""));
  const auto fetcher = make();
  std::promise<void> done;
  on_loop([&] {
    fetcher->get({.url = server_.url()}, [&](Result<FetchResponse, Error> first) {
      EXPECT_TRUE(first);
      fetcher->get({.url = server_.url()}, [&](Result<FetchResponse, Error> second) {
        EXPECT_TRUE(second);
        done.set_value();
      });
    });
  });
  done.get_future().wait();
  EXPECT_EQ(server_.connection_count(), 1u) << "the connection is used again";
}

TEST_F(FetcherTest, DropsWhatIsUnderWayWhenItEnds) {
  auto fetcher = make();
  on_loop([&] { fetcher->get({.url = server_.url()}, [](auto) { FAIL() << "answered"; }); });
  fetcher.reset();
  answer_with(http_answer(200, ""));
  EXPECT_TRUE(get(server_.url())) << "the loop is as it was";
}

}  // namespace
}  // namespace carillon::fetch
