#include "carillon/ws/bounded_append.h"

#include <algorithm>

#include "carillon/base/assert.h"

namespace carillon::ws {

void append_bounded(std::string& out, std::string_view piece, size_t bytes_max) {
  const size_t wanted = out.size() + piece.size();
  CARILLON_DCHECK(wanted <= bytes_max);
  if (wanted > out.capacity()) {
    // A fresh string gets the capacity it asks for; reserve() on the old one would double it.
    std::string grown;
    grown.reserve(std::max(wanted, std::min(out.capacity() * 2, bytes_max)));
    grown.append(out);
    out = std::move(grown);
  }
  out.append(piece);
}

}  // namespace carillon::ws
