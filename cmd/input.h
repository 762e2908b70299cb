// What a command reads: JSON and tokens, from an argument or from standard input.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/json/value.h"

namespace carillon::cmd {

// All of `file`, at most 1 MiB ("too_long" beyond).
Result<std::string, Error> read_all(std::FILE* file);

// `argument`, or what stands on `input` when it is "-", or empty while nobody types there.
Result<std::string, Error> argument_or_input(const std::string& argument,
                                             std::FILE* input,
                                             bool is_interactive);

// `text` as JSON; the error names `what` it was meant to be. No text at all is null.
Result<json::Value, Error> parse_json_argument(std::string_view text, std::string_view what);

}  // namespace carillon::cmd
