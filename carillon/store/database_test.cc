#include "carillon/store/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

namespace carillon::store {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kQuery = "SELECT id, is_staff, role FROM auth_user WHERE id = $1";

void write_database(const std::filesystem::path& path, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(database);
  sqlite3_close(database);
}

class SqliteDatabase : public testing::Test {
 protected:
  void SetUp() override {
    directory_ =
        std::filesystem::temp_directory_path() / ("carillon-store-" + std::to_string(::getpid()));
    std::filesystem::create_directories(directory_);
    path_ = directory_ / "db.sqlite3";
    write_database(path_,
                   "CREATE TABLE auth_user (id INTEGER PRIMARY KEY, is_staff bool, role text);"
                   "INSERT INTO auth_user VALUES (7, 1, 'mentor'), (8, 0, NULL);");
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::unique_ptr<Database> open(uint64_t timeout_ms = 2'000) {
    auto database = Database::open(Secret("sqlite:///" + path_.string()),
                                   {.timeout_ms = timeout_ms}, system_clock());
    EXPECT_TRUE(database);
    return std::move(*database);
  }
  std::string code_of(Database& database, const std::string& sql) {
    const auto row = database.query_one(sql, "7");
    return row ? "" : row.error().code;
  }

  std::filesystem::path directory_;
  std::filesystem::path path_;
};

TEST_F(SqliteDatabase, GivesTheRowAsText) {
  const auto database = open();
  const auto row = database->query_one(kQuery, "7");
  ASSERT_TRUE(row);
  ASSERT_TRUE(*row);
  ASSERT_EQ((*row)->columns.size(), 3u);
  EXPECT_EQ(*(*row)->find("id"), "7");
  EXPECT_EQ(*(*row)->find("is_staff"), "1");
  EXPECT_EQ(*(*row)->find("role"), "mentor");
  EXPECT_EQ((*row)->find("email"), nullptr);
}

TEST_F(SqliteDatabase, TellsNullFromText) {
  const auto database = open();
  const auto row = database->query_one(kQuery, "8");
  ASSERT_TRUE(row && *row);
  EXPECT_EQ((*row)->find("role"), nullptr);
  EXPECT_EQ(*(*row)->find("is_staff"), "0");
}

TEST_F(SqliteDatabase, HasNoRowForOthersWhateverTheirIdsLookLike) {
  const auto database = open();
  for (const char* id : {"9", "seven", "", "7 OR 1=1", "99999999999999999999999"}) {
    const auto row = database->query_one(kQuery, id);
    ASSERT_TRUE(row) << id;
    EXPECT_FALSE(*row) << id;
  }
}

TEST_F(SqliteDatabase, NeverWrites) {
  const auto database = open();
  EXPECT_EQ(code_of(*database, "DELETE FROM auth_user WHERE id = $1"), "database_unreachable");
  EXPECT_TRUE(*database->query_one(kQuery, "7"));
}

TEST_F(SqliteDatabase, RefusesQueriesThatItDoesNotUnderstand) {
  const auto database = open();
  EXPECT_EQ(code_of(*database, "SELECT nothing FROM nowhere WHERE id = $1"), "database_query");
  EXPECT_EQ(code_of(*database, "SELEC"), "database_query");
  EXPECT_EQ(code_of(*database, "SELECT 1"), "database_query") << "asks of nobody";
  EXPECT_EQ(code_of(*database, "SELECT $1, $2"), "database_query");
  EXPECT_EQ(code_of(*database, ""), "database_query");
  EXPECT_EQ(code_of(*database, kQuery), "");
}

TEST_F(SqliteDatabase, EndsAQueryThatTakesTooLong) {
  const auto database = open(50);
  EXPECT_EQ(code_of(*database,
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                    "SELECT count(*) FROM n WHERE i <> $1"),
            "database_timeout");
  EXPECT_EQ(code_of(*database, kQuery), "");
}

TEST_F(SqliteDatabase, GivesUpOnALockedFileInTime) {
  const auto database = open(50);
  sqlite3* writer = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &writer), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(writer, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_EQ(code_of(*database, kQuery), "database_timeout");
  sqlite3_close(writer);
  EXPECT_EQ(code_of(*database, kQuery), "");
}

TEST_F(SqliteDatabase, SaysWhichFileIsMissingAndAsksAgainOnlyAfterAWhile) {
  FakeClock clock;
  std::filesystem::rename(path_, directory_ / "away");
  const auto database = Database::open(Secret("sqlite:///" + path_.string()), {}, clock);
  ASSERT_TRUE(database);
  const auto missing = (*database)->query_one(kQuery, "7");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, "database_unreachable");
  EXPECT_THAT(missing.error().what, HasSubstr(path_.string()));
  std::filesystem::rename(directory_ / "away", path_);
  clock.advance_ms(Database::kRetryMs - 1);
  EXPECT_EQ(code_of(**database, kQuery), "database_unreachable");
  clock.advance_ms(1);
  EXPECT_EQ(code_of(**database, kQuery), "");
}

TEST_F(SqliteDatabase, ReadsTheFileThatTookTheOldOnesPlace) {
  const auto database = open();
  ASSERT_TRUE(*database->query_one(kQuery, "8"));
  write_database(directory_ / "restored",
                 "CREATE TABLE auth_user (id INTEGER PRIMARY KEY, is_staff bool, role text);");
  std::filesystem::rename(directory_ / "restored", path_);
  const auto row = database->query_one(kQuery, "8");
  ASSERT_TRUE(row);
  EXPECT_FALSE(*row);
}

TEST_F(SqliteDatabase, NoticesAFileThatIsNoDatabase) {
  std::ofstream(path_) << std::string(4096, 'x');
  const auto database = open();
  EXPECT_EQ(code_of(*database, kQuery), "database_unreachable");
}

TEST_F(SqliteDatabase, ServesManyThreadsAtOnce) {
  const auto database = open();
  std::vector<std::thread> threads;
  std::atomic<int> found = 0;
  for (size_t i = 0; i < 2 * Database::kIdleConnectionsMax; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 20; ++k) {
        const auto row = database->query_one(kQuery, "7");
        if (row && *row) ++found;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(found, 2 * static_cast<int>(Database::kIdleConnectionsMax) * 20);
}

TEST(DatabaseUrl, IsRefusedWithoutBeingQuoted) {
  for (const char* url :
       {"mysql://u:hunter2@h/d", "sqlite:///", "sqlite:///?mode=ro", "hunter2",
        "postgres://u:hunter2", "postgresql://u:hun@ter2@h/d", "postgresql://u:hun/ter2@h/d",
        "postgresql://u:hunter2@h:x/d", "postgresql://u:hunter2@h/d?pool=true"}) {
    const auto database = Database::open(Secret(url), {}, system_clock());
    ASSERT_FALSE(database) << url;
    EXPECT_EQ(database.error().code, "database_url") << url;
    EXPECT_THAT(database.error().what, Not(HasSubstr("ter2"))) << url;
  }
}

TEST(DatabaseUrl, OfPostgresNamesTheParameterThatLibpqDoesNotKnow) {
  const auto database =
      Database::open(Secret("postgresql://h/d?conn_max_age=60"), {}, system_clock());
  ASSERT_FALSE(database);
  EXPECT_THAT(database.error().what, HasSubstr("conn_max_age"));
}

TEST(PostgresDatabase, ThatIsNotThereIsUnreachable) {
  const auto database = Database::open(Secret("postgresql://carillon:hunter2@/d?host=/nonexistent"),
                                       {}, system_clock());
  ASSERT_TRUE(database);
  const auto row = (*database)->query_one(kQuery, "7");
  ASSERT_FALSE(row);
  EXPECT_EQ(row.error().code, "database_unreachable");
  EXPECT_THAT(row.error().what, HasSubstr("/nonexistent"));
  EXPECT_THAT(row.error().what, Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace carillon::store
