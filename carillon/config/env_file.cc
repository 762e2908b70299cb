#include "carillon/config/env_file.h"

#include <algorithm>

#include "carillon/config/value.h"

namespace carillon::config {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool is_name_char(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {
    if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
  }

  EnvFile parse() {
    while (!rest_.empty()) parse_line();
    return std::move(file_);
  }

 private:
  void parse_line() {
    const uint32_t line = line_;
    skip_blanks();
    if (rest_.empty() || rest_[0] == '#' || rest_[0] == '\n' || rest_[0] == '\r') {
      skip_line();
      return;
    }
    std::string name = take_name();
    if (name == "export" && !rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t')) {
      skip_blanks();
      name = take_name();
    }
    skip_blanks();
    if (name.empty() || rest_.empty() || rest_[0] != '=') {
      refuse(line, "is not NAME=value; mend it or put # before it");
      return;
    }
    rest_.remove_prefix(1);
    skip_blanks();
    parse_value(std::move(name), line);
  }

  void parse_value(std::string name, uint32_t line) {
    std::string value;
    const char quote = rest_.empty() ? '\0' : rest_[0];
    if (quote != '"' && quote != '\'') {
      value = take_plain();
    } else if (!take_quoted(quote, value)) {
      refuse(line, "has a quote that is never closed; close it");
      return;
    } else {
      skip_blanks();
      if (!rest_.empty() && rest_[0] != '#' && rest_[0] != '\n' && rest_[0] != '\r') {
        refuse(line, "has text after its closing quote; remove it or quote all of it");
        return;
      }
    }
    file_.entries.push_back({std::move(name), std::move(value), line});
    skip_line();
  }

  // Up to the end of the line or a comment, which needs a blank before its #.
  std::string take_plain() {
    const size_t end = std::min(rest_.find('\n'), rest_.size());
    size_t comment = rest_.find('#');
    while (comment < end && comment > 0 && rest_[comment - 1] != ' ' &&
           rest_[comment - 1] != '\t') {
      comment = rest_.find('#', comment + 1);
    }
    const size_t length = std::min(end, comment);
    const std::string value(trim(rest_.substr(0, length)));
    rest_.remove_prefix(length);
    return value;
  }

  bool take_quoted(char quote, std::string& value) {
    rest_.remove_prefix(1);
    while (!rest_.empty()) {
      char c = rest_[0];
      rest_.remove_prefix(1);
      if (c == quote) return true;
      if (c == '\n') ++line_;
      if (c == '\\' && quote == '"' && !rest_.empty()) {
        c = rest_[0];
        rest_.remove_prefix(1);
        if (c == '\n') ++line_;
        append_escape(value, c);
      } else {
        value += c;
      }
    }
    return false;
  }

  static void append_escape(std::string& value, char c) {
    switch (c) {
      case 'n':
        value += '\n';
        return;
      case 'r':
        value += '\r';
        return;
      case 't':
        value += '\t';
        return;
      case '"':
      case '\\':
      case '$':
        value += c;
        return;
      default:
        value += '\\';
        value += c;
    }
  }

  std::string take_name() {
    const auto end = std::ranges::find_if_not(rest_, is_name_char);
    std::string name(rest_.begin(), end);
    rest_.remove_prefix(name.size());
    return name;
  }

  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
  }

  void skip_line() {
    const size_t end = rest_.find('\n');
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    ++line_;
  }

  void refuse(uint32_t line, std::string what) {
    file_.problems.push_back({std::move(what), line});
    skip_line();
  }

  std::string_view rest_;
  uint32_t line_ = 1;
  EnvFile file_;
};

}  // namespace

EnvFile parse_env_file(std::string_view text) {
  return Parser(text).parse();
}

}  // namespace carillon::config
