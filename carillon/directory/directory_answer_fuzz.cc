// A backend's answer, and one that was kept outside of the process: whatever they hold, an identity
// can be part of a group's name, is of whom it was asked, and survives being kept.
#include <cstdint>
#include <string_view>

#include "carillon/auth/identity.h"
#include "carillon/base/assert.h"
#include "carillon/directory/directory_answer.h"

namespace {

using carillon::directory::Answer;

void check_kept(const Answer& answer) {
  const std::string kept = carillon::directory::keep(answer);
  const auto again = carillon::directory::parse_kept(kept);
  CARILLON_ASSERT(again);
  CARILLON_ASSERT(carillon::directory::keep(*again) == kept);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace carillon;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto said = directory::parse_answer(text, {.user_id = {}, .now_s = 1'000});
  if (said) {
    CARILLON_ASSERT(!*said || auth::is_valid_user_id((*said)->user_id));
    CARILLON_ASSERT(!*said || (*said)->expires_at_s == 0 || (*said)->expires_at_s > 1'000);
    check_kept(*said);
  } else {
    CARILLON_ASSERT(!directory::explain(said.error()).empty());
  }
  const auto asked = directory::parse_answer(text, {.user_id = "7", .now_s = 1'000});
  CARILLON_ASSERT(!asked || !*asked || (*asked)->user_id == "7");
  const auto kept = directory::parse_kept(text);
  if (kept) check_kept(*kept);
  const store::Row row{.columns = {{"role", std::string(text)}, {"roles", std::string(text)}}};
  const Answer from_row = directory::read_row(row, "7");
  CARILLON_ASSERT(from_row && from_row->user_id == "7" && from_row->is_role_known);
  return 0;
}
