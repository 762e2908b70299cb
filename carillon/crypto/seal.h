// Values of ours that lie where others can read and write: under keys nobody else can do either.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "carillon/base/secret.h"
#include "carillon/crypto/fernet.h"

namespace carillon::crypto {

// Movable, and used by one thread at a time (see FernetKey).
class Seal {
 public:
  // The first of `keys` seals, each of them opens. Without keys a sealed text is the text itself.
  explicit Seal(const std::vector<Secret>& keys);

  // `name` is where the text will lie; under another name it does not open. Unix time.
  std::string seal(std::string_view name, std::string_view text, int64_t now_s) const;
  // Nothing for what was sealed by others, under another name, or more than `max_age_s` ago.
  std::optional<std::string> open(std::string_view name,
                                  std::string_view sealed,
                                  int64_t now_s,
                                  uint32_t max_age_s) const;

 private:
  std::vector<FernetKey> keys_;
};

}  // namespace carillon::crypto
