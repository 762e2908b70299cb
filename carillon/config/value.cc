#include "carillon/config/value.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>

#include "carillon/config/url.h"

namespace carillon::config {
namespace {

struct Suffix {
  std::string_view text;
  uint64_t factor;
};

// Largest first: printing takes the first that divides.
constexpr std::array kDurations = {Suffix{"d", 86'400'000}, Suffix{"h", 3'600'000},
                                   Suffix{"m", 60'000}, Suffix{"s", 1'000}, Suffix{"ms", 1}};
constexpr std::array kSizes = {Suffix{"GiB", 1U << 30}, Suffix{"MiB", 1U << 20},
                               Suffix{"KiB", 1U << 10}, Suffix{"B", 1}};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// Numbers up to 2^53 with decimals, no sign, no exponent.
std::optional<double> parse_decimal(std::string_view text) {
  if (text.empty() || text.size() > 20) return std::nullopt;
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (text[0] == '-' || !std::isfinite(value) || value > 9e15) return std::nullopt;
  return value;
}

// A number and one of `suffixes`; without a suffix, `bare` is the factor.
std::optional<uint64_t> parse_scaled(std::string_view text,
                                     std::span<const Suffix> suffixes,
                                     uint64_t bare) {
  text = trim(text);
  const size_t split = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto number = parse_decimal(text.substr(0, split));
  const std::string suffix = lower(trim(text.substr(split)));
  if (!number) return std::nullopt;
  uint64_t factor = suffix.empty() ? bare : 0;
  for (const Suffix& known : suffixes) {
    if (suffix == lower(known.text)) factor = known.factor;
  }
  if (factor == 0) return std::nullopt;
  const double scaled = *number * static_cast<double>(factor);
  if (scaled > 9e15 || scaled != std::floor(scaled)) return std::nullopt;
  return static_cast<uint64_t>(scaled);
}

std::string print_scaled(uint64_t value, std::span<const Suffix> suffixes) {
  if (value == 0) return "0";
  for (const Suffix& suffix : suffixes) {
    if (value % suffix.factor == 0) return fmt::format("{}{}", value / suffix.factor, suffix.text);
  }
  return fmt::format("{}", value);
}

uint64_t ms_per_unit(Unit unit) {
  return unit == Unit::kSeconds ? 1'000 : 1;
}

std::string print_number(uint32_t value, Unit unit) {
  switch (unit) {
    case Unit::kNone:
      return fmt::format("{}", value);
    case Unit::kMilliseconds:
    case Unit::kSeconds:
      return print_scaled(value * ms_per_unit(unit), kDurations);
    case Unit::kBytes:
      return print_scaled(value, kSizes);
  }
  return {};
}

Result<uint64_t, std::string> parse_count(std::string_view text) {
  uint64_t value = 0;
  const std::string_view digits = trim(text);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    return Err(fmt::format("'{}' is not a whole number", text));
  }
  return value;
}

Result<uint64_t, std::string> parse_number(std::string_view text, Unit unit) {
  switch (unit) {
    case Unit::kNone:
      return parse_count(text);
    case Unit::kBytes:
      return parse_bytes(text);
    case Unit::kMilliseconds:
    case Unit::kSeconds: {
      CARILLON_TRY(const uint64_t milliseconds, parse_duration_ms(text));
      if (milliseconds % ms_per_unit(unit) != 0) {
        return Err(fmt::format("'{}' is not a number of whole seconds", text));
      }
      return milliseconds / ms_per_unit(unit);
    }
  }
  return Err(std::string("is no number"));
}

bool is_choice(std::string_view choices, std::string_view text) {
  while (!choices.empty()) {
    const size_t space = std::min(choices.find(' '), choices.size());
    if (choices.substr(0, space) == text) return true;
    choices.remove_prefix(std::min(space + 1, choices.size()));
  }
  return false;
}

Result<void, std::string> check_text(const Rules& rules, std::string_view text) {
  if (!rules.choices.empty() && !is_choice(rules.choices, text)) {
    return Err(fmt::format("'{}' is none of: {}", text, rules.choices));
  }
  if (rules.check != nullptr) {
    std::string problem = rules.check(text);
    if (!problem.empty()) return Err(std::move(problem));
  }
  return {};
}

struct Assign {
  const Rules& rules;
  const RawValue& raw;

  Result<void, std::string> operator()(bool* target) const {
    CARILLON_TRY(const std::string text, scalar());
    const std::string word = lower(trim(text));
    const auto is_one_of = [&](std::initializer_list<std::string_view> words) {
      return std::ranges::find(words, word) != words.end();
    };
    const bool is_true = is_one_of({"true", "1", "yes", "on"});
    if (!is_true && !is_one_of({"false", "0", "no", "off"})) {
      return Err(fmt::format("'{}' is neither true nor false", text));
    }
    *target = is_true;
    return {};
  }

  Result<void, std::string> operator()(uint32_t* target) const {
    CARILLON_TRY(const std::string text, scalar());
    CARILLON_TRY(const uint64_t value, parse_number(text, rules.unit));
    if (value < rules.min || value > rules.max) {
      return Err(fmt::format("'{}' is out of range; give {} to {}", text,
                             print_number(rules.min, rules.unit),
                             print_number(rules.max, rules.unit)));
    }
    *target = static_cast<uint32_t>(value);
    return {};
  }

  Result<void, std::string> operator()(std::string* target) const {
    CARILLON_TRY(std::string text, scalar());
    if (auto checked = check_text(rules, text); !checked) return checked;
    *target = std::move(text);
    return {};
  }

  Result<void, std::string> operator()(std::vector<std::string>* target) const {
    CARILLON_TRY(*target, items());
    return {};
  }

  Result<void, std::string> operator()(Secret* target) const {
    CARILLON_TRY(std::string text, scalar());
    if (auto checked = check_text(rules, text); !checked) return checked;
    *target = Secret(std::move(text));
    return {};
  }

  Result<void, std::string> operator()(std::vector<Secret>* target) const {
    CARILLON_TRY(std::vector<std::string> texts, items());
    target->clear();
    for (std::string& text : texts) target->emplace_back(std::move(text));
    return {};
  }

  Result<void, std::string> operator()(std::vector<RedisHost>* target) const {
    CARILLON_TRY(std::vector<std::string> texts, items());
    target->clear();
    for (std::string& text : texts) target->push_back({.url = Secret(std::move(text))});
    return {};
  }

 private:
  Result<std::string, std::string> scalar() const {
    if (raw.is_list) return Err(std::string("takes one value, not a list"));
    return raw.text;
  }
  Result<std::vector<std::string>, std::string> items() const {
    std::vector<std::string> items = raw.is_list ? raw.items : split_list(raw.text);
    for (const std::string& item : items) {
      if (auto checked = check_text(rules, item); !checked) return Err(checked.error());
    }
    return items;
  }
};

struct Print {
  const Rules& rules;
  std::string operator()(const bool* value) const { return *value ? "true" : "false"; }
  std::string operator()(const uint32_t* value) const { return print_number(*value, rules.unit); }
  std::string operator()(const std::string* value) const { return without_password(*value); }
  std::string operator()(const Secret* value) const { return shown(*value); }
  std::string operator()(const std::vector<std::string>* values) const { return joined(*values); }
  std::string operator()(const std::vector<Secret>* values) const {
    std::vector<std::string> masked;
    for (const Secret& value : *values) masked.push_back(shown(value));
    return joined(masked);
  }
  std::string operator()(const std::vector<RedisHost>* values) const {
    std::vector<std::string> texts;
    for (const RedisHost& value : *values) texts.push_back(config::printable(value));
    return joined(texts);
  }

 private:
  std::string shown(const Secret& value) const {
    const std::string& text = value.reveal();
    const bool is_shown = rules.is_url && (text == "memory" || text.find("://") != text.npos);
    return is_shown ? without_password(text) : std::string(value.masked());
  }
  static std::string joined(const std::vector<std::string>& values) {
    std::string out;
    for (const std::string& value : values) {
      if (!out.empty()) out += ", ";
      out += value;
    }
    return out;
  }
};

}  // namespace

Result<uint64_t, std::string> parse_duration_ms(std::string_view text) {
  const auto value = parse_scaled(text, kDurations, 1'000);
  if (!value) {
    return Err(fmt::format("'{}' is no duration; give one such as 25s, 500ms, 5m or 12h", text));
  }
  return *value;
}

Result<uint64_t, std::string> parse_bytes(std::string_view text) {
  const auto value = parse_scaled(text, kSizes, 1);
  if (!value) return Err(fmt::format("'{}' is no size; give one such as 64KiB or 1MiB", text));
  return *value;
}

std::string_view trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string_view item = trim(text.substr(0, comma));
    if (!item.empty()) items.emplace_back(item);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return items;
}

bool is_list(Target target) {
  return std::holds_alternative<std::vector<std::string>*>(target) ||
         std::holds_alternative<std::vector<Secret>*>(target) ||
         std::holds_alternative<std::vector<RedisHost>*>(target);
}

Result<void, std::string> assign(Target target, const Rules& rules, const RawValue& raw) {
  return std::visit(Assign{rules, raw}, target);
}

std::string printable(Target target, const Rules& rules) {
  return std::visit(Print{rules}, target);
}

}  // namespace carillon::config
