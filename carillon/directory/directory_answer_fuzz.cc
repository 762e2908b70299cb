// A backend's answer, and one that was kept outside of the process: whatever they hold, an identity
// can be part of a group's name, is of whom it was asked, and survives being kept. A row of the
// same text: who is not active, or of another id, is nobody.
#include <cstdint>
#include <string>
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

void check_row(const std::string& text) {
  using carillon::directory::read_row;
  using carillon::store::Row;
  const Answer roles = read_row(Row{.columns = {{"role", text}, {"roles", text}}}, "7");
  CARILLON_ASSERT(roles && roles->user_id == "7" && roles->is_role_known);
  // The same word for each flag: whoever is active is staff, and nobody else is let in.
  const Answer flags = read_row(Row{.columns = {{"is_active", text}, {"is_staff", text}}}, "7");
  CARILLON_ASSERT(flags ? flags->is_staff
                        : flags.error() == carillon::auth::AuthError::kUserInactive);
  const Answer other = read_row(Row{.columns = {{"id", text}}}, "7");
  CARILLON_ASSERT(other.has_value() == (text == "7"));
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
  check_row(std::string(text));
  return 0;
}
