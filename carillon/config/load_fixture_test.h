// Settings out of files in a directory of the test's own.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/config/load.h"

namespace carillon::config::test {

class LoadFixture : public testing::Test {
 protected:
  LoadFixture() {
    std::filesystem::create_directories(directory_);
    options_.env_file = directory_ + "/.env";
    options_.toml_file = directory_ + "/carillon.toml";
  }
  ~LoadFixture() override { std::filesystem::remove_all(directory_); }

  void write_env(std::string_view text) { std::ofstream(options_.env_file) << text; }
  void write_toml(std::string_view text) { std::ofstream(options_.toml_file) << text; }

  Loaded loaded() {
    auto result = load(options_);
    if (result) return *std::move(result);
    for (const Error& error : result.error()) ADD_FAILURE() << error.what;
    return {};
  }

  // What is wrong, with the directory left out of the paths.
  std::vector<std::string> problems() {
    std::vector<std::string> texts;
    const auto result = load(options_);
    if (result) return texts;
    for (const Error& error : result.error()) {
      std::string text = error.what;
      const size_t at = text.find(directory_ + "/");
      if (at == 0) text.erase(0, directory_.size() + 1);
      texts.push_back(std::move(text));
    }
    return texts;
  }

  static std::string source_of(const Loaded& loaded, std::string_view key) {
    for (const Origin& origin : loaded.origins) {
      if (origin.key == key) return origin.source;
    }
    return "none";
  }

  const std::string directory_ = testing::TempDir() + "carillon_load_" +
                                 std::to_string(testing::UnitTest::GetInstance()->random_seed()) +
                                 testing::UnitTest::GetInstance()->current_test_info()->name();
  LoadOptions options_;
};

}  // namespace carillon::config::test
