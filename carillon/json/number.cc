#include "carillon/json/number.h"

#include <charconv>
#include <cmath>
#include <cstddef>
#include <system_error>

#include "carillon/base/assert.h"

namespace carillon::json {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// How many digits `text` begins with.
size_t count_digits(std::string_view text) {
  size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  return count;
}

// Whether an unrepresentable number is a huge one, not a tiny one: where its first digit that is
// not zero stands, counted from the point, exponent included.
bool is_huge(std::string_view text) {
  if (text.front() == '-') text.remove_prefix(1);
  const size_t exponent_at = text.find_first_of("eE");
  const std::string_view mantissa = text.substr(0, exponent_at);
  const size_t first = mantissa.find_first_not_of("0.");
  if (first == std::string_view::npos) return false;
  const auto point = static_cast<long long>(std::min(mantissa.find('.'), mantissa.size()));
  const long long magnitude = point - static_cast<long long>(first);
  if (exponent_at == std::string_view::npos) return magnitude > 0;

  std::string_view exponent = text.substr(exponent_at + 1);
  const bool is_negative = exponent.front() == '-';
  if (exponent.front() == '-' || exponent.front() == '+') exponent.remove_prefix(1);
  long long power = 0;
  const auto [end, error] = std::from_chars(exponent.begin(), exponent.end(), power);
  if (error != std::errc()) return !is_negative;  // more zeros than any text has digits
  return magnitude + (is_negative ? -power : power) > 0;
}

}  // namespace

bool is_number_text(std::string_view text) noexcept {
  if (text.starts_with('-')) text.remove_prefix(1);
  const size_t integer = count_digits(text);
  if (integer == 0 || (integer > 1 && text.front() == '0')) return false;
  text.remove_prefix(integer);
  if (text.starts_with('.')) {
    const size_t fraction = count_digits(text.substr(1));
    if (fraction == 0) return false;
    text.remove_prefix(1 + fraction);
  }
  if (!text.starts_with('e') && !text.starts_with('E')) return text.empty();
  text.remove_prefix(1);
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return !text.empty() && count_digits(text) == text.size();
}

std::optional<double> nearest_double(std::string_view text) noexcept {
  double number = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
  if (error == std::errc()) return number;
  if (is_huge(text)) return std::nullopt;
  return text.front() == '-' ? -0.0 : 0.0;
}

std::string shortest_text(double number) {
  CARILLON_ASSERT(std::isfinite(number));
  char text[32];  // the longest is -1.7976931348623157e+308
  const double magnitude = std::fabs(number);
  if (magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e16)) {
    const auto [end, error] =
        std::to_chars(text, text + sizeof text, number, std::chars_format::scientific);
    return {text, end};
  }
  const auto [end, error] =
      std::to_chars(text, text + sizeof text, number, std::chars_format::fixed);
  std::string fixed(text, end);
  if (fixed.find('.') == std::string::npos) fixed += ".0";
  return fixed;
}

}  // namespace carillon::json
