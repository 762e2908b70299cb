// What went wrong in the world outside (network, files, settings), for the person who can act.
#pragma once

#include <string>

namespace carillon {

// `what` is one line: what failed, where, and what to do about it. It never holds a secret.
struct Error {
  std::string code;  // stable, snake_case, for machines: "address_in_use"
  std::string what;
};

}  // namespace carillon
