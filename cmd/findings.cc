#include "cmd/findings.h"

#include <algorithm>

namespace carillon::cmd {
namespace {

std::string mark_of(Verdict verdict, const Console& console) {
  switch (verdict) {
    case Verdict::kGood:
      return console.paint(Color::kGreen, "✓");
    case Verdict::kWarning:
      return console.paint(Color::kYellow, "!");
    case Verdict::kBad:
      return console.paint(Color::kRed, "✗");
  }
  return {};
}

std::string_view slug(Verdict verdict) {
  switch (verdict) {
    case Verdict::kGood:
      return "good";
    case Verdict::kWarning:
      return "warning";
    case Verdict::kBad:
      return "bad";
  }
  return {};
}

}  // namespace

bool has_bad(const std::vector<Finding>& findings) {
  return std::ranges::find(findings, Verdict::kBad, &Finding::verdict) != findings.end();
}

void print_findings(const std::vector<Finding>& findings, Console& console) {
  for (const Finding& finding : findings) {
    console.print_line(mark_of(finding.verdict, console) + ' ' + finding.subject + ": " +
                       finding.what);
    if (!finding.remedy.empty()) console.print_line("  → " + finding.remedy);
  }
}

json::Value findings_json(const std::vector<Finding>& findings) {
  json::Value all = json::Value::array();
  for (const Finding& finding : findings) {
    all.as_array()->push_back(json::Value::object({{"verdict", slug(finding.verdict)},
                                                   {"subject", finding.subject},
                                                   {"what", finding.what},
                                                   {"remedy", finding.remedy}}));
  }
  return all;
}

}  // namespace carillon::cmd
