// What `carillon check` finds, and how it prints it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "carillon/json/value.h"
#include "cmd/console.h"

namespace carillon::cmd {

enum class Verdict : uint8_t { kGood, kWarning, kBad };

struct Finding {
  Verdict verdict = Verdict::kGood;
  std::string subject;   // "ALLOWED_HOSTS"
  std::string what;      // one line
  std::string remedy{};  // one line, for what is not good
};

bool has_bad(const std::vector<Finding>& findings);
void print_findings(const std::vector<Finding>& findings, Console& console);
json::Value findings_json(const std::vector<Finding>& findings);

}  // namespace carillon::cmd
