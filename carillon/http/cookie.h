// The Cookie header (RFC 6265 §4.2.1).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "carillon/http/header.h"

namespace carillon::http {

// The pairs of all Cookie fields whose names are among `names`, in their order, as one field's
// value
// ("a=1; b=2"); values are passed on as they came. Empty when there is none. Names are
// case-sensitive; a pair without '=' is none.
std::string select_cookies(HeaderSpan headers, std::span<const std::string> names);

}  // namespace carillon::http
