#include "cmd/command_line.h"

#include <gtest/gtest.h>

namespace carillon::cmd {
namespace {

class CommandLineTest : public testing::Test {
 protected:
  CommandLineTest() {
    Command& greet = line_.root().add_command({.name = "greet-all",
                                               .summary = "Greets",
                                               .examples = "  program greet-all\n",
                                               .alias = "greet_all"});
    greet.add_argument("NAME", name_, "whom", Need::kOptional);
    greet.add_option("--title", title_, "TITLE", "how");
    greet.add_option("--with", with_, "THING", "and what");
    greet.add_option("--count", count_, "N", "how often");
    greet.add_flag("--loud", is_loud_, "shout");
    greet.on_run([this](Context&) {
      ++run_count_;
      return ExitCode::kCheckFailed;
    });
    line_.set_version("program 1.2.3");
  }
  ~CommandLineTest() override {
    std::fclose(out_);
    std::fclose(error_);
  }

  int run(std::vector<const char*> words) {
    words.insert(words.begin(), "program");
    return line_.run(static_cast<int>(words.size()), words.data(), context_);
  }

  static std::string text_of(std::FILE* file) {
    std::rewind(file);
    std::string text(65'536, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file));
    return text;
  }

  std::FILE* out_ = std::tmpfile();
  std::FILE* error_ = std::tmpfile();
  Console console_{{.out = out_, .error = error_}};
  Context context_{console_, system_clock(), {}};
  CommandLine line_{{.name = "program", .summary = "Does things"}};
  std::string name_;
  std::string title_ = "Dr";
  std::vector<std::string> with_;
  uint64_t count_ = 3;
  bool is_loud_ = false;
  int run_count_ = 0;
};

TEST_F(CommandLineTest, RunsTheCommandWithItsOptions) {
  EXPECT_EQ(run({"greet-all", "Dana", "--with", "a", "--with", "b", "--loud", "--count=5"}), 1);
  EXPECT_EQ(run_count_, 1);
  EXPECT_EQ(name_, "Dana");
  EXPECT_EQ(title_, "Dr");
  EXPECT_EQ(with_, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(count_, 5U);
  EXPECT_TRUE(is_loud_);
}

TEST_F(CommandLineTest, KnowsAnotherSpelling) {
  EXPECT_EQ(run({"greet_all"}), 1);
  EXPECT_EQ(run_count_, 1);
}

TEST_F(CommandLineTest, AnOptionThatRepeatsTakesOneWordEach) {
  EXPECT_EQ(run({"greet-all", "--with", "a", "Dana"}), 1);
  EXPECT_EQ(with_, (std::vector<std::string>{"a"}));
  EXPECT_EQ(name_, "Dana");
}

TEST_F(CommandLineTest, TakesADashAsAnArgument) {
  EXPECT_EQ(run({"greet-all", "-"}), 1);
  EXPECT_EQ(name_, "-");
}

TEST_F(CommandLineTest, TakesBracketsAsTheyAre) {
  EXPECT_EQ(run({"greet-all", R"([{"a":1},2])"}), 1);
  EXPECT_EQ(name_, R"([{"a":1},2])");
}

TEST_F(CommandLineTest, PrintsHelpOfTheCommand) {
  EXPECT_EQ(run({"greet-all", "--help"}), 0);
  EXPECT_EQ(run_count_, 0);
  const std::string text = text_of(out_);
  EXPECT_NE(text.find("Usage: program greet-all [NAME] [OPTIONS]\n"), std::string::npos) << text;
  EXPECT_NE(text.find("--title TITLE  how (default Dr)\n"), std::string::npos) << text;
  EXPECT_NE(text.find("Examples:\n  program greet-all\n"), std::string::npos) << text;
}

TEST_F(CommandLineTest, PrintsTheCommandsAndTheVersion) {
  EXPECT_EQ(run({"--help"}), 0);
  EXPECT_NE(text_of(out_).find("greet-all   Greets\n"), std::string::npos) << text_of(out_);
  EXPECT_EQ(run({"--version"}), 0);
  EXPECT_NE(text_of(out_).find("program 1.2.3\n"), std::string::npos);
}

TEST_F(CommandLineTest, SaysInOneLineWhatWasMistyped) {
  EXPECT_EQ(run({"great-all"}), 2);
  EXPECT_EQ(text_of(error_),
            "error: great-all: no such command; did you mean greet-all? (see program --help)\n");
}

TEST_F(CommandLineTest, NamesTheNearestOption) {
  EXPECT_EQ(run({"greet-all", "--titel=Ms"}), 2);
  EXPECT_EQ(text_of(error_),
            "error: --titel=Ms: not expected here; did you mean --title? (see program greet-all "
            "--help)\n");
  EXPECT_EQ(run_count_, 0);
}

TEST_F(CommandLineTest, WantsACommand) {
  EXPECT_EQ(run({}), 2);
  EXPECT_EQ(text_of(error_), "error: program: needs a command (see program --help)\n");
}

TEST_F(CommandLineTest, RefusesANumberThatIsNone) {
  EXPECT_EQ(run({"greet-all", "--count", "many"}), 2);
  EXPECT_NE(text_of(error_).find("--count"), std::string::npos);
}

TEST(Console, PaintsOnlyWhereItMay) {
  std::FILE* file = std::tmpfile();
  Console plain({.out = file, .error = file});
  Console colored({.out = file, .error = file, .is_colored = true});
  EXPECT_EQ(plain.paint(Color::kGreen, "x"), "x");
  EXPECT_EQ(colored.paint(Color::kGreen, "x"), "\x1b[32mx\x1b[0m");
  EXPECT_FALSE(Console::from_process(true, "xterm").is_colored);
  EXPECT_FALSE(Console::from_process(false, "dumb").is_colored);
  std::fclose(file);
}

}  // namespace
}  // namespace carillon::cmd
