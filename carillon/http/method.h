// Request methods (RFC 9110 §9): case-sensitive names.
#pragma once

#include <cstdint>
#include <string_view>

namespace carillon::http {

enum class Method : uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };

// kOther for every name that is not in the list.
Method method_of(std::string_view name) noexcept;
// "GET" …; "" for kOther.
std::string_view name_of(Method method) noexcept;

}  // namespace carillon::http
