// The text of numbers (RFC 8259 §6): its grammar, and the doubles it stands for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace carillon::json {

// The grammar alone, whatever the size.
bool is_number_text(std::string_view text) noexcept;

// The nearest double; zero for what is too small, empty for what is too large. `text` must follow
// the grammar.
std::optional<double> nearest_double(std::string_view text) noexcept;

// The shortest text that reads back as `number`, which is finite; as Python prints it: 1.0, 1e+16.
std::string shortest_text(double number);

}  // namespace carillon::json
