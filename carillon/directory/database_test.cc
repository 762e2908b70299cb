#include "carillon/directory/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <string>
#include <thread>

#include "carillon/config/settings.h"

namespace carillon::directory {
namespace {

using auth::AuthError;
using auth::UserRights;
using testing::HasSubstr;

class DatabaseDirectoryTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::temp_directory_path() /
            ("carillon-directory-" + std::to_string(::getpid()) + ".sqlite3");
    std::filesystem::remove(path_);
    run_sql(
        "CREATE TABLE auth_user (id INTEGER PRIMARY KEY, is_active bool, is_staff bool,"
        " is_superuser bool);"
        "INSERT INTO auth_user VALUES (1, 1, 1, 0), (7, 1, 0, 0), (9, 0, 1, 1);");
    source_.emplace(DatabaseSource{
        .database = open(), .query = std::string(config::kDirectoryQuery), .health = health_});
    directory_.emplace(*loop_, *pool_, *source_);
    thread_ = std::thread([this] { loop_->run(); });
  }
  void TearDown() override {
    pool_.reset();
    loop_->stop();
    thread_.join();
    std::filesystem::remove(path_);
  }

  void run_sql(const std::string& sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
  }

  std::unique_ptr<store::Database> open() {
    return std::move(*store::Database::open(Secret("sqlite:///" + path_.string()), {}, clock_));
  }

  Result<UserRights, AuthError> look_up(const std::string& user_id) {
    std::promise<Result<UserRights, AuthError>> told;
    loop_->post([&] {
      directory_->look_up(user_id, [&](auto rights) { told.set_value(std::move(rights)); });
    });
    return told.get_future().get();
  }

  FakeClock clock_;
  std::string log_;
  log::Logger logger_{{.write = [this](std::string_view line) { log_ += line; }}};
  Health health_{logger_, "auth.database_url"};
  std::filesystem::path path_;
  std::optional<DatabaseSource> source_;
  std::unique_ptr<net::EventLoop> loop_ = std::move(*net::EventLoop::make(clock_));
  std::unique_ptr<net::BlockingPool> pool_ = std::make_unique<net::BlockingPool>(1, 1);
  std::optional<DatabaseDirectory> directory_;
  std::thread thread_;
};

TEST_F(DatabaseDirectoryTest, IsAskedOnlyForTokensWithoutARole) {
  EXPECT_TRUE(directory_->must_look_up({.user_id = "7"}));
  EXPECT_FALSE(directory_->must_look_up({.user_id = "7", .is_role_known = true}));
}

TEST_F(DatabaseDirectoryTest, TellsTheRightsOfEachUser) {
  EXPECT_TRUE(look_up("1")->is_staff);
  EXPECT_FALSE(look_up("7")->is_staff);
  EXPECT_EQ(look_up("9").error(), AuthError::kUserInactive);
  EXPECT_EQ(look_up("8").error(), AuthError::kUserNotFound);
  EXPECT_EQ(look_up("07").error(), AuthError::kUserNotFound);
  EXPECT_EQ(log_, "");
}

TEST_F(DatabaseDirectoryTest, LogsAnOutageOnceAndItsEndOnce) {
  run_sql("ALTER TABLE auth_user RENAME TO away");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(look_up("1").error(), AuthError::kDirectoryUnavailable);
  EXPECT_THAT(log_, HasSubstr("no such table: auth_user"));
  EXPECT_THAT(log_, HasSubstr("setting=auth.database_url"));
  EXPECT_EQ(log_.find("warn"), log_.rfind("warn"));
  run_sql("ALTER TABLE away RENAME TO auth_user");
  EXPECT_TRUE(look_up("1")->is_staff);
  EXPECT_TRUE(look_up("1")->is_staff);
  EXPECT_THAT(log_, HasSubstr("answers again"));
  EXPECT_EQ(log_.find("answers again"), log_.rfind("answers again"));
}

TEST_F(DatabaseDirectoryTest, IsUnavailableWhenThePoolIsFull) {
  std::promise<void> is_busy;
  std::promise<void> gate;
  ASSERT_TRUE(pool_->submit([&] {
    is_busy.set_value();
    gate.get_future().wait();
  }));
  is_busy.get_future().wait();
  ASSERT_TRUE(pool_->submit([] {}));
  EXPECT_EQ(look_up("1").error(), AuthError::kDirectoryUnavailable);
  gate.set_value();
}

}  // namespace
}  // namespace carillon::directory
